"""When a value counts as measured."""

from decimal import Decimal

import pytest

from biobank.devices.capture import Capture, Captured
from biobank.devices.decoding import Heard
from biobank.devices.events import DeviceError, Measure, Reading, Reason, Rejected, Scan
from biobank.devices.protocol import Manner


def weight(value: str, unit: str = "kg", height: str | None = None) -> Heard:
    rod = [Measure("height", Decimal(height), "cm")] if height else []
    return Heard(Reading((Measure("weight", Decimal(value), unit), *rod)), b"frame")


def play(capture: Capture, *steps: tuple[float, Heard]) -> list[Captured]:
    return [captured for at, heard in steps for captured in capture.take(heard, at)]


def values(captured: list[Captured]) -> list[str]:
    return [str(measure.value) for one in captured for measure in one.event.measures]


@pytest.fixture
def scale() -> Capture:
    return Capture(Manner.REPEATED)


def test_three_equal_frames_over_two_seconds_are_a_reading(scale: Capture):
    [captured] = play(scale, (0, weight("72.8")), (1, weight("72.8")), (2, weight("72.8")))
    assert (values([captured]), captured.repeat) == (["72.8"], 3)


def test_three_equal_frames_in_less_than_two_seconds_are_not_yet(scale: Capture):
    assert not play(scale, (0, weight("72.8")), (0.9, weight("72.8")), (1.9, weight("72.8")))


def test_two_frames_two_seconds_apart_are_not_enough(scale: Capture):
    assert not play(scale, (0, weight("72.8")), (2.5, weight("72.8")))


def test_a_single_recalled_frame_is_never_a_reading(scale: Capture):
    assert not play(scale, (0, weight("91.4")), (10, weight("72.8")), (11, weight("72.8")))


def test_a_value_that_moves_starts_the_plateau_again(scale: Capture):
    steps = [(0, weight("72.8")), (1, weight("72.8")), (2, weight("72.9")), (3, weight("72.9")), (4, weight("72.9"))]
    assert values(play(scale, *steps)) == ["72.9"]


def test_a_weight_repeated_every_second_is_one_reading_and_counted(scale: Capture):
    assert values(play(scale, *((at, weight("72.8")) for at in range(30)))) == ["72.8"]
    assert scale.duplicates > 20


def test_a_change_of_unit_starts_the_plateau_again(scale: Capture):
    steps = [(0, weight("160.5", "lb")), (1, weight("160.5", "lb")), (2, weight("72.8")), (3, weight("72.8"))]
    assert not play(scale, *steps)


def test_zero_is_an_empty_scale_and_no_weight(scale: Capture):
    assert not play(scale, *((at, weight("0.0")) for at in range(10)))


def test_two_people_of_the_same_weight_are_two_readings_when_the_scale_was_empty(scale: Capture):
    first = [(at, weight("72.8")) for at in range(3)]
    second = [(at, weight("72.8")) for at in range(4, 7)]
    assert values(play(scale, *first, (3, weight("0.0")), *second)) == ["72.8", "72.8"]


def test_two_people_of_the_same_weight_are_two_readings_after_more_than_five_seconds(scale: Capture):
    first = [(at, weight("72.8")) for at in range(3)]
    second = [(at + 5.1, weight("72.8")) for at in range(2, 5)]
    assert values(play(scale, *first, *second)) == ["72.8", "72.8"]


def test_a_pause_of_five_seconds_is_still_the_same_measurement(scale: Capture):
    first = [(at, weight("72.8")) for at in range(3)]
    assert values(play(scale, *first, (7, weight("72.8")), (8, weight("72.8")), (9, weight("72.8")))) == ["72.8"]


def test_a_height_that_comes_later_completes_the_same_measurement(scale: Capture):
    first = [(at, weight("72.8")) for at in range(3)]
    later = [(at, weight("72.8", height="172.7")) for at in range(3, 6)]
    assert values(play(scale, *first, *later)) == ["72.8", "172.7"]


def test_nothing_from_before_a_lost_port_counts(scale: Capture):
    play(scale, (0, weight("72.8")), (1, weight("72.8")))
    scale.cancel()
    assert not play(scale, (2, weight("72.8")))


def test_a_finished_line_with_a_checksum_is_believed_once():
    capture = Capture(Manner.ONCE_CHECKED)
    assert len(play(capture, (0, weight("72.8")), (0.2, weight("72.8")))) == 1
    assert capture.duplicates == 1


def test_the_same_result_is_another_measurement_after_more_than_five_seconds():
    assert len(play(Capture(Manner.ONCE_CHECKED), (0, weight("72.8")), (5.1, weight("72.8")))) == 2


def test_another_result_is_another_measurement_at_once():
    assert values(play(Capture(Manner.ONCE_CHECKED), (0, weight("72.8")), (1, weight("64.0")))) == ["72.8", "64.0"]


def test_a_finished_line_without_a_checksum_is_to_be_confirmed():
    [captured] = play(Capture(Manner.ONCE_UNCHECKED), (0, weight("72.8")))
    assert captured.event.flags == ("confirm",)


def test_a_code_the_scanner_sends_again_is_one_scan():
    scan = Heard(Scan("S123456789012"), b"")
    assert len(play(Capture(Manner.SCANNED), (0, scan), (2.0, scan), (9.0, scan))) == 2


@pytest.mark.parametrize("event", [DeviceError("overload", "over"), Rejected(Reason.NOISE, "noise")])
@pytest.mark.parametrize("manner", list(Manner))
def test_errors_and_refusals_are_never_captured(manner: Manner, event: DeviceError | Rejected):
    assert not play(Capture(manner), (0, Heard(event)), (1, Heard(event)), (2, Heard(event)))
