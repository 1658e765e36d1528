"""SunTech: frames that add up to zero, and the maker's worked example."""

import pytest

from tests.devices.frames import SUNTECH, decoded, kinds

PUBLISHED = ["3a20a6", "3a79050048", "3a7903004a", "3e050201ba", "3e044b73"]


def result(**changes: int) -> bytes:
    """The worked example with bytes changed by their offset, its checksum made right."""
    frame = bytearray(SUNTECH)
    for at, value in changes.items():
        frame[int(at.removeprefix("at"))] = value
    return bytes(frame[:-1]) + bytes([-sum(frame[:-1]) % 256])


def test_the_worked_example_is_pressure_mean_and_pulse():
    [event] = decoded("suntech", SUNTECH)
    assert {measure["quantity"]: measure["value"] for measure in event["measures"]} == {
        "systolic": "115", "diastolic": "74", "mean_arterial_pressure": "88", "heart_rate": "85",
    }  # fmt: skip


@pytest.mark.parametrize("frame", PUBLISHED)
def test_the_other_published_frames_print_nothing(frame: str):
    assert decoded("suntech", bytes.fromhex(frame)) == []


@pytest.mark.parametrize("frame", [*PUBLISHED, SUNTECH.hex()])
def test_every_published_frame_adds_up_to_zero(frame: str):
    assert sum(bytes.fromhex(frame)) % 256 == 0


def test_an_error_names_its_number_and_gives_no_values():
    [event] = decoded("suntech", result(at20=97))
    assert (event["code"], "error 97" in event["message"]) == ("device", True)


@pytest.mark.parametrize("frame", [result(at2=0), result(at4=120), result(at16=0), result(at18=60)])
def test_values_that_cannot_be_are_refused(frame: bytes):
    assert kinds("suntech", frame) == ["out-of-range"]


def test_a_byte_no_source_explains_is_not_guessed():
    assert kinds("suntech", result(at17=1)) == ["unsupported-format"]


def test_a_wrong_checksum_is_refused_and_the_next_frame_read():
    assert kinds("suntech", SUNTECH[:-1] + b"\x00" + SUNTECH) == ["checksum", "reading"]
