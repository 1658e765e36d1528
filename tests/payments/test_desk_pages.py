"""The desk sees how far the $25 is, and hands over the link; each look at it is recorded."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from biobank.access.models import Look, Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.payments.models import Disbursement, State
from biobank.visits.actions import complete_visit
from tests.pages import Browser
from tests.payments.conftest import Worker
from tests.payments.providers.conftest import Simulator
from tests.visits.factories import finish_steps, make_open_visit, make_station

WorkerOf = Callable[..., Worker]


@pytest.fixture
def visit(databases: Databases) -> Any:
    """A complete visit."""
    with databases.transaction() as tx:
        opened = make_open_visit(tx, make_station(tx))
        finish_steps(tx, opened)
        return complete_visit(tx, opened.id)


@pytest.fixture
def desk(sign_in: Callable[..., Staff], browser: Browser, visit: Any) -> Browser:
    sign_in(Role.CLINIC, visit.site_id)
    return browser


def test_the_desk_sees_the_payment_on_its_way_then_ready(
    provider: Simulator, worker_of: WorkerOf, visit: Any, desk: Browser
) -> None:
    assert "being made ready" in desk.get(f"/visits/{visit.id}/payment").text
    worker_of(provider).work()
    assert "The $25 is ready." in desk.get(f"/visits/{visit.id}/payment").text


def test_the_fragment_asks_again_until_the_payment_is_ready(
    provider: Simulator, worker_of: WorkerOf, visit: Any, desk: Browser
) -> None:
    address, htmx = f"/visits/{visit.id}/payment", {"headers": {"HX-Request": "true"}}
    assert "every 2s" in desk.get(address, **htmx).html
    desk.get(f"{address}?background=1&seen=queued-0", **htmx)
    assert desk.status == 204
    worker_of(provider).work()
    assert "every 2s" not in desk.get(f"{address}?background=1&seen=queued-0", **htmx).html


def test_the_link_is_shown_on_request_and_the_look_is_recorded(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, visit: Any, desk: Browser
) -> None:
    worker_of(provider).work()
    page = desk.get(f"/visits/{visit.id}/payment")
    assert "/gift/" not in page.html
    button = next(form for form in page.forms if form.buttons[0][0] == "Show the link")
    assert f"{provider.url}/gift/" in desk.get(button.action).text
    with databases.transaction(read_only=True) as tx:
        looks = tx.session.scalars(sa.select(Look).where(Look.route.endswith("/payment/link"))).all()
    assert [look.subject_id for look in looks] == [visit.participant_id]


def test_the_paper_speaks_both_languages(provider: Simulator, worker_of: WorkerOf, visit: Any, desk: Browser) -> None:
    worker_of(provider).work()
    text = desk.get(f"/visits/{visit.id}/your-25").text
    assert "Here is your $25." in text
    assert "Aquí tiene sus $25." in text
    assert f"{provider.url}/gift/" in text


def test_there_is_no_paper_before_the_payment_is_ready(visit: Any, desk: Browser) -> None:
    desk.get(f"/visits/{visit.id}/your-25")
    assert desk.status == 409
    assert "not ready yet" in desk.page.text


def test_another_site_sees_neither_payment_nor_link(
    provider: Simulator, worker_of: WorkerOf, visit: Any, browser: Browser, sign_in: Callable[..., Staff]
) -> None:
    worker_of(provider).work()
    sign_in(Role.CLINIC)
    for page in ("payment", "payment/link", "your-25"):
        browser.get(f"/visits/{visit.id}/{page}")
        assert browser.status == 404


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.UNKNOWN, State.VOIDED])
def test_the_desk_is_told_what_to_say_in_every_state(
    databases: Databases, visit: Any, desk: Browser, state: State
) -> None:
    with databases.transaction() as tx:
        key = tx.session.scalars(sa.select(Disbursement.id)).one()
        hold = {"hold_reason": "by-finance"} if state is State.HELD else {}
        tx.session.execute(sa.update(Disbursement).filter_by(id=key).values(state=state, **hold))
    words = {"held": "Finance is checking", "failed": "Finance has been told", "unknown": "keep asking",
             "voided": "wants no payment"}  # fmt: skip
    assert words[state] in desk.get(f"/visits/{visit.id}/payment").text


def test_the_desk_may_not_open_the_list_of_payments(visit: Any, desk: Browser) -> None:
    desk.get("/payments")
    assert desk.status == 403


def test_finance_may_not_open_a_link(visit: Any, finance: Browser) -> None:
    finance.get(f"/visits/{visit.id}/payment/link")
    assert finance.status == 403
