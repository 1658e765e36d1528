"""FHIR documents taken into a visit: whole or not at all, by page, API and command, with a report."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from biobank import clock
from biobank.access.actions import add_staff, open_session
from biobank.actor import Role
from biobank.cli.visit import measurements as command
from biobank.config import Settings
from biobank.measurements import importing
from biobank.measurements.typed import BadValue
from biobank.participants.actions import participant_of, person_of
from biobank.visits.actions import cancel_visit, check_in
from tests.measurements.desk import Desk, Program, words
from tests.measurements.entries import ADULT
from tests.measurements.factories import measure_all
from tests.measurements.program_documents import AT, an_intake, as_bytes, concept, document, observed, quantity
from tests.pages import Browser
from tests.participants.factories import ELIGIBLE

SUBJECT = "P123456789"


@pytest.fixture
def administrator(desk: Desk, settings: Settings) -> str:
    """The token of somebody who may import."""
    with desk.databases.transaction() as tx:
        staff = add_staff(tx, username="adam", display_name="Adam", password="correct horse battery",
                          roles=[Role.ADMINISTRATOR], site_id=desk.visit.site_id)  # fmt: skip
        return open_session(tx, settings, staff.id)


class Sender:
    """Sends documents to the visit of the desk."""

    def __init__(self, client: FlaskClient, token: str, address: str) -> None:
        self.client, self.token, self.address = client, token, address

    def __call__(self, data: bytes, subject: str | None = SUBJECT) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex}
        query = {"subject": subject} if subject else {}
        return self.client.post(self.address, data=data, headers=headers, query_string=query,
                                content_type="application/fhir+json")  # fmt: skip


@pytest.fixture
def send(program: Program, administrator: str) -> Sender:
    return Sender(program.client, administrator, f"{program.address}/import")


def clinic_code(desk: Desk) -> str:
    with desk.databases.transaction() as tx:
        return participant_of(tx, desk.visit.participant_id).clinic_code


def test_a_document_fills_an_empty_record_with_its_own_times(send: Sender, desk: Desk) -> None:
    answer = send(as_bytes(document()))
    assert answer.status_code == 200, answer.text
    assert "systolic.1" in answer.json["taken"]
    assert "arm-circumference: is not in this protocol." in [row["message"] for row in answer.json["not_taken"]]
    sheet = desk.sheet()
    height = sheet.value_at("height", 0)
    assert height is not None
    assert (height.value, height.origin, height.taken_at.isoformat()) == (
        "172.7",
        "imported",
        AT.replace("Z", "+00:00"),
    )
    assert (sheet.assessment.is_clean, sheet.is_final) == (True, False)


def test_an_exported_record_is_imported_as_the_same_record(program: Program, desk: Desk, send: Sender) -> None:
    desk.do(measure_all)
    first = program.post("finalise").json
    exported = program.client.get(f"{program.address}/fhir", headers=program.headers).data
    with desk.databases.transaction() as tx:
        cancel_visit(tx, desk.visit.id, "other")
        desk.visit = check_in(tx, participant_id=desk.visit.participant_id, station_id=desk.visit.station_id,
                              answers=ELIGIBLE)  # fmt: skip
    second = Program(program.client, desk)
    assert Sender(program.client, send.token, f"{second.address}/import")(exported, None).status_code == 200
    assert second.get().json["entry"] == first["entry"]
    assert second.post("finalise").json["assessment"] == first["assessment"]


def _spoiled(**changes: Any) -> bytes:
    return as_bytes(document(*an_intake(), observed("hip-circumference-2", concept("62409-8"), **changes)))


@pytest.mark.parametrize(("data", "code"), [
    (_spoiled(**quantity("38.6", "[in_i]")), "unknown-unit"),
    (_spoiled(**quantity("300.0", "cm")), "above-limit"),
    (_spoiled(**quantity("98.55", "cm")), "too-precise"),
    (as_bytes(document(*an_intake(), observed("x", concept("1-8"), **quantity("1", "cm")))), "unknown-code"),
    (as_bytes(document()).replace(b"112", b"1e2").replace(b'"value": 122', b'"value": 122e0'), "not-a-number"),
    (as_bytes(document()).replace(b'"value": 122', b'"value": NaN'), "not-a-number"),
    (as_bytes(document()).replace(AT.encode(), b"2100-01-01T00:00:00Z"), "in-future"),
    (b"[" * 100_000, "malformed"), (b"\xff", "malformed"), (b"{}", "not-a-document"),
    (as_bytes(document(observed("bmi", concept("39156-5"), **quantity("24.4", "kg/m2")))), "nothing-to-take"),
])  # fmt: skip
def test_a_faulty_document_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        importing.read(ADULT, data)
    assert code in {finding.code for finding in refusal.value.findings}


def test_nothing_of_a_faulty_document_is_stored(send: Sender, desk: Desk) -> None:
    answer = send(_spoiled(**quantity("38.6", "[in_i]")))
    assert (answer.status_code, [row["code"] for row in answer.json["findings"]]) == (422, ["unknown-unit"])
    assert desk.sheet().entries == ()


def test_another_participant_s_document_is_refused(send: Sender, desk: Desk) -> None:
    answer = send(as_bytes(document(subject="P000000000063")))
    assert (answer.status_code, desk.sheet().entries) == (409, ())


def test_an_id_of_another_programme_is_confirmed_by_repeating_it(send: Sender, desk: Desk) -> None:
    answer = send(as_bytes(document()), None)
    assert (answer.status_code, answer.json["subject"]) == (409, SUBJECT)
    assert send(as_bytes(document()), SUBJECT).status_code == 200


def test_a_record_with_answers_takes_no_document(send: Sender, desk: Desk) -> None:
    assert send(as_bytes(document(subject=clinic_code(desk))), None).status_code == 200
    answer = send(as_bytes(document()))
    assert (answer.status_code, answer.json["type"].rpartition(":")[2]) == (409, "not-empty")


def test_notes_in_a_document_that_name_the_participant_are_refused(send: Sender, desk: Desk) -> None:
    with desk.databases.transaction() as tx:
        last = person_of(tx, desk.visit.participant_id).name.last
    notes = observed("notes", concept("notes", "urn:biobank:measurements"), valueString=f"{last} was late")
    answer = send(as_bytes(document(*an_intake(), notes)))
    assert (answer.status_code, answer.json["findings"][0]["code"]) == (422, "personal-details")
    assert desk.sheet().entries == ()


def test_an_imported_crisis_waits_for_somebody_to_act(send: Sender, desk: Desk) -> None:
    data = as_bytes(document()).replace(b'"value": 118', b'"value": 210').replace(b'"value": 120', b'"value": 211')
    send(data)
    assert [alert.code for alert in desk.sheet().open_alerts] == ["hypertensive-immediate"]


def test_only_an_administrator_imports(program: Program, desk: Desk) -> None:
    assert Sender(program.client, desk.token, f"{program.address}/import")(b"{}").status_code == 403


# The page


def _upload(browser: Browser, data: bytes, **values: str) -> None:
    browser.get("/measurements/import")
    browser.post("/measurements/import", {"file": (BytesIO(data), "document.json"), **values})


def test_an_administrator_imports_on_the_page_and_reads_the_report(
    browser: Browser, desk: Desk, administrator: str
) -> None:
    browser.sign_in("adam")
    _upload(browser, as_bytes(document()), participant=clinic_code(desk), subject=SUBJECT)
    page = words(browser.page)
    assert "Imported measurements" in page
    assert "computed-bmi: computed here anew from the readings." in page
    assert desk.sheet().entry["weight"] == "72.8"


def test_the_page_lists_everything_that_is_wrong(browser: Browser, desk: Desk, administrator: str) -> None:
    browser.sign_in("adam")
    _upload(browser, _spoiled(**quantity("38.6", "[in_i]")), participant=clinic_code(desk), subject=SUBJECT)
    assert browser.status == 422
    assert "hip-circumference-2: has a unit that is not known here: [in_i]." in words(browser.page)
    _upload(browser, b"")
    assert "Choose the document first" in words(browser.page)


def test_a_participant_who_is_not_here_is_checked_in_first(browser: Browser, desk: Desk, administrator: str) -> None:
    browser.sign_in("adam")
    code = clinic_code(desk)
    with desk.databases.transaction() as tx:
        cancel_visit(tx, desk.visit.id, "no-time")
    _upload(browser, as_bytes(document(subject=code)))
    assert "has no open visit" in words(browser.page)


# The command


def test_the_command_reports_and_stores(settings: Settings, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_bytes(as_bytes(document(subject=clinic_code(desk))))
    result = CliRunner().invoke(command, ["import-fhir", str(file), "--check", "--json"], obj=settings)
    assert (result.exit_code, json.loads(result.output)["stored"]) == (0, False)
    assert desk.sheet().entries == ()
    result = CliRunner().invoke(command, ["import-fhir", str(file)], obj=settings)
    assert (result.exit_code, "Taken: " in result.output) == (0, True)
    assert desk.sheet().entry["height"] == "172.7"


def test_a_time_just_ahead_of_ours_is_another_clock() -> None:
    moment = clock.now() + timedelta(minutes=4)
    data = as_bytes(document()).replace(AT.encode(), moment.isoformat().encode())
    assert importing.read(ADULT, data).items
