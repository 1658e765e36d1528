"""TaiDoc: eight-byte frames, dates packed in bits, records joined to their dates, and unknown models."""

import pytest

from biobank.devices.protocols.taidoc_asking import COMMANDS
from tests.devices.frames import TAIDOC, TAIDOC_DATE, decoded, decoder, kinds, sum_checked

TD_3128 = sum_checked(bytes.fromhex("512428310000a5"))
VALUES = [("systolic", "120"), ("diastolic", "80"), ("mean_arterial_pressure", "93"), ("heart_rate", "72")]


def values(*four: int) -> bytes:
    return sum_checked(bytes([0x51, 0x26, *four, 0xA5]))


def date(low: int, high: int, minute: int = 5, hour: int = 9) -> bytes:
    return sum_checked(bytes([0x51, 0x25, low, high, minute, hour, 0xA5]))


def test_a_record_is_pressure_mean_and_pulse():
    [event] = decoded("taidoc", TAIDOC)
    assert [(measure["quantity"], measure["value"]) for measure in event["measures"]] == VALUES


def test_a_record_has_the_date_that_came_before_it():
    [event] = decoded("taidoc", TD_3128 + TAIDOC_DATE + TAIDOC)
    assert (event["device_time"], len(event["measures"])) == ("2026-07-11T09:05", 4)


def test_a_date_belongs_to_one_record_alone():
    assert [event["device_time"] for event in decoded("taidoc", TAIDOC_DATE + TAIDOC + TAIDOC)] == [
        "2026-07-11T09:05",
        None,
    ]


@pytest.mark.parametrize(
    ("low", "high", "day"), [(0x21, 0x24, "2018-01-01"), (0x04, 0x27, "2019-08-04"), (0xEB, 0x34, "2026-07-11")]
)
def test_the_published_dates_are_read(low: int, high: int, day: str):
    assert decoded("taidoc", date(low, high))[0]["device_time"] == f"{day}T09:05"


def test_a_date_that_does_not_exist_is_refused_with_its_record():
    assert kinds("taidoc", date(0x00, 0x34) + TAIDOC) == ["malformed"]


@pytest.mark.parametrize(
    "frame",
    [
        "512200000000a316", "512200000000a518", "512b01000000a320", "512b01000000a522", "512500000001a31a",
        "512600000001a31b",
    ],
)  # fmt: skip
def test_questions_and_acknowledgements_print_nothing(frame: str):
    assert decoded("taidoc", bytes.fromhex(frame)) == []


def test_a_conversation_seen_from_outside_gives_its_one_record():
    heard = bytes.fromhex("512500000001a31a") + TAIDOC_DATE + bytes.fromhex("512600000001a31b") + TAIDOC
    assert [event["device_time"] for event in decoded("taidoc", heard)] == ["2026-07-11T09:05"]


def test_our_questions_are_the_published_ones():
    published = {bytes.fromhex(text) for text in ("512200000000a316", "512500000001a31a", "512600000001a31b")}
    assert published | {bytes.fromhex("512b01000000a320")} <= set(COMMANDS)


def test_the_record_of_a_meter_of_another_model_is_refused_by_name():
    other = sum_checked(bytes.fromhex("512477420000a5"))
    answers = decoded("taidoc", other + TAIDOC_DATE + TAIDOC)
    assert [answer["reason"] for answer in answers] == ["unsupported-format"] * 2
    assert "TD-4277" in answers[0]["message"]


@pytest.mark.parametrize(("minute", "hour"), [(0x45, 9), (0x85, 9), (5, 0x29), (5, 0x89)])
def test_a_record_with_an_unexplained_mark_is_refused(minute: int, hour: int):
    assert kinds("taidoc", date(0xEB, 0x34, minute, hour) + TAIDOC) == ["unsupported-format"]


@pytest.mark.parametrize(
    "four",
    [(0, 93, 80, 72), (80, 80, 80, 72), (120, 70, 80, 72), (120, 121, 80, 72), (120, 93, 80, 3), (255, 93, 80, 72)],
)
def test_values_that_cannot_be_are_refused(four: tuple[int, int, int, int]):
    assert kinds("taidoc", values(*four)) == ["out-of-range"]


def test_a_mean_that_was_not_sent_is_left_out():
    assert len(decoded("taidoc", values(120, 0, 80, 72))[0]["measures"]) == 3


def test_a_wrong_checksum_is_refused():
    assert kinds("taidoc", TAIDOC[:-1] + b"\x00") == ["checksum"]


def test_the_frame_after_a_damaged_one_is_read():
    assert kinds("taidoc", TAIDOC[:5] + TAIDOC) == ["noise", "reading"]


def test_the_meters_clock_is_heard_and_not_printed():
    clock = sum_checked(bytes.fromhex("5123eb340509a5"))
    assert decoded("taidoc", clock) == []
    assert decoder("taidoc").feed(clock)[0].event.device_time == "2026-07-11T09:05"
