"""Mitutoyo: a length without a unit."""

import pytest

from tests.devices.frames import decoded, kinds, measures


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"01A+0000.123\r", "0.123"),
        (b"01A+00.12345\r", "0.12345"),
        (b"01A-0012.500\r", "-12.500"),
        (b"02A+00084.00\r", "84.00"),
    ],
)
def test_a_length_has_every_digit_and_no_unit(line: bytes, value: str):
    assert measures("mitutoyo", line) == [("length", value, None)]


@pytest.mark.parametrize("line", [b"911\r", b"912\r"])
def test_a_line_that_begins_with_nine_is_an_error_with_its_number(line: bytes):
    [event] = decoded("mitutoyo", line)
    assert (event["code"], line.decode().strip() in event["message"]) == ("device", True)


@pytest.mark.parametrize(
    "line", [b"01A 0000.123\r", b"01A+000.1.23\r", b"01B+0000.123\r", b"01A+00.123\r", b"01A+........\r"]
)
def test_a_line_that_cannot_be_read_is_refused(line: bytes):
    assert kinds("mitutoyo", line) == ["malformed"]
