"""Readings of devices: where each measure goes, and what waits for the clerk."""

import pytest

from biobank.db import Tx
from biobank.errors import Conflict
from biobank.measurements import actions
from biobank.participants.actions import withdraw
from biobank.visits.models import Visit
from tests.measurements.factories import claimed, make_reading, take, type_in
from tests.visits.factories import make_open_visit


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


def test_a_scale_fills_weight_and_height(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, weight="82.7", height="170")
    assert (sheet.entry["weight"], sheet.entry["height"]) == ("82.7", "170.0")
    assert sheet.current["value", "weight", 0].device == "scale"


def test_pounds_from_a_scale_are_converted_and_kept_as_sent(tx: Tx, visit: Visit) -> None:
    entry = take(tx, visit, unit="lb", weight="160.6").value_at("weight", 0)
    assert entry is not None
    assert (entry.value, entry.typed_text, entry.typed_unit) == ("72.8", "160.6", "lb")


def test_a_weight_without_a_unit_is_refused(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, unit=None, weight="160.6")
    assert sheet.entry["weight"] is None
    assert [row.outcome for row in sheet.readings] == ["refused"]


def test_each_pressure_reading_takes_the_next_free_place(tx: Tx, visit: Visit) -> None:
    for systolic in ("118", "120"):
        sheet = take(tx, visit, systolic=systolic, diastolic="78", heart_rate="66")
    assert sheet.entry["systolic"] == ["118", "120", None]
    assert sheet.entry["heart_rate"] == ["66", "66", None]


def test_a_place_half_filled_by_hand_is_passed_over(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, heart_rate_1="70")
    assert take(tx, visit, systolic="118", diastolic="78").entry["systolic"] == [None, "118", None]


def test_a_fourth_pressure_reading_goes_nowhere_by_itself(tx: Tx, visit: Visit) -> None:
    for systolic in ("118", "120", "122", "140"):
        sheet = take(tx, visit, systolic=systolic, diastolic="78", heart_rate="66")
    assert sheet.entry["systolic"] == ["118", "120", "122"]
    assert [row.measures[0] for row in sheet.spare_readings] == [["systolic", "140", "mmHg"]]


def test_a_clerk_can_use_the_fourth_for_a_place(tx: Tx, visit: Visit) -> None:
    for systolic in ("118", "120", "122", "140"):
        sheet = take(tx, visit, systolic=systolic, diastolic="78", heart_rate="66")
    spare = sheet.spare_readings[0]
    sheet = actions.use_reading(tx, visit.id, reading_id=spare.reading_id, measure="blood_pressure", replicate=2)
    assert sheet.entry["systolic"] == ["118", "140", "122"]
    assert [entry.value for entry in sheet.replaced_at("systolic", 2)] == ["120"]
    assert sheet.spare_readings == ()


def test_a_second_weight_waits_for_the_clerk(tx: Tx, visit: Visit) -> None:
    take(tx, visit, weight="82.7")
    sheet = take(tx, visit, weight="60.0")
    assert sheet.entry["weight"] == "82.7"
    assert len(sheet.spare_readings) == 1


def test_a_reading_beyond_a_limit_is_shown_refused_and_never_stored(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, systolic="118", diastolic="119", heart_rate="66")
    assert sheet.entries == ()
    assert sheet.refused_readings[0].reason["code"] == "not-below-systolic"


def test_a_reading_taken_twice_counts_once(tx: Tx, visit: Visit) -> None:
    event = claimed(tx, visit, make_reading(tx, visit, systolic="118", diastolic="78", heart_rate="66"))
    actions.record_reading(tx, event)
    actions.record_reading(tx, event)
    assert actions.sheet_of(tx, visit.id).entry["systolic"] == ["118", None, None]


def test_a_height_that_the_device_doubts_is_not_stored(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, flags=("height-contradicts-bmi",), weight="82.7", height="107")
    assert (sheet.entry["weight"], sheet.entry["height"]) == ("82.7", None)


def test_a_reading_still_moving_is_set_aside(tx: Tx, visit: Visit) -> None:
    event = claimed(tx, visit, make_reading(tx, visit, weight="82.7"), stable=False)
    actions.record_reading(tx, event)
    assert actions.sheet_of(tx, visit.id).spare_readings[0].reason["code"] == "moving"


def test_a_pregnant_participant_is_still_weighed(tx: Tx, visit: Visit) -> None:
    actions.set_flag(tx, visit.id, "pregnant", value=True)
    assert take(tx, visit, weight="82.7").entry["weight"] == "82.7"


def test_a_reading_for_a_refused_place_takes_the_next(tx: Tx, visit: Visit) -> None:
    actions.set_modification(tx, visit.id, measure="blood_pressure", replicate=1, code="refusal")
    assert take(tx, visit, systolic="118", diastolic="78").entry["systolic"] == [None, "118", None]


def test_a_value_without_checksum_waits_for_a_look_at_the_display(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, flags=("confirm",), systolic="118", diastolic="78", heart_rate="66")
    assert [entry.ref for entry in sheet.unchecked] == ["systolic.1", "diastolic.1", "heart_rate.1"]
    sheet = actions.confirm_value(tx, visit.id, ["systolic.1", "diastolic.1", "heart_rate.1"])
    assert sheet.unchecked == ()


def test_a_correction_by_hand_needs_no_look(tx: Tx, visit: Visit) -> None:
    take(tx, visit, flags=("confirm",), systolic="118", diastolic="78")
    assert [entry.ref for entry in type_in(tx, visit, systolic_1="181").unchecked] == ["diastolic.1"]


def test_a_reading_of_somebody_who_withdrew_is_not_kept(tx: Tx, visit: Visit) -> None:
    withdraw(tx, visit.participant_id, "not-said")
    assert take(tx, visit, weight="82.7").readings == ()
    with pytest.raises(Conflict, match="Nothing more may be recorded"):
        type_in(tx, visit, weight="82.7")
