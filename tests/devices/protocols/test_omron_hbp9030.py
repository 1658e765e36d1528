"""Omron HBP-9030: format 5 to the letter, every other format refused by name."""

import pytest

from tests.devices.frames import OMRON, OMRON_ERROR, decoded, kinds, measures

OTHER_FORMATS = [
    b"MMBP203N\r2026.07.11\r120\r080\r072\r",
    b"ID99999999B26/07/11/09:05 120 080 072 ",
    b"bp,12345678901234567890,2026/07/11,09:05,120,090,080,072,0\r",
]
MEASURES = [("systolic", "120", "mmHg"), ("diastolic", "80", "mmHg"), ("heart_rate", "72", "/min")]


def line(vitals: str = "120,080,072", error: str = "0", movement: str = "0", time: str = "2026,07,11,09,05") -> bytes:
    return f"{time},12345678901234567890,{error},{vitals},{movement}\r\n".encode()


def test_a_line_gives_pressure_pulse_and_the_kiosks_time():
    [event] = decoded("omron-hbp9030", OMRON)
    assert measures("omron-hbp9030", OMRON) == MEASURES
    assert (event["device_time"], event["stable"], event["flags"]) == ("2026-07-11T09:05", None, [])


def test_movement_is_a_flag():
    [event] = decoded("omron-hbp9030", line(movement="1"))
    assert event["flags"] == ["movement"]


def test_an_error_names_its_number_and_gives_no_values():
    [event] = decoded("omron-hbp9030", OMRON_ERROR)
    assert (event["event"], event["code"]) == ("device_error", "device")
    assert "error 7" in event["message"]


def test_an_error_that_carries_numbers_gives_none():
    assert kinds("omron-hbp9030", line(error="7")) == ["device_error"]


@pytest.mark.parametrize(
    "time", ["2025,02,29,09,05", "2026,13,11,09,05", "2026,07,11,24,05", "2026,07,11,09,60", "2026,00,11,09,05"]
)
def test_a_time_that_does_not_exist_is_malformed(time: str):
    assert kinds("omron-hbp9030", line(time=time)) == ["malformed"]


def test_a_leap_day_is_read():
    assert kinds("omron-hbp9030", line(time="2024,02,29,23,59")) == ["reading"]


@pytest.mark.parametrize(
    "broken",
    [
        OMRON.replace(b"072,0\r", b"072\r"),
        OMRON.replace(b"072,0\r", b"072,0,9\r"),
        OMRON.replace(b",120,", b",+20,"),
        OMRON.replace(b",120,", b", 20,"),
        OMRON.replace(b",120,", b",120junk,"),
        OMRON.replace(b"2026,", b"2026;"),
        OMRON.replace(b"123456789012345", b"1234,6789012345"),
        OMRON.replace(b"12345678901234567890", b"1234567890123456789"),
        OMRON.replace(b"120,080,072", b"   ,   ,   "),
        OMRON_ERROR.replace(b"   ,   ,   ,0", b"120,   ,072,0"),
    ],
)
def test_anything_but_53_exact_characters_is_malformed(broken: bytes):
    assert kinds("omron-hbp9030", broken) == ["malformed"]


@pytest.mark.parametrize("vitals", ["060,030,040", "260,215,180", "061,060,180"])
def test_the_makers_ranges_include_their_ends(vitals: str):
    assert kinds("omron-hbp9030", line(vitals)) == ["reading"]


@pytest.mark.parametrize(
    "vitals",
    ["059,030,072", "261,080,072", "120,029,072", "260,216,072", "120,080,039", "120,080,181", "080,080,072",
     "080,120,072", "000,080,072", "120,080,000"],
)  # fmt: skip
def test_values_the_kiosk_cannot_measure_are_refused(vitals: str):
    assert kinds("omron-hbp9030", line(vitals)) == ["out-of-range"]


@pytest.mark.parametrize("other", OTHER_FORMATS)
def test_formats_1_to_4_are_refused_by_name(other: bytes):
    [event] = decoded("omron-hbp9030", other)
    assert event["reason"] == "unsupported-format"
    assert "item 32 to 5" in event["message"]


@pytest.mark.parametrize("other", OTHER_FORMATS)
def test_format_5_is_read_after_another_format(other: bytes):
    assert kinds("omron-hbp9030", other + OMRON) == ["unsupported-format", "reading"]


@pytest.mark.parametrize("other", OTHER_FORMATS)
def test_another_format_in_single_bytes_is_refused_once(other: bytes):
    assert kinds("omron-hbp9030", *(bytes([byte]) for byte in other)) == ["unsupported-format"]


def test_a_line_is_not_complete_without_its_line_end():
    assert kinds("omron-hbp9030", OMRON.rstrip()) == ["malformed"]
