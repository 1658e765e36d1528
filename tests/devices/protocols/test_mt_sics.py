"""MT-SICS: stable and moving, the refusals, and answers that only acknowledge."""

import pytest

from tests.devices.frames import SICS, decoded, kinds, measures


def test_a_stable_answer_is_a_stable_weight():
    [event] = decoded("mt-sics", SICS)
    assert event["measures"] == [{"quantity": "weight", "value": "100.00", "unit": "g"}]
    assert event["stable"] is True


def test_a_moving_weight_is_shown_and_not_read():
    [event] = decoded("mt-sics", b"S D      72.48 kg\r\n")
    assert event == {"event": "unstable", "measures": [{"quantity": "weight", "value": "72.48", "unit": "kg"}]}


def test_a_weight_below_zero_keeps_its_sign():
    assert measures("mt-sics", b"S S      -0.02 kg\r\n") == [("weight", "-0.02", "kg")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"S +\r\n", "overload"),
        (b"S -\r\n", "underload"),
        (b"S I\r\n", "device"),
        (b"ES\r\n", "unknown-command"),
        (b"ET\r\n", "device"),
        (b"EL\r\n", "device"),
    ],
)
def test_a_refusal_is_an_error_without_a_number(line: bytes, code: str):
    [event] = decoded("mt-sics", line)
    assert (event["event"], event["code"]) == ("device_error", code)


@pytest.mark.parametrize(
    "line", [b'I4 A "1126493049"\r\n', b'I2 A "XS204 220.0090 g"\r\n', b"Z A\r\n", b"T S 1.00 g\r\n"]
)
def test_answers_that_only_acknowledge_print_nothing(line: bytes):
    assert decoded("mt-sics", line) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"S S         12 PCS\r\n", "not-a-measure"),
        (b"S S       1.20 oz\r\n", "unsupported-format"),
        (b"S S      7.2.8 kg\r\n", "malformed"),
        (b"S X      72.80 kg\r\n", "malformed"),
    ],
)
def test_what_is_no_weight_is_refused_with_its_reason(line: bytes, reason: str):
    assert kinds("mt-sics", line) == [reason]
