"""A whole entry stored at once: what `biobank measurements check` reads is what the record then says."""

from typing import Any

import pytest

from biobank.measurements.check import check
from tests.measurements.desk import Desk, Program
from tests.measurements.entries import an_entry
from tests.measurements.program_documents import as_bytes


def put(program: Program, entry: Any, tag: str | None = None) -> Any:
    tag = tag or program.get().headers["ETag"]
    return program.client.put(program.address, json={"entry": entry}, headers=program.headers | {"If-Match": tag})


def test_a_whole_entry_is_stored_and_judged_as_the_command_judges_it(program: Program, desk: Desk) -> None:
    entry = an_entry(modifications={"hip": [None, "other", None]}, modification_notes={"hip": "bandage"},
                     hip=["98.0", None, None])  # fmt: skip
    answer = put(program, entry).json
    assert answer["assessment"] == check(as_bytes(entry))[0]
    sheet = desk.sheet()
    assert (sheet.assessment.as_json(), sheet.entry["hip"]) == (answer["assessment"], ["98.0", None, None])
    assert sheet.entry["modification_notes"] == {"hip.2": "bandage"}
    assert answer["version"] == sheet.record.version


def test_what_an_entry_leaves_out_is_taken_back_and_stays_readable(program: Program, desk: Desk) -> None:
    put(program, an_entry())
    put(program, an_entry(weight=None))
    sheet = desk.sheet()
    assert (sheet.entry["weight"], [old.value for old in sheet.replaced_at("weight", 0)]) == (None, ["72.8"])


@pytest.mark.parametrize("entry", [
    an_entry(height="305"), an_entry(diastolic=["78", "130", "80"]), an_entry(shoe="43"), an_entry(height=172.7),
    an_entry(hip=["98.0"]), an_entry(modifications={"waist": ["hair-style", None, None]}),
    an_entry(systolic=["1" * 5000, "120", "122"]), an_entry(notes="\0"),
])  # fmt: skip
def test_an_entry_with_anything_wrong_is_refused_whole(program: Program, desk: Desk, entry: Any) -> None:
    assert put(program, entry).status_code == 422
    assert desk.sheet().entries == ()


def test_an_entry_over_somebody_else_s_is_refused(program: Program, desk: Desk) -> None:
    tag = program.get().headers["ETag"]
    put(program, an_entry())
    assert put(program, an_entry(weight="73.1"), tag).status_code == 412


def test_an_entry_that_raises_an_alert_waits_for_it(program: Program, desk: Desk) -> None:
    answer = put(program, an_entry(systolic=["210", "211", "212"])).json
    assert answer["unfinished"][0].startswith("Act on the alert")
    assert [alert.code for alert in desk.sheet().open_alerts] == ["hypertensive-immediate"]
