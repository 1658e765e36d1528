"""Two people: what one asks for happens when another approves, once, and only as it was asked."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock, wiring
from biobank.access import approvals
from biobank.access.approval_kinds import KINDS
from biobank.access.approval_models import Approval, ApprovalDecision
from biobank.access.models import Staff
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Invalid, NotFound
from tests.access.factories import staffed
from tests.pages import Browser

KIND = "staff.roles"


@pytest.fixture
def people(databases: Databases) -> dict[str, Actor]:
    return staffed(databases, adam=Role.ADMINISTRATOR, eve=Role.ADMINISTRATOR, carla=Role.CLINIC, ada=Role.AUDITOR)


def _ask(tx: Tx, subject: UUID | None) -> Approval:
    return approvals.ask(tx, kind=KIND, subject=str(subject), summary="Make %(name)s biobank",
                         words={"name": "Carla"}, payload={"roles": ["biobank"]})  # fmt: skip


@pytest.fixture
def asked(databases: Databases, people: dict[str, Actor]) -> Approval:
    """Adam asks to make Carla a technician of the biobank."""
    with databases.transaction(people["adam"]) as tx:
        return _ask(tx, people["carla"].id)


def _roles(databases: Databases, actor: Actor) -> set[Role]:
    with databases.transaction(read_only=True) as tx:
        staff = tx.session.get_one(Staff, actor.id)
        return {item.role for item in staff.roles}


def test_what_is_approved_by_another_happens(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["eve"]) as tx:
        approvals.decide(tx, asked.id, True, "")
    assert _roles(databases, people["carla"]) == {Role.BIOBANK}


def test_what_is_refused_does_not_happen(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["eve"]) as tx:
        approvals.decide(tx, asked.id, False, "She stays with us.")
    assert _roles(databases, people["carla"]) == {Role.CLINIC}


def test_nobody_approves_what_they_asked(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["adam"]) as tx, pytest.raises(Forbidden):
        approvals.decide(tx, asked.id, True, "")


def test_the_database_itself_refuses_ones_own_answer(databases: Databases, asked: Approval) -> None:
    values = {"approval_id": asked.id, "asked_by": asked.asked_by, "digest": asked.digest, "decision": "given",
              "reason": "", "decided_by": asked.asked_by, "decided_by_name": "x",
              "decided_at": clock.now()}  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
        tx.session.execute(sa.insert(ApprovalDecision).values(values))


def test_the_database_refuses_an_answer_to_another_content(
    databases: Databases, people: dict[str, Actor], asked: Approval
) -> None:
    values = {"approval_id": asked.id, "asked_by": asked.asked_by, "digest": "0" * 64, "decision": "given",
              "reason": "", "decided_by": people["eve"].id, "decided_by_name": "x",
              "decided_at": clock.now()}  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
        tx.session.execute(sa.insert(ApprovalDecision).values(values))


def test_an_approval_is_decided_once(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["eve"]) as tx:
        approvals.decide(tx, asked.id, False, "no")
    with databases.transaction(people["eve"]) as tx, pytest.raises(Conflict, match="decided already"):
        approvals.decide(tx, asked.id, True, "")


def test_an_answer_may_come_too_late(databases: Databases, people: dict[str, Actor], noon: object) -> None:
    with databases.transaction(people["adam"]) as tx:
        asked = _ask(tx, people["carla"].id)
    late = asked.expires_at + timedelta(seconds=1)
    with clock.at(late), databases.transaction(people["eve"]) as tx, pytest.raises(Conflict, match="too late"):
        approvals.decide(tx, asked.id, True, "")


def test_the_same_is_asked_for_once_at_a_time(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["eve"]) as tx, pytest.raises(Conflict, match="waits"):
        _ask(tx, people["carla"].id)


def test_another_role_does_not_even_see_it(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["carla"]) as tx, pytest.raises(NotFound):
        approvals.decide(tx, asked.id, True, "")


def test_an_auditor_sees_it_but_does_not_decide(
    databases: Databases, people: dict[str, Actor], asked: Approval
) -> None:
    with databases.transaction(people["ada"]) as tx:
        assert [item.id for item in approvals.waiting(tx)] == [asked.id]
        with pytest.raises(Forbidden):
            approvals.decide(tx, asked.id, True, "")


def test_a_refusal_needs_a_reason(databases: Databases, people: dict[str, Actor], asked: Approval) -> None:
    with databases.transaction(people["eve"]) as tx, pytest.raises(Invalid, match="reason"):
        approvals.decide(tx, asked.id, False, " ")


def test_what_was_asked_cannot_be_changed(databases: Databases, asked: Approval) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
        tx.session.execute(sa.update(Approval).values(payload={"roles": ["finance"]}))


def test_each_kind_has_what_follows() -> None:
    assert set(KINDS) == set(wiring.APPROVED)
    assert set(wiring.REFUSED) <= set(KINDS)


def test_a_second_person_decides_on_the_page(databases: Databases, browser: Browser, asked: Approval,
                                             people: dict[str, Actor]) -> None:  # fmt: skip
    browser.sign_in("eve")
    browser.get("/approvals")
    browser.get(f"/approvals/{asked.id}")
    browser.submit("Refuse")
    assert "Give a reason for refusing." in browser.page.text
    browser.submit("Approve")
    assert "Approved. It is done." in browser.page.text
    assert _roles(databases, people["carla"]) == {Role.BIOBANK}


def test_who_asked_can_only_take_it_back(browser: Browser, asked: Approval) -> None:
    browser.sign_in("adam")
    page = browser.get(f"/approvals/{asked.id}")
    assert [button[0] for form in page.forms for button in form.buttons if button[1] == "answer"] == ["Take it back"]
    assert "Taken back" in browser.submit("Take it back").text


def test_a_program_answers_with_what_it_has_seen(app: object, browser: Browser, asked: Approval) -> None:
    browser.sign_in("eve")
    path = f"/api/v1/approvals/{asked.id}/decision"
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "a"}
    wrong = browser.client.post(path, json={"answer": "approve", "digest": "0" * 64}, headers=headers)
    right = browser.client.post(path, json={"answer": "approve", "digest": asked.digest}, headers=headers)
    assert (wrong.status_code, right.status_code) == (409, 201)
    assert right.json is not None
    assert right.json["decision"]["decided_by_name"] == "Eve"
