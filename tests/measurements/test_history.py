"""Finished records: amended by new versions, cancelled, restored; the former version stays as it was."""

from typing import Any

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.measurements import actions, history
from biobank.measurements.models import MeasurementEvent, MeasurementVersion
from biobank.measurements.sheet import Sheet
from biobank.visits.models import Visit, VisitState
from tests.measurements.desk import Desk, Program, value, words
from tests.measurements.factories import measure_all, type_in
from tests.pages import Browser
from tests.visits.factories import make_open_visit

WHY: dict[str, Any] = {"reason": "wrong-participant", "confirmation": "cancel"}


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


def finish(tx: Tx, visit: Visit) -> Sheet:
    return actions.finalise(tx, visit.id, measure_all(tx, visit).record.version)


def amended(tx: Tx, visit: Visit) -> Sheet:
    """A finished record whose weight was corrected to 73.1 in a second version."""
    finish(tx, visit)
    history.amend(tx, visit.id, reason="wrong-value")
    return actions.finalise(tx, visit.id, type_in(tx, visit, weight="73.1").record.version)


def test_finishing_keeps_the_first_version(tx: Tx, visit: Visit) -> None:
    sheet = finish(tx, visit)
    assert [(version.number, version.amends_id) for version in sheet.versions] == [(1, None)]
    assert [event.kind for event in sheet.events] == ["finalised"]


def test_an_amendment_points_at_what_it_amends(tx: Tx, visit: Visit) -> None:
    first, second = amended(tx, visit).versions
    assert (second.number, second.amends_id) == (2, first.id)


def test_the_old_version_stays_readable_as_it_was(tx: Tx, visit: Visit) -> None:
    amended(tx, visit)
    assert history.version_of(tx, visit.id, 1).entry["weight"] == "72.8"
    assert history.version_of(tx, visit.id).entry["weight"] == "73.1"


def test_the_former_version_counts_until_the_amendment_is_finished(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    history.amend(tx, visit.id, reason="missing-value")
    type_in(tx, visit, weight="73.1")
    assert history.final_version(tx, visit.id).entry["weight"] == "72.8"


def test_a_record_is_amended_after_its_visit(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    tx.session.execute(sa.update(Visit).values(state=VisitState.CANCELLED))
    history.amend(tx, visit.id, reason="wrong-value")
    assert type_in(tx, visit, weight="73.1").entry["weight"] == "73.1"


def test_each_event_says_who_where_when_and_why(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    event = history.cancel(tx, visit.id, reason="other", note="taken twice", confirmation="Cancel ").events[-1]
    assert (event.kind, event.reason, event.note) == ("cancelled", "other", "taken twice")
    assert (event.by, event.site_id) == (tx.actor.name, visit.site_id)


def test_a_cancelled_record_counts_for_nothing_until_it_is_restored(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    history.cancel(tx, visit.id, **WHY)
    with pytest.raises(Conflict, match="were cancelled"):
        history.final_version(tx, visit.id)
    history.restore(tx, visit.id, reason="amend")
    assert history.final_version(tx, visit.id).entry["weight"] == "72.8"


def test_a_cancelled_record_refuses_every_change(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    history.cancel(tx, visit.id, **WHY)
    for work in (lambda: type_in(tx, visit, weight="73.1"), lambda: history.amend(tx, visit.id, reason="wrong-value"),
                 lambda: history.cancel(tx, visit.id, **WHY)):  # fmt: skip
        with pytest.raises(Conflict, match="were cancelled"):
            work()


@pytest.mark.parametrize("values", [
    {"confirmation": "yes"}, {"reason": "because"}, {"reason": "wrong-value"}, {"reason": "other"},
    {"reason": "other", "note": "  "}, {"reason": "other", "note": "x" * 501}, {"note": "a\x00b"},
])  # fmt: skip
def test_cancelling_needs_the_word_and_a_reason_from_the_list(tx: Tx, visit: Visit, values: dict[str, str]) -> None:
    finish(tx, visit)
    with pytest.raises(Invalid):
        history.cancel(tx, visit.id, **WHY | values)


def test_only_a_finished_record_is_amended_cancelled_or_restored(tx: Tx, visit: Visit) -> None:
    for work in (lambda: history.amend(tx, visit.id, reason="wrong-value"),
                 lambda: history.cancel(tx, visit.id, **WHY),
                 lambda: history.restore(tx, visit.id, reason="amend")):  # fmt: skip
        with pytest.raises(Conflict, match="not finished"):
            work()


def test_what_is_not_cancelled_is_not_restored(tx: Tx, visit: Visit) -> None:
    finish(tx, visit)
    with pytest.raises(Conflict, match="not cancelled"):
        history.restore(tx, visit.id, reason="amend")


def test_a_version_that_was_never_finished_is_not_found(tx: Tx, visit: Visit) -> None:
    with pytest.raises(NotFound):
        history.version_of(tx, visit.id, 1)


@pytest.mark.parametrize("model", [MeasurementVersion, MeasurementEvent])
def test_the_database_refuses_to_change_what_happened(tx: Tx, visit: Visit, model: Any) -> None:
    finish(tx, visit)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tx.session.begin_nested():
        tx.session.execute(sa.update(model).values(by="Somebody"))


# Over the wire


def test_a_record_is_amended_over_json(program: Program, desk: Desk) -> None:
    desk.do(finish)
    assert program.post("amend", {"reason": "wrong-value"}).json["state"] == "amending"
    program.patch({"values": [value("weight", "73.1")]})
    body = program.post("finalise").json
    assert (body["state"], [version["number"] for version in body["versions"]]) == ("final", [1, 2])


def test_a_record_is_cancelled_and_restored_over_json(program: Program, desk: Desk) -> None:
    desk.do(finish)
    assert program.post("cancel", {"reason": "wrong-participant"}).status_code == 422
    assert program.post("cancel", WHY).json["state"] == "cancelled"
    assert program.post("restore", {"reason": "wrong-participant"}).json["state"] == "final"


def test_a_clerk_amends_and_looks_back(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    desk.do(finish)
    browser.get(desk.address)
    assert "Being amended" in words(browser.submit("Open to amend", reason="wrong-value"))
    browser.submit("Save weight", weight="73.1")
    browser.submit("Finish measurements")
    page = browser.get(f"{desk.address}/versions/1")
    assert "72.8" in words(page)
    assert "73.1" not in words(page)


def test_a_clerk_cancels_with_the_typed_word_and_restores(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    desk.do(finish)
    browser.get(desk.address)
    page = browser.submit("Cancel the measurements", confirmation="")
    assert (browser.status, "Type the word cancel to cancel" in words(page)) == (422, True)
    assert "do not count" in words(browser.submit("Cancel the measurements", confirmation="cancelar"))
    assert "Finished by Carla Clerk" not in words(browser.page)
    assert "can no longer be changed" in words(browser.submit("Restore these measurements"))
