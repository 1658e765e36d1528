"""What leaves a final record: a table for researchers by code, and the participant's own summary."""

import csv
from typing import Any

import pytest

from biobank.access.actions import add_staff, open_session
from biobank.actor import Role
from biobank.config import Settings
from biobank.measurements import actions, history, summary, summary_paper
from biobank.measurements.sheet import Sheet
from biobank.participants.actions import participant_of, person_of
from tests.measurements.desk import Desk, Program, words
from tests.measurements.factories import measure_all, type_in
from tests.pages import Browser


def finish(tx: Any, visit: Any) -> Sheet:
    return actions.finalise(tx, visit.id, measure_all(tx, visit).record.version)


@pytest.fixture
def researcher(program: Program, desk: Desk, settings: Settings) -> dict[str, str]:
    """Headers of an administrator."""
    with desk.databases.transaction() as tx:
        staff = add_staff(tx, username="adam", display_name="Adam", password="correct horse battery",
                          roles=[Role.ADMINISTRATOR], site_id=desk.visit.site_id)  # fmt: skip
        return {"Authorization": f"Bearer {open_session(tx, settings, staff.id)}"}


def table(program: Program, headers: dict[str, str]) -> list[dict[str, str]]:
    answer = program.client.get("/api/v1/measurements.csv", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    *lines, mark = answer.text.splitlines(keepends=True)
    assert mark.startswith("# Export")
    return list(csv.DictReader(lines))


def test_final_records_are_a_table_by_code(program: Program, desk: Desk, researcher: dict[str, str]) -> None:
    assert table(program, researcher) == []
    desk.do(finish)
    row = table(program, researcher)[0]
    assert (row["height"], row["systolic.2"], row["systolic.mean"], row["bmi"]) == ("172.7", "120", "120.0", "24.4")
    with desk.databases.transaction() as tx:
        assert row["participant"] == participant_of(tx, desk.visit.participant_id).clinic_code


def test_the_table_holds_nothing_personal_and_no_free_text(
    program: Program, desk: Desk, researcher: dict[str, str]
) -> None:
    desk.do(type_in, notes="=cmd()")
    desk.do(finish)
    text = program.client.get("/api/v1/measurements.csv", headers=researcher).text
    with desk.databases.transaction() as tx:
        assert person_of(tx, desk.visit.participant_id).name.last not in text
    assert "cmd" not in text


def test_a_cancelled_record_is_not_in_the_table_until_it_is_restored(
    program: Program, desk: Desk, researcher: dict[str, str]
) -> None:
    desk.do(finish)
    program.post("cancel", {"reason": "wrong-participant", "confirmation": "cancel"})
    assert table(program, researcher) == []
    program.post("restore", {"reason": "amend"})
    assert len(table(program, researcher)) == 1


def test_a_clerk_gets_no_table(program: Program) -> None:
    assert program.client.get("/api/v1/measurements.csv", headers=program.headers).status_code == 403


def test_the_summary_says_each_measurement_in_both_languages(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    desk.do(finish)
    page = words(browser.get(f"{desk.address}/summary"))
    assert "172.7 cm (5 feet 8 inches)" in page
    assert "72.8 kg (160 libras)" in page
    assert "do not say whether you are healthy or ill" in page


def test_there_is_no_summary_before_the_end(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    browser.get(f"{desk.address}/summary")
    assert browser.status == 404


def test_the_summary_is_a_pdf_of_a_page_a_language(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    desk.do(finish)
    answer = browser.client.get(f"{desk.address}/summary.pdf")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert answer.data.count(b"/Type /Page\n") == 2


def test_the_same_summary_is_the_same_paper(desk: Desk) -> None:
    desk.do(finish)
    with desk.databases.transaction() as tx:
        lines = list(summary.lines(history.final_version(tx, desk.visit.id)))
    papers = {summary_paper.pdf(lines, code="P", day="2026-11-21", languages=("es", "en")) for _ in range(2)}
    assert len(papers) == 1


def test_what_was_not_measured_says_so_and_has_no_mark(desk: Desk) -> None:
    def refuse(tx: Any, visit: Any) -> Sheet:
        return actions.finalise(tx, visit.id, actions.fill_rest(tx, visit.id, "refusal").record.version)

    desk.do(refuse)
    with desk.databases.transaction() as tx:
        lines = list(summary.lines(history.final_version(tx, desk.visit.id)))
    assert {(line.words.en, line.is_known) for line in lines} == {("not measured", False)}


def test_what_was_read_once_is_not_told_as_unmeasured(desk: Desk) -> None:
    def read_once(tx: Any, visit: Any) -> Sheet:
        type_in(tx, visit, systolic_1="118", diastolic_1="76", heart_rate_1="64")
        return actions.finalise(tx, visit.id, actions.fill_rest(tx, visit.id, "refusal").record.version)

    desk.do(read_once)
    with desk.databases.transaction() as tx:
        told = {line.name.en: line.words.es for line in summary.lines(history.final_version(tx, desk.visit.id))}
    assert told["Blood pressure, upper number"] == "muy pocas lecturas para un promedio"
    assert told["Your weight"] == "no se midió"


def test_a_value_beyond_its_picture_lies_at_its_end(desk: Desk) -> None:
    def tall(tx: Any, visit: Any) -> Sheet:
        sheet = measure_all(tx, visit) and type_in(tx, visit, height="215.0")
        return actions.finalise(tx, visit.id, sheet.record.version)

    desk.do(tall)
    with desk.databases.transaction() as tx:
        lines = list(summary.lines(history.final_version(tx, desk.visit.id)))
    assert lines[0].share == 1
