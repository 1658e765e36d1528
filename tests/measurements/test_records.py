"""Records: what is kept of every entry, where readings go, and what a record refuses."""

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.measurements import actions
from biobank.measurements.models import MeasurementEntry, Source
from biobank.measurements.storing import refuse_crossed
from biobank.measurements.typed import BadValue, read_typed
from biobank.visits.models import Step, Visit
from tests.measurements.factories import claimed, make_reading, measure_all, take, type_in
from tests.visits.factories import make_open_visit


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


def test_check_in_opens_a_draft_under_the_newest_protocol(tx: Tx, visit: Visit) -> None:
    record = actions.sheet_of(tx, visit.id).record
    assert (record.protocol_id, record.state, record.version) == ("adult-1", "draft", 0)


def test_what_was_typed_is_kept_beside_the_value(tx: Tx, visit: Visit) -> None:
    sheet = actions.record_value(tx, visit.id, field="weight", replicate=None, text="100.2", unit="lb")
    entry = sheet.value_at("weight", 0)
    assert entry is not None
    assert (entry.value, entry.typed_text, entry.typed_unit, entry.source) == ("45.4", "100.2", "lb", Source.TYPED)


@pytest.mark.parametrize(("text", "value"), [("5 8", "172.7"), ("5'8\"", "172.7"), ("5 ft 8 in", "172.7"),
                                             ("6", "182.9"), ("5 8.5", "174.0")])  # fmt: skip
def test_feet_and_inches_are_read_as_people_write_them(tx: Tx, visit: Visit, text: str, value: str) -> None:
    sheet = actions.record_value(tx, visit.id, field="height", replicate=None, text=text, unit="ft in")
    assert sheet.entry["height"] == value


@pytest.mark.parametrize(("field", "text", "unit", "code"), [
    ("height", "300", None, "above-limit"), ("height", "0", None, "not-positive"), ("height", "1e2", None, "not-a-number"),
    ("height", "172.75", None, "too-precise"), ("height", "5 12", "ft in", "not-a-number"),
    ("weight", "2300", "lb", "above-limit"), ("weight", "72,8", "lb", "not-a-number"),
    ("height", "9" * 500, None, "not-a-number"), ("height", "tall", "ft in", "not-a-number"),
])  # fmt: skip
def test_a_typed_value_beyond_the_rules_is_refused(
    tx: Tx, visit: Visit, field: str, text: str, unit: str | None, code: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        actions.record_value(tx, visit.id, field=field, replicate=None, text=text, unit=unit)
    assert refusal.value.code == code
    assert actions.sheet_of(tx, visit.id).entries == ()


def test_a_diastolic_above_its_systolic_is_refused(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_1="120")
    with pytest.raises(BadValue, match="not below the systolic"):
        type_in(tx, visit, diastolic_1="120")


def test_a_replaced_value_stays(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, weight="72.8") and type_in(tx, visit, weight="73.1")
    assert [entry.value for entry in sheet.replaced_at("weight", 0)] == ["72.8"]
    assert sheet.entry["weight"] == "73.1"


def test_the_database_refuses_to_change_an_entry(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, weight="72.8")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tx.session.begin_nested():
        tx.session.execute(sa.update(MeasurementEntry).values(value="50.0"))


def test_the_version_rises_with_every_entry(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, weight="72.8", height="172.7")
    assert sheet.record.version == 2
    assert [entry.seq for entry in sheet.entries] == [1, 2]


def test_the_same_value_again_is_no_new_entry(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, weight="72.8")
    assert type_in(tx, visit, weight="72.80").record.version == 1


def test_an_unknown_field_or_place_is_refused(tx: Tx, visit: Visit) -> None:
    for field, replicate in (("shoe", None), ("systolic", None), ("systolic", 4), ("height", 2)):
        with pytest.raises(Invalid, match="no place"):
            actions.record_value(tx, visit.id, field=field, replicate=replicate, text="1")


def test_a_visit_of_another_site_is_not_found(tx: Tx, visit: Visit) -> None:
    other = make_open_visit(tx)
    tx.actor = type(tx.actor)(kind="staff", name="Otto", site_id=other.site_id)
    with pytest.raises(NotFound):
        actions.sheet_of(tx, visit.id)


# Readings


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


# Flags and modifications


def test_a_modification_that_closes_takes_its_values_back(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_2="120", diastolic_2="78", systolic_3="121")
    sheet = actions.set_modification(tx, visit.id, measure="blood_pressure", replicate=2, code="refusal")
    assert sheet.entry["systolic"] == [None, None, "121"]
    assert [entry.value for entry in sheet.replaced_at("systolic", 2)] == ["120"]


def test_other_needs_a_note(tx: Tx, visit: Visit) -> None:
    with pytest.raises(BadValue, match="Write a note"):
        actions.set_modification(tx, visit.id, measure="hip", replicate=1, code="other")
    sheet = actions.set_modification(tx, visit.id, measure="hip", replicate=1, code="other", note="prosthesis")
    assert sheet.entry["modification_notes"] == {"hip.1": "prosthesis"}


def test_a_waist_on_a_pregnant_participant_is_refused(tx: Tx, visit: Visit) -> None:
    actions.set_flag(tx, visit.id, "pregnant", value=True)
    with pytest.raises(BadValue, match="not measured when"):
        type_in(tx, visit, waist_1="84.0")


def test_pregnant_is_refused_while_a_waist_stands(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, waist_1="84.0")
    with pytest.raises(BadValue) as refusal:
        actions.set_flag(tx, visit.id, "pregnant", value=True)
    assert refusal.value.code == "contradiction"


def test_filling_the_rest_completes_the_record(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, weight="72.8", systolic_1="120", diastolic_1="79", heart_rate_1="60")
    sheet = actions.fill_rest(tx, visit.id, "refusal")
    assert sheet.assessment.is_clean
    assert sheet.entry["weight"] == "72.8"


def test_the_rest_is_filled_with_nothing_but_refusal_or_emergency(tx: Tx, visit: Visit) -> None:
    with pytest.raises(Invalid, match="Choose refusal or emergency"):
        actions.fill_rest(tx, visit.id, "colostomy-bag")


# Alerts


def test_two_high_readings_raise_an_alert_that_stays_until_acted_on(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, systolic_1="185", systolic_2="186")
    assert [alert.code for alert in sheet.open_alerts] == ["hypertensive-expedited"]
    sheet = actions.acknowledge_alert(tx, visit.id, "hypertensive-expedited", "Called Dr. on duty, referred")
    assert sheet.open_alerts == ()
    assert (sheet.alerts[0].acknowledged_by, sheet.alerts[0].action) == ("Carla Clerk", "Called Dr. on duty, referred")


def test_an_alert_outlives_the_correction_of_its_values(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_1="185", systolic_2="186")
    sheet = type_in(tx, visit, systolic_2="120")
    assert sheet.assessment.alerts == ()
    assert [alert.code for alert in sheet.open_alerts] == ["hypertensive-expedited"]


def test_a_more_severe_alert_takes_the_place_of_a_lesser(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, systolic_1="185", systolic_2="205", systolic_3="210")
    assert [alert.code for alert in sheet.open_alerts] == ["hypertensive-immediate"]
    assert [alert.code for alert in sheet.alerts] == ["hypertensive-expedited", "hypertensive-immediate"]


def test_an_alert_that_comes_back_asks_again(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_1="185", systolic_2="186")
    actions.acknowledge_alert(tx, visit.id, "hypertensive-expedited", "Cuff was wrong")
    type_in(tx, visit, systolic_2="120")
    sheet = type_in(tx, visit, systolic_2="190")
    assert [alert.code for alert in sheet.open_alerts] == ["hypertensive-expedited"]


def test_an_alert_needs_words_and_is_answered_once(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_1="185", systolic_2="186")
    with pytest.raises(Invalid, match="Write what was done"):
        actions.acknowledge_alert(tx, visit.id, "hypertensive-expedited", "  ")
    actions.acknowledge_alert(tx, visit.id, "hypertensive-expedited", "Referred")
    with pytest.raises(Conflict, match="Carla Clerk has acted"):
        actions.acknowledge_alert(tx, visit.id, "hypertensive-expedited", "Referred")


def test_there_is_no_alert_that_was_never_raised(tx: Tx, visit: Visit) -> None:
    with pytest.raises(NotFound):
        actions.acknowledge_alert(tx, visit.id, "hypotensive", "Looked")


# Finishing


def test_finishing_says_what_is_missing(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, height="172.7", weight="72.8")
    with pytest.raises(Conflict, match=r"Still to measure: blood pressure, heart rate, hip, waist\."):
        actions.finalise(tx, visit.id, sheet.record.version)


def test_finishing_is_refused_past_an_alert(tx: Tx, visit: Visit) -> None:
    measure_all(tx, visit)
    sheet = type_in(tx, visit, systolic_2="185", systolic_3="186")
    with pytest.raises(Conflict, match="Act on the alert"):
        actions.finalise(tx, visit.id, sheet.record.version)


def test_finishing_is_refused_before_the_display_was_compared(tx: Tx, visit: Visit) -> None:
    take(tx, visit, flags=("confirm",), weight="72.8")
    sheet = measure_all(tx, visit)
    with pytest.raises(Conflict, match="Compare with the device's display: weight"):
        actions.finalise(tx, visit.id, sheet.record.version)


def test_finishing_closes_the_step_of_the_visit(tx: Tx, visit: Visit) -> None:
    sheet = actions.finalise(tx, visit.id, measure_all(tx, visit).record.version)
    assert (sheet.record.state, sheet.record.finalised_by, sheet.record.finalised_at) == (
        "final", "Carla Clerk", sheet.record.finalised_at)  # fmt: skip
    assert Step.MEASUREMENTS in visit.done


def test_a_final_record_refuses_every_change(tx: Tx, visit: Visit) -> None:
    version = actions.finalise(tx, visit.id, measure_all(tx, visit).record.version).record.version
    for attempt in (
        lambda: type_in(tx, visit, weight="73.0"),
        lambda: actions.set_flag(tx, visit.id, "pregnant", value=False),
        lambda: actions.set_modification(tx, visit.id, measure="hip", replicate=1, code="refusal"),
        lambda: actions.fill_rest(tx, visit.id, "refusal"),
        lambda: actions.acknowledge_alert(tx, visit.id, "hypotensive", "Looked"),
        lambda: actions.finalise(tx, visit.id, version),
    ):
        with pytest.raises(Conflict, match="finished by Carla Clerk"):
            attempt()


def test_a_reading_after_the_end_is_kept_beside_the_record(tx: Tx, visit: Visit) -> None:
    actions.finalise(tx, visit.id, measure_all(tx, visit).record.version)
    sheet = take(tx, visit, weight="60.0")
    assert sheet.entry["weight"] == "72.8"
    assert sheet.spare_readings[0].reason["code"] == "final"


# Two people


def test_a_stale_version_is_refused_with_who_changed_what(tx: Tx, visit: Visit) -> None:
    sheet = measure_all(tx, visit)
    type_in(tx, visit, weight="73.1")
    with pytest.raises(Conflict, match=r"weight \(Carla Clerk\)") as refusal:
        actions.finalise(tx, visit.id, sheet.record.version - 1)
    assert {change["field"] for change in refusal.value.details["changes"]} >= {"weight"}


def test_a_device_elsewhere_does_not_stop_a_clerk_who_types(tx: Tx, visit: Visit) -> None:
    sheet = take(tx, visit, weight="82.7")
    refuse_crossed(sheet, 0, [read_typed(sheet.protocol, field="hip", replicate=1, text="98.0", unit=None)])
    with pytest.raises(Conflict, match=r"weight \(scale\)"):
        refuse_crossed(sheet, 0, [read_typed(sheet.protocol, field="weight", replicate=None, text="60", unit=None)])


def test_another_person_elsewhere_does(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, waist_1="84.0")
    with pytest.raises(Conflict, match=r"waist, reading 1 \(Carla Clerk\)"):
        refuse_crossed(sheet, 0, [read_typed(sheet.protocol, field="hip", replicate=1, text="98.0", unit=None)])
