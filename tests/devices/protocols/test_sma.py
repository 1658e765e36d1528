"""SMA SCP-0499: twenty bytes, the motion flag, the states, and answers that only acknowledge."""

import pytest

from tests.devices.frames import SMA, decoded, kinds


def weight_line(
    state: str = " ", kind: str = "G", motion: str = " ", value: str = "72.80", unit: str = "kg", custom: str = " "
) -> bytes:
    return f"\n{state}1{kind}{motion}{custom}{value:>10}{unit:<3}\r".encode()


def test_the_standards_frame_is_a_stable_weight():
    [event] = decoded("sma", SMA)
    assert event["measures"] == [{"quantity": "weight", "value": "5.025", "unit": "lb"}]
    assert (event["stable"], event["flags"]) == (True, [])


def test_a_frame_in_motion_is_shown_and_not_read():
    [event] = decoded("sma", b"\n 1GM      7.650kg \r")
    assert event == {"event": "unstable", "measures": [{"quantity": "weight", "value": "7.650", "unit": "kg"}]}


@pytest.mark.parametrize(
    ("state", "code"),
    [("O", "overload"), ("U", "underload"), ("E", "device"), ("I", "device"), ("T", "device")],
)
def test_a_scales_trouble_is_an_error_without_a_number(state: str, code: str):
    [event] = decoded("sma", weight_line(state, value="----------"))
    assert (event["event"], event["code"]) == ("device_error", code)


def test_an_overload_that_carries_a_number_gives_none():
    assert kinds("sma", weight_line("O", value="199.9")) == ["device_error"]


@pytest.mark.parametrize(("answer", "code"), [(b"\n?\r", "unknown-command"), (b"\n!\r", "device")])
def test_what_the_scale_does_not_understand_is_an_error(answer: bytes, code: str):
    assert decoded("sma", answer)[0]["code"] == code


@pytest.mark.parametrize("answer", [b"\nSMA:2/1.0\r", b"\nMFG:FAIRBANKS\r\nMOD:FB2550\r\nREV:1\r\nEND:\r"])
def test_answers_that_only_acknowledge_print_nothing(answer: bytes):
    assert decoded("sma", answer) == []


def test_a_frame_is_had_at_its_carriage_return_and_not_at_the_next_line_feed():
    assert kinds("sma", SMA + b"\n") == ["reading", "malformed"]


def test_a_net_weight_in_high_resolution_is_flagged():
    assert decoded("sma", weight_line(kind="n"))[0]["flags"] == ["net"]


def test_the_reserved_character_may_be_anything():
    assert kinds("sma", weight_line(custom="h")) == ["reading"]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (weight_line(kind="T"), "not-a-measure"),
        (weight_line(unit="oz"), "unsupported-format"),
        (weight_line(value="7 2.8"), "malformed"),
        (weight_line(motion="x"), "malformed"),
        (SMA.replace(b"5.025", b"5.02"), "malformed"),
    ],
)
def test_what_is_no_weight_is_refused_with_its_reason(frame: bytes, reason: str):
    assert kinds("sma", frame) == [reason]


def test_an_echo_before_the_answer_does_not_spoil_it():
    assert kinds("sma", b"W" + SMA)[-1] == "reading"
