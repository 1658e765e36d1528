"""Alerts until somebody acts, the end of a record, and two people at one visit."""

from dataclasses import replace

import pytest

from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.measurements import actions
from biobank.measurements.storing import refuse_crossed
from biobank.measurements.typed import read_typed
from biobank.visits.models import Step, Visit
from tests.measurements.factories import measure_all, take, type_in
from tests.visits.factories import make_open_visit


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


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
    refuse_crossed(tx, sheet, 0, [read_typed(sheet.protocol, field="hip", replicate=1, text="98.0", unit=None)])
    with pytest.raises(Conflict, match=r"weight \(scale\)"):
        refuse_crossed(tx, sheet, 0, [read_typed(sheet.protocol, field="weight", replicate=None, text="60", unit=None)])


def test_another_person_elsewhere_does_and_the_clerk_s_own_hand_does_not(tx: Tx, visit: Visit) -> None:
    sheet = type_in(tx, visit, waist_1="84.0")
    refuse_crossed(tx, sheet, 0, [read_typed(sheet.protocol, field="hip", replicate=1, text="98.0", unit=None)])
    tx.actor = replace(tx.actor, id=new_id(), name="Otto Other")
    with pytest.raises(Conflict, match=r"waist, reading 1 \(Carla Clerk\)"):
        refuse_crossed(tx, sheet, 0, [read_typed(sheet.protocol, field="hip", replicate=1, text="98.0", unit=None)])
