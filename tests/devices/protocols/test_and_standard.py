"""A&D's standard format and its ST,GS cousin."""

import pytest

from tests.devices.frames import decoded, kinds


@pytest.mark.parametrize(
    ("line", "value", "unit"),
    [
        (b"ST,+00000.00  g\r\n", "0.00", "g"),
        (b"ST,+001.2346 kg\r\n", "1.2346", "kg"),
        (b"ST,+00072.50 kg\r\n", "72.50", "kg"),
        (b"ST,-00012.50 lb\r\n", "-12.50", "lb"),
        (b"ST,GS,    0.0,kg\r\n", "0.0", "kg"),
        (b"ST,GS,+  4.876kg\r\n", "4.876", "kg"),
        (b"ST,GS,   72.50,kg\r\n", "72.50", "kg"),
        (b"ST,GS,- 72.5 lb\r\n", "-72.5", "lb"),
    ],
)
def test_a_stable_line_is_a_stable_weight_as_sent(line: bytes, value: str, unit: str):
    [event] = decoded("and", line)
    assert event["measures"] == [{"quantity": "weight", "value": value, "unit": unit}]
    assert event["stable"] is True


def test_an_unstable_line_is_shown_and_not_read():
    [event] = decoded("and", b"US,-0012.346 lb\r\n")
    assert event == {"event": "unstable", "measures": [{"quantity": "weight", "value": "-12.346", "unit": "lb"}]}


def test_a_net_weight_is_flagged():
    assert decoded("and", b"ST,NT,   72.5,kg\r\n")[0]["flags"] == ["net"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"OL,+9999.999 kg\r\n", "overload"),
        (b"OL,-9999.999 kg\r\n", "underload"),
        (b"OL,GS,  999.9,kg\r\n", "overload"),
        (b"UL,GS,    0.0,kg\r\n", "underload"),
        (b"TL,GS,    0.0,kg\r\n", "device"),
        (b"EC,E1\r\n", "unknown-command"),
        (b"EC,E0\r\n", "device"),
    ],
)
def test_a_scales_trouble_is_an_error_without_a_number(line: bytes, code: str):
    [event] = decoded("and", line)
    assert (event["event"], event["code"]) == ("device_error", code)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"QT,+00001234 PC\r\n", "not-a-measure"),
        (b"ST,+00012.34  %\r\n", "not-a-measure"),
        (b"ST,+00012.34 oz\r\n", "unsupported-format"),
        (b"ST,GS,   72.5,xx\r\n", "unsupported-format"),
        (b"S      72.50 kg\r\n", "unsupported-format"),
        (b"SI+\r\n", "unsupported-format"),
        (b"ST,+0072.50 kg\r\n", "malformed"),
        (b"ST,+00072,50 kg\r\n", "malformed"),
        (b"ST,00072.500 kg\r\n", "malformed"),
        (b"XX,+00072.50 kg\r\n", "malformed"),
    ],
)
def test_what_is_no_weight_is_refused_with_its_reason(line: bytes, reason: str):
    assert kinds("and", line) == [reason]


def test_an_acknowledging_byte_says_nothing():
    assert kinds("and", b"\x06ST,+00072.50 kg\r\n\x06") == ["reading"]
