"""Detecto: the MedVue's states, and the solo's height behind its index."""

import pytest

from tests.devices.frames import MEDVUE, SOLO, decoded, kinds, measures


def test_a_blank_status_is_not_taken_for_a_stable_flag():
    [event] = decoded("detecto", MEDVUE)
    assert event["measures"] == [{"quantity": "weight", "value": "123.4", "unit": "lb"}]
    assert event["stable"] is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"   72.8 KG G MO\r", "unstable"),
        (b"    0.0 KG G CZ\r", "reading"),
        (b"   -0.5 KG G BZ\r", "device_error"),
        (b"-   0.5 KG G BZ \r", "device_error"),
        (b"    0.0 KG G EE\r", "device_error"),
        (b"  999.9 KG G OC\r", "device_error"),
        (b"   72.8 KG G XY\r", "unsupported-format"),
        (b"   72.8 ST G   \r", "malformed"),
    ],
)
def test_every_status_has_its_answer(line: bytes, kind: str):
    assert kinds("detecto", line) == [kind]


def test_a_net_weight_is_flagged():
    assert decoded("detecto", b"   72.8 KG N   \r")[0]["flags"] == ["net"]


def test_the_manuals_solo_line_has_a_height_its_own_index_contradicts():
    [event] = decoded("detecto", SOLO)
    assert [measure["quantity"] for measure in event["measures"]] == ["weight"]
    assert event["flags"] == ["height-contradicts-bmi"]


def test_feet_and_inches_that_the_index_bears_out_are_inches():
    assert measures("detecto", SOLO.replace(b"21.5", b"23.4")) == [("weight", "132.3", "lb"), ("height", "63.0", "in")]


def test_a_line_without_a_clock_or_a_height_gives_its_weight():
    assert measures("detecto", b"--:--,--/--/--,--.-,-,132.3lb\r") == [("weight", "132.3", "lb")]


def test_a_height_in_a_layout_no_manual_shows_is_left_out():
    assert decoded("detecto", b"12:00,08/07/15,23.4,160.0cm,60.0kg\r")[0]["flags"] == ["height-not-read"]
