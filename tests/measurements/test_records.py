"""Records: what is kept of every entry, where readings go, and what a record refuses."""

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Invalid, NotFound
from biobank.measurements import actions
from biobank.measurements.models import MeasurementEntry, Source
from biobank.measurements.typed import BadValue
from biobank.visits.models import Visit
from tests.measurements.factories import type_in
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
    ("height", "300", None, "above-limit"), ("height", "0", None, "not-positive"),
    ("height", "1e2", None, "not-a-number"),
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
