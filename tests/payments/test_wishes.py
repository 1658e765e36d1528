"""Who wants no payment gets none, and gets it after all only when a second person agrees."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from biobank.access import approvals
from biobank.access.actions import actor_of
from biobank.access.models import Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.payments.figures import books_difference
from biobank.payments.models import Disbursement, State
from biobank.payments.squares import square_of
from biobank.visits.actions import complete_visit
from tests.access.factories import make_staff
from tests.pages import Browser
from tests.payments.conftest import Worker
from tests.payments.providers.conftest import Simulator
from tests.visits.factories import finish_steps, make_open_visit, make_station


@pytest.fixture
def visit(databases: Databases) -> Any:
    """A visit with both steps done, still open."""
    with databases.transaction() as tx:
        opened = make_open_visit(tx, make_station(tx))
        finish_steps(tx, opened)
        return opened


@pytest.fixture
def desk(sign_in: Callable[..., Staff], browser: Browser, visit: Any) -> Browser:
    sign_in(Role.CLINIC, visit.site_id)
    return browser


def _complete(databases: Databases, visit: Any) -> None:
    with databases.transaction() as tx:
        complete_visit(tx, visit.id)


def _payments(databases: Databases) -> list[State]:
    with databases.transaction(read_only=True) as tx:
        return [payment.state for payment in tx.session.query(Disbursement).order_by(Disbursement.seq)]


def _decline(desk: Browser, visit: Any) -> None:
    desk.get(f"/visits/{visit.id}/payment")
    desk.submit("Note it", why="wish")


def _agree(databases: Databases, site_id: UUID) -> None:
    with databases.transaction() as tx:
        who = actor_of(make_staff(tx, "fiona", Role.FINANCE, site_id=site_id))
    with databases.transaction(who) as tx:
        (waiting,) = approvals.waiting(tx)
        approvals.decide(tx, waiting.id, approve=True, reason="")


def test_who_declines_before_the_end_of_the_visit_is_not_paid(databases: Databases, desk: Browser, visit: Any) -> None:
    _decline(desk, visit)
    _complete(databases, visit)
    assert _payments(databases) == []
    assert "wants no payment" in desk.get(f"/visits/{visit.id}/payment").text


def test_who_declines_what_is_queued_is_not_paid_and_the_books_agree(
    databases: Databases, desk: Browser, visit: Any
) -> None:
    _complete(databases, visit)
    _decline(desk, visit)
    assert _payments(databases) == [State.VOIDED]
    with databases.transaction(read_only=True) as tx:
        assert books_difference(tx) == 0


def test_what_is_sent_cannot_be_declined(
    databases: Databases, provider: Simulator, worker_of: Callable[..., Worker], desk: Browser, visit: Any
) -> None:
    _complete(databases, visit)
    desk.get(f"/visits/{visit.id}/payment")
    worker_of(provider).work()
    desk.submit("Note it", why="wish")
    assert desk.status == 409


def test_a_changed_mind_is_paid_once_finance_agrees(databases: Databases, desk: Browser, visit: Any) -> None:
    _complete(databases, visit)
    _decline(desk, visit)
    desk.get(f"/visits/{visit.id}/payment")
    desk.submit("Ask finance", why="changed-mind")
    assert "Finance is asked" in desk.get(f"/visits/{visit.id}/payment").text
    assert _payments(databases) == [State.VOIDED]
    _agree(databases, visit.site_id)
    assert _payments(databases) == [State.VOIDED, State.QUEUED]


def test_a_reason_that_is_not_on_the_list_is_refused(databases: Databases, desk: Browser, visit: Any) -> None:
    desk.get(f"/visits/{visit.id}/payment")
    desk.submit("Note it", why="her husband said so")
    assert desk.status == 422


def test_the_square_holds_the_link() -> None:
    square = square_of("https://example.org/gift/0123456789abcdef")
    picture = Image.new("L", (square.size * 4, square.size * 4), 255)
    for x, y in re.findall(r"M(\d+) (\d+)", square.outline):
        left, top = int(x) * 4, int(y) * 4
        ImageDraw.Draw(picture).rectangle((left, top, left + 3, top + 3), fill=0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == ["https://example.org/gift/0123456789abcdef"]
