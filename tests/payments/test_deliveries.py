"""By e-mail or text message instead of a link, sent again or taken back when it does not arrive."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from biobank.access.models import Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.participants import actions as participants
from biobank.participants import vault
from biobank.participants.person import Contact
from biobank.payments import asking, errands
from biobank.payments.models import Disbursement, ExceptionKind, ReconException, RewardErrand, State
from biobank.visits.actions import complete_visit
from tests.pages import Browser
from tests.payments.conftest import Worker
from tests.payments.factories import fault
from tests.payments.providers.conftest import Simulator
from tests.visits.factories import finish_steps, make_open_visit, make_station

ADDRESS = "ana@example.org"


@pytest.fixture
def visit(databases: Databases) -> Any:
    """A visit with both steps done, still open, of somebody whose e-mail address is kept."""
    with databases.transaction() as tx:
        opened = make_open_visit(tx, make_station(tx))
        finish_steps(tx, opened)
        vault.change_contact(tx, opened.participant_id, Contact(email=ADDRESS))
        return opened


@pytest.fixture
def desk(sign_in: Callable[..., Staff], browser: Browser, visit: Any) -> Browser:
    sign_in(Role.CLINIC, visit.site_id)
    return browser


def _wish_email(databases: Databases, desk: Browser, visit: Any) -> None:
    desk.get(f"/visits/{visit.id}/payment")
    desk.submit("Keep this", delivery="email")
    with databases.transaction() as tx:
        complete_visit(tx, visit.id)


def _payment(databases: Databases) -> Disbursement:
    with databases.transaction(read_only=True) as tx:
        return tx.session.scalars(sa.select(Disbursement)).one()


def test_who_wishes_an_e_mail_gets_it_from_the_provider_and_the_desk_hands_nothing_over(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> None:
    _wish_email(databases, desk, visit)
    worker_of(provider).work()
    shown = desk.get(f"/visits/{visit.id}/payment")
    assert "Sent by e-mail" in shown.text
    assert ADDRESS not in shown.html
    assert f"by e-mail {ADDRESS}" in _told(provider)


def _told(provider: Simulator) -> str:
    (order,) = provider.call("GET", "/api/v2/orders").json()["orders"]
    (reward,) = order["rewards"]
    return f"by e-mail {reward['recipient']['email']}" if reward["delivery"]["method"] == "EMAIL" else "by link"


def test_without_an_address_it_is_refused_and_goes_by_link(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> None:
    desk.get(f"/visits/{visit.id}/payment")
    desk.submit("Keep this", delivery="phone")
    assert desk.status == 409
    _wish_email(databases, desk, visit)
    with databases.transaction() as tx:
        vault.change_contact(tx, visit.participant_id, Contact())
    worker_of(provider).work()
    assert "The $25 is ready." in desk.get(f"/visits/{visit.id}/payment").text


def test_what_was_sent_cannot_be_sent_another_way(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> None:
    with databases.transaction() as tx:
        complete_visit(tx, visit.id)
    desk.get(f"/visits/{visit.id}/payment")
    worker_of(provider).work()
    desk.submit("Keep this", delivery="email")
    assert desk.status == 409


@pytest.fixture
def bounced(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> Worker:
    """The worker of a payment whose e-mail came back."""
    provider.break_with(fault("undelivered", share=1.0))
    _wish_email(databases, desk, visit)
    worker = worker_of(provider)
    worker.work()
    with databases.transaction() as tx:
        tx.session.execute(sa.update(Disbursement).values(next_at=sa.select(Disbursement.sent_at).scalar_subquery()))
    asking.ask_next(worker.till)
    return worker


def _ask(browser: Browser, payment: Disbursement, button: str) -> None:
    browser.get(f"/payments/{payment.id}")
    browser.submit(button, note="The clinic corrected the address.")


def test_what_bounced_is_sent_again_to_the_corrected_address(
    databases: Databases, provider: Simulator, bounced: Worker, finance: Browser, visit: Any
) -> None:
    payment = _payment(databases)
    assert [found.kind for found in _questions(databases)] == [ExceptionKind.DELIVERY_FAILED]
    _ask(finance, payment, "Send it again")
    with databases.transaction() as tx:
        vault.change_contact(tx, visit.participant_id, Contact(email="ana.new@example.org"))
        assert participants.contact_of(tx, visit.participant_id).email == "ana.new@example.org"
    assert errands.run_next(bounced.till)
    assert "The provider sends it again." in finance.get(f"/payments/{payment.id}").text
    assert _told(provider) == "by e-mail ana.new@example.org"


def test_what_bounced_is_taken_back_once_and_finance_is_asked_to_book_the_refund(
    databases: Databases, provider: Simulator, bounced: Worker, finance: Browser
) -> None:
    payment = _payment(databases)
    _ask(finance, payment, "Take it back")
    _ask(finance, payment, "Take it back")
    assert finance.status == 409
    assert errands.run_next(bounced.till)
    assert not errands.run_next(bounced.till)
    assert "has taken it back" in finance.get(f"/payments/{payment.id}").text
    assert ExceptionKind.FLAGGED in [found.kind for found in _questions(databases)]
    assert provider.state()["spent_cents"] == 0


def test_what_has_arrived_is_neither_sent_again_nor_taken_back(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> None:
    _wish_email(databases, desk, visit)
    worker = worker_of(provider)
    worker.work()
    payment = _payment(databases)
    with databases.transaction() as tx:
        errands.ask(tx, payment.id, errands.ErrandKind.CANCEL, "It did not arrive, she says.")
    assert errands.run_next(worker.till)
    with databases.transaction(read_only=True) as tx:
        errand = tx.session.scalars(sa.select(RewardErrand)).one()
    assert errand.came_of_it == errands.KEPT
    assert _payment(databases).state is State.SENT


def _questions(databases: Databases) -> list[ReconException]:
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(ReconException)))
