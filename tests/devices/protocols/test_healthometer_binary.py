"""Chair and baby scales: the pair D7 E4, the unit byte and the digits."""

import pytest

from tests.devices.frames import CHAIR, decoded, kinds, measures


def packet(unit: int, digits: bytes, start: int = 2) -> bytes:
    return bytes([start, unit, 0xD7, 0xE4]) + digits + b"\r"


def test_the_makers_packet_is_pounds_without_a_stable_flag():
    [event] = decoded("healthometer-binary", CHAIR)
    assert event["measures"] == [{"quantity": "weight", "value": "123.4", "unit": "lb"}]
    assert (event["stable"], event["flags"]) == (None, [])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (packet(0x82, b" 56.7"), ("56.7", "kg")),
        (packet(0x80, b"012.345"), ("12.345", "lb")),
        (packet(0x82, b"  3.450", start=1), ("3.450", "kg")),
        (packet(0xB0, b"001.2"), ("-1.2", "lb")),
        (packet(0xB2, b"001.2"), ("-1.2", "kg")),
    ],
)
def test_the_unit_byte_tells_pounds_kilograms_and_below_zero(data: bytes, expected: tuple[str, str]):
    assert measures("healthometer-binary", data) == [("weight", *expected)]


@pytest.mark.parametrize("data", [packet(0x81, b"123.4"), packet(0x80, b"1234."), packet(0x80, b"1.2.3")])
def test_a_packet_that_cannot_be_read_is_refused(data: bytes):
    assert kinds("healthometer-binary", data) == ["malformed"]


def test_a_packet_cut_off_by_the_next_is_refused_and_the_next_is_read():
    assert kinds("healthometer-binary", CHAIR[:7] + CHAIR) == ["malformed", "reading"]
