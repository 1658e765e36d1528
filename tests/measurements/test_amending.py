"""Amendments that are given up: the former version stands, what was entered since is kept and counts for nothing."""

import pytest

from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.measurements import actions, history
from biobank.visits.models import Visit
from tests.measurements.desk import Desk, Program, words
from tests.measurements.factories import type_in
from tests.measurements.test_history import finish
from tests.pages import Browser
from tests.visits.factories import make_open_visit


@pytest.fixture
def visit(tx: Tx) -> Visit:
    """A visit whose finished measurements are being amended, with another weight typed."""
    made = make_open_visit(tx)
    finish(tx, made)
    history.amend(tx, made.id, reason="wrong-value")
    type_in(tx, made, weight="73.1")
    return made


def test_a_dropped_amendment_leaves_the_former_version(tx: Tx, visit: Visit) -> None:
    sheet = history.drop(tx, visit.id, reason="not-needed")
    assert (sheet.is_final, sheet.entry["weight"], len(sheet.versions)) == (True, "72.8", 1)
    assert [entry.value for entry in sheet.replaced_at("weight", 0)] == ["73.1"]
    assert sheet.events[-1].kind == "dropped"


def test_a_later_amendment_begins_from_the_version_that_stands(tx: Tx, visit: Visit) -> None:
    history.drop(tx, visit.id, reason="not-needed")
    history.amend(tx, visit.id, reason="missing-value")
    version = type_in(tx, visit, height="173.0").record.version
    assert actions.finalise(tx, visit.id, version).entry["weight"] == "72.8"
    assert history.final_version(tx, visit.id).entry["height"] == "173.0"


def test_an_alert_is_acted_on_before_an_amendment_is_dropped(tx: Tx, visit: Visit) -> None:
    type_in(tx, visit, systolic_2="205", systolic_3="206")
    with pytest.raises(Conflict, match="Act on the alert first"):
        history.drop(tx, visit.id, reason="not-needed")
    actions.acknowledge_alert(tx, visit.id, "hypertensive-immediate", "Sent to emergency care")
    assert history.drop(tx, visit.id, reason="not-needed").is_final


def test_only_an_open_amendment_is_dropped_for_a_reason_from_the_list(tx: Tx, visit: Visit) -> None:
    with pytest.raises(Invalid):
        history.drop(tx, visit.id, reason="wrong-value")
    history.drop(tx, visit.id, reason="other", note="opened by mistake")
    with pytest.raises(Conflict, match="not being amended"):
        history.drop(tx, visit.id, reason="not-needed")


def test_a_clerk_drops_an_amendment(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    desk.do(finish)
    browser.get(desk.address)
    browser.submit("Open to amend", reason="wrong-value")
    browser.submit("Save weight", weight="73.1")
    page = words(browser.submit("Drop it, keep the former version", reason="not-needed"))
    assert "amendment dropped: nothing needs to be changed" in page
    assert "can no longer be changed" in page


def test_an_amendment_is_dropped_over_json(program: Program, desk: Desk) -> None:
    desk.do(finish)
    program.post("amend", {"reason": "wrong-value"})
    assert program.post("drop", {"reason": "not-needed"}).json["state"] == "final"
