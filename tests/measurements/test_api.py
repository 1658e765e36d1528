"""Measurements over JSON: strict, whole or not at all, never over somebody else's change."""

from typing import Any

import pytest
import sqlalchemy as sa

from biobank.access.models import Look
from biobank.measurements.rules import assess
from tests.measurements.desk import Desk, Program, value
from tests.measurements.factories import make_reading, measure_all, take, type_in


def mark(measure: str, replicate: int, code: str) -> dict[str, Any]:
    return {"measure": measure, "replicate": replicate, "code": code}


def test_a_new_record_is_empty_and_says_what_is_missing(program: Program) -> None:
    body = program.get().json
    assert (body["state"], body["version"], body["assessment"]["complete"]) == ("draft", 0, False)
    assert body["unfinished"] == ["Still to measure: blood pressure, heart rate, height, weight, hip, waist."]


def test_each_look_is_noted(program: Program, desk: Desk) -> None:
    program.get()
    with desk.databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(Look.subject_id)).all() == [desk.visit.participant_id]


def test_changes_are_stored_together(program: Program) -> None:
    body = {
        "values": [value("height", "5 8", unit="ft in"), value("hip", "98.0", 1), value("waist_location", "umbilicus")],
        "flags": {"irregular_rhythm.2": True, "wheelchair": None},
        "modifications": [{"measure": "blood_pressure", "replicate": 3, "code": "other", "note": "cuff too small"}],
    }
    entry = program.patch(body).json["entry"]
    assert (entry["height"], entry["hip"], entry["waist_location"]) == ("172.7", ["98.0", None, None], "umbilicus")
    assert entry["irregular_rhythm"] == [None, True, None]
    assert entry["modification_notes"] == {"blood_pressure.3": "cuff too small"}


def test_the_answer_says_where_a_value_came_from(program: Program) -> None:
    entries = program.patch({"values": [value("weight", "160.6", unit="lb")]}).json["entries"]
    assert [entries[0][key] for key in ("value", "typed_text", "typed_unit", "source", "by")] == [
        "72.8", "160.6", "lb", "typed", "Carla Clerk"]  # fmt: skip


@pytest.mark.parametrize("body", [
    {"values": [value("height", "172.7"), value("shoe", "43")]},
    {"values": [value("height", "172.7"), value("weight", "1e3")]},
    {"values": [value("height", "172.7"), value("height", "172.8")]},
    {"values": [value("height", "172.7"), value("systolic", "120", 4)]},
    {"values": [value("height", "172.7"), value("weight", "70", unit="stone")]},
    {"values": [value("height", "172.7"), value("pregnant", "yes")]},
    {"values": [value("height", "172.7"), {"field": "weight", "value": 72.8}]},
    {"values": [value("height", "172.7"), {"field": "hip", "value": "98.0", "replicate": 1.0}]},
    {"values": [value("height", "172.7")], "flags": {"pregnant": "yes"}},
    {"values": [value("height", "172.7")], "flags": {"pregnant": 1}},
    {"values": [value("height", "172.7")], "flags": {"height": True}},
    {"values": [value("height", "172.7")], "modifications": [mark("hip", 1, "colostomy-bag")]},
    {"values": [value("height", "172.7")], "modifications": [mark("height", 2, "refusal")]},
    {"values": [value("height", "172.7")], "confirmed": ["height.7"]},
    {"values": [value("height", "172.7")], "surprise": True},
    {"values": [value("height", "172.7"), value("waist_location", "knee")]},
    {"values": [value("height", "172.7"), value("notes", "half \x00 a note")]},
    {"values": [value("height", "172.7"), value("notes", "half \ud800 a letter")]},
    {"values": [value("height", "172.7")] * 101},
    {"values": [value("systolic", "120", 1), value("diastolic", "120", 1)]},
    [1, 2, 3],
])  # fmt: skip
def test_garbage_is_refused_whole(program: Program, body: Any) -> None:
    answer = program.patch(body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert program.get().json["version"] == 0


def test_a_refused_value_is_named_with_its_code(program: Program) -> None:
    answer = program.patch({"values": [value("height", "300")]})
    assert answer.json["findings"][0]["field"] == "height"
    assert answer.json["type"].endswith(":above-limit")


def test_an_edit_must_say_what_it_edits(program: Program) -> None:
    assert program.patch({"values": [value("height", "172.7")]}, tag=None).status_code == 428


def test_a_stale_tag_is_refused_with_names_and_nothing_is_stored(program: Program, desk: Desk) -> None:
    tag = program.get().headers["ETag"]
    desk.do(type_in, weight="73.1")
    answer = program.patch({"values": [value("height", "172.7")]}, tag=tag)
    assert answer.status_code == 412
    assert "weight (Otto Other)" in answer.json["title"]
    assert desk.sheet().entry["height"] is None


def test_an_unknown_tag_is_refused(program: Program) -> None:
    assert program.patch({"values": [value("height", "172.7")]}, tag='"no such"').status_code == 412


def test_an_alert_blocks_the_end_until_somebody_acts(program: Program, desk: Desk) -> None:
    desk.do(measure_all)
    program.patch({"values": [value("systolic", "185", 2), value("systolic", "186", 3)]})
    assert program.post("finalise").status_code == 409
    assert program.post("alerts/hypertensive-expedited/acknowledge", {"action": "Referred"}).status_code == 200
    assert program.post("finalise").json["state"] == "final"


def test_an_alert_needs_an_action_and_must_exist(program: Program) -> None:
    assert program.post("alerts/hypotensive/acknowledge", {"action": "Looked"}).status_code == 404
    assert program.post("alerts/hypotensive/acknowledge", {}).status_code == 422


def test_finishing_a_version_that_was_not_seen_is_refused(program: Program, desk: Desk) -> None:
    version = desk.do(measure_all).record.version
    desk.do(type_in, weight="73.1")
    assert program.post("finalise", {"version": version}).status_code == 409
    assert program.post("finalise", {"version": version + 1}).json["finalised_by"] == "Carla Clerk"


def test_a_final_record_refuses_every_change_and_still_shows(program: Program, desk: Desk) -> None:
    desk.do(measure_all)
    program.post("finalise")
    assert program.patch({"values": [value("weight", "73.1")]}).status_code == 409
    assert program.post("finalise").json["type"].endswith(":final")
    assert program.get().json["entry"]["weight"] == "72.8"


def test_a_reading_set_aside_can_be_used(program: Program, desk: Desk) -> None:
    desk.do(take, weight="72.8")
    spare = desk.do(take, weight="73.4").spare_readings[0]
    body = program.post("use", {"reading_id": str(spare.reading_id), "measure": "weight"}).json
    assert body["entry"]["weight"] == "73.4"
    assert [row["outcome"] for row in body["readings"]] == ["placed", "aside"]


def test_a_reading_that_is_not_waiting_cannot_be_used(program: Program, desk: Desk) -> None:
    with desk.databases.transaction() as tx:
        reading_id = make_reading(tx, desk.visit, weight="72.8")
    assert program.post("use", {"reading_id": str(reading_id), "measure": "weight"}).status_code == 404


def test_unchecked_values_are_listed_and_confirmed(program: Program, desk: Desk) -> None:
    desk.do(take, flags=("confirm",), systolic="118", diastolic="78", heart_rate="66")
    refs = program.get().json["to_confirm"]
    assert refs == ["systolic.1", "diastolic.1", "heart_rate.1"]
    assert program.patch({"confirmed": refs}).json["to_confirm"] == []


def test_the_rest_is_filled_on_request(program: Program) -> None:
    body = program.patch({"values": [value("weight", "72.8")], "fill_rest": "emergency"}).json
    assert body["assessment"]["complete"] is True
    assert body["entry"]["modifications"]["height"] == "emergency"


def test_the_entry_answered_is_one_the_command_line_assesses_alike(program: Program, desk: Desk) -> None:
    desk.do(measure_all)
    body = program.get().json
    assert assess(desk.sheet().protocol, body["entry"]).as_json() == body["assessment"]


def test_a_visit_elsewhere_is_not_found(program: Program) -> None:
    program.address = program.address.replace(program.address.split("/")[4], "00000000-0000-7000-8000-000000000000")
    assert program.get().status_code == 404
