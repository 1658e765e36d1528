"""Typed values: the unit is always said."""

import pytest

from tests.devices.frames import TYPED, decoded, kinds, measures


def test_a_typed_value_is_flagged_as_typed():
    [event] = decoded("manual", TYPED)
    assert (event["flags"], event["stable"]) == (["typed"], None)


def test_several_lines_are_several_values():
    assert measures("manual", b"height 172.7 cm\nsystolic 120 mmHg\n") == [
        ("height", "172.7", "cm"),
        ("systolic", "120", "mmHg"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"weight 72.8 cm\n", "not-a-measure"), (b"weight 72,8 kg\n", "malformed"), (b"waistline 84.0 cm\n", "malformed")],
)
def test_a_value_without_its_right_unit_is_refused(line: bytes, reason: str):
    assert kinds("manual", line) == [reason]
