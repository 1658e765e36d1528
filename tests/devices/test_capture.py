"""When a value counts as measured."""

from decimal import Decimal

import pytest

from biobank.devices.capture import Capture, Captured
from biobank.devices.decoding import Heard
from biobank.devices.events import DeviceClock, DeviceError, Measure, Reading, Reason, Rejected, Scan, Unstable
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


@pytest.fixture
def flagged() -> Capture:
    return Capture(Manner.FLAGGED)


def stable(value: str) -> Heard:
    return Heard(Reading((Measure("weight", Decimal(value), "kg"),), stable=True), b"frame")


def moving(value: str) -> Heard:
    return Heard(Unstable((Measure("weight", Decimal(value), "kg"),)))


def test_three_equal_stable_frames_are_a_reading_at_once(flagged: Capture):
    [captured] = play(flagged, (0, stable("72.8")), (0.1, stable("72.8")), (0.2, stable("72.8")))
    assert (captured.repeat, captured.event.flags) == (3, ())


def test_a_stable_frame_between_others_is_not_enough(flagged: Capture):
    assert not play(flagged, (0, stable("72.8")), (0.1, stable("32.8")), (0.2, stable("72.8")), (0.3, moving("70.0")))


def test_a_frame_that_moves_starts_the_agreement_again(flagged: Capture):
    steps = [(0, stable("72.8")), (0.1, stable("72.8")), (0.2, moving("72.9")), (0.3, stable("72.8"))]
    assert not play(flagged, *steps)


def test_one_stable_frame_with_silence_around_it_is_to_be_confirmed(flagged: Capture):
    play(flagged, (10, stable("72.8")))
    assert [flagged.tick(11.4), [one.event.flags for one in flagged.tick(11.6)]] == [[], [("confirm",)]]


def test_a_last_frame_of_a_stream_is_no_single_frame(flagged: Capture):
    play(flagged, (0, stable("72.8")), (0.1, stable("72.8")), (0.2, stable("72.8")), (0.3, stable("32.8")))
    assert flagged.tick(60) == []


def test_a_single_frame_is_given_once(flagged: Capture):
    play(flagged, (10, stable("72.8")))
    assert [len(flagged.tick(at)) for at in (12, 13, 14)] == [1, 0, 0]


def test_a_single_frame_is_completed_by_the_next_one_after_its_silence(flagged: Capture):
    assert values(play(flagged, (10, stable("72.8")), (30, stable("64.0")))) == ["72.8"]


def test_a_flagged_scale_that_was_empty_gives_the_next_person(flagged: Capture):
    first = [(at / 10, stable("72.8")) for at in range(3)]
    second = [(1 + at / 10, stable("72.8")) for at in range(3)]
    assert values(play(flagged, *first, (0.5, stable("0.0")), *second)) == ["72.8", "72.8"]


def test_less_than_nothing_is_an_empty_scale(flagged: Capture):
    assert not play(flagged, *((at / 10, stable("-0.2")) for at in range(9)))


@pytest.fixture
def memory() -> Capture:
    return Capture(Manner.REMEMBERED)


def record(minute: str, value: str = "120") -> Heard:
    return Heard(Reading((Measure("systolic", Decimal(value), "mmHg"),), device_time=f"2026-07-11T09:{minute}"))


LOOKED = Heard(DeviceClock("2026-07-11T09:05"))


def test_a_record_made_after_our_first_look_is_kept_once_however_often_it_is_asked_for(memory: Capture):
    play(memory, (0, LOOKED))
    assert len(play(memory, (1, record("06")), (2, record("06")), (9, LOOKED), (10, record("06")))) == 1
    assert memory.duplicates == 2


def test_a_record_from_before_is_refused_with_words(memory: Capture):
    assert not play(memory, (0, LOOKED), (1, record("05")))
    assert ("older record" in memory.refusal, memory.refused) == (True, 1)


def test_a_record_before_the_clock_was_seen_is_refused(memory: Capture):
    assert not play(memory, (0, record("06")))


def test_a_record_without_a_time_is_refused(memory: Capture):
    assert not play(memory, (0, LOOKED), (1, weight("72.8")))


def test_two_records_of_one_minute_are_two(memory: Capture):
    assert values(play(memory, (0, LOOKED), (1, record("06")), (2, record("06", "124")))) == ["120", "124"]


def test_an_older_record_that_comes_up_again_is_refused(memory: Capture):
    assert values(play(memory, (0, LOOKED), (1, record("06")), (2, record("07")), (3, record("06")))) == ["120", "120"]


def test_after_the_port_was_lost_the_clock_is_looked_at_anew(memory: Capture):
    play(memory, (0, LOOKED))
    memory.cancel()
    assert not play(memory, (1, record("06")))


def test_a_date_without_values_is_no_reading(memory: Capture):
    assert not play(memory, (0, LOOKED), (1, Heard(Reading((), device_time="2026-07-11T09:09"))))


def test_a_line_without_its_usual_checksum_is_to_be_confirmed():
    unchecked = Heard(Reading((Measure("weight", Decimal("12.5"), "kg"),), flags=("without-checksum",)))
    [captured] = play(Capture(Manner.ONCE_CHECKED), (0, unchecked))
    assert captured.event.flags == ("without-checksum", "confirm")
