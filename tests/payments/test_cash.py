"""Cash and gift cards at a site: two people for everything, one payment from one card, books that count the same."""

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank.access import approvals
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Refused
from biobank.payments import actions, book_facts, card_stock, cash, floats, handover, ledger, means
from biobank.payments.cash_models import CardItem, FloatMove, Means
from biobank.payments.models import ExceptionKind, ReconException, State
from tests.pages import Browser
from tests.payments.conftest import Worker
from tests.payments.factories import make_payment, make_site_id, make_staff, states_of
from tests.payments.providers.conftest import Simulator

SERIALS = ("6001 2345 6789", "6001-2345-6790", "600123456791")


class Site:
    """A site that pays by hand, its clerk, and the second person."""

    def __init__(self, databases: Databases, chosen: Means) -> None:
        self.databases = databases
        with databases.transaction() as tx:
            self.id = make_site_id(tx)
            means.choose(tx, self.id, chosen)
            self.clerk, self.lead = (self._person(tx) for _ in range(2))

    def _person(self, tx: Tx) -> Actor:
        staff = make_staff(tx, Role.CLINIC, site_id=self.id)
        return Actor(kind="staff", name=staff.display_name, id=staff.id, site_id=self.id,
                     roles=frozenset({Role.CLINIC}))  # fmt: skip

    def ask(self, what: Callable[[Tx], object]) -> None:
        with self.databases.transaction(self.clerk) as tx:
            what(tx)

    def sign(self, who: Actor | None = None, *, agree: bool = True) -> None:
        with self.databases.transaction(who or self.lead) as tx:
            for waiting in approvals.waiting(tx):
                if waiting.asked_by == tx.actor.id:
                    with pytest.raises(Forbidden):
                        approvals.decide(tx, waiting.id, agree, "")
                    continue
                approvals.decide(tx, waiting.id, agree, "" if agree else "I have not seen it.")

    def do(self, what: Callable[[Tx], object]) -> None:
        self.ask(what)
        self.sign()

    def payment(self) -> tuple[UUID, UUID]:
        with self.databases.transaction() as tx:
            payment = make_payment(tx, self.id)
            return payment.id, payment.entitlement.payee_id

    def books(self) -> int:
        with self.databases.transaction(read_only=True) as tx:
            return sum(abs(one.difference) for one in book_facts.all_equations(tx))


@pytest.fixture
def till(databases: Databases) -> Site:
    """A site with $100 in its float."""
    site = Site(databases, Means.CASH)
    site.do(lambda tx: cash.ask_cash(tx, "fill", 10_000))
    return site


@pytest.fixture
def safe(databases: Databases) -> Site:
    """A site with three cards in its safe."""
    site = Site(databases, Means.CARD)
    site.do(lambda tx: cash.ask_cards(tx, "Corner Store", SERIALS))
    return site


def _state(site: Site, key: UUID) -> State:
    with site.databases.transaction(read_only=True) as tx:
        return actions.disbursement_of(tx, key).state


def test_cash_is_given_once_two_people_have_signed(till: Site) -> None:
    key, payee = till.payment()
    till.ask(lambda tx: cash.ask_to_give(tx, payee))
    assert _state(till, key) is State.RESERVED
    till.sign(till.clerk)
    assert _state(till, key) is State.RESERVED
    till.sign()
    assert (_state(till, key), till.books()) == (State.SETTLED, 0)
    with till.databases.transaction(read_only=True) as tx:
        assert (floats.balance(tx, till.id), ledger.balance(tx, ledger.FLOAT)) == (7_500, 7_500)


def test_a_card_is_given_to_one_payment_and_its_serial_is_not_kept(safe: Site) -> None:
    key, payee = safe.payment()
    other, other_payee = safe.payment()
    safe.do(lambda tx: cash.ask_to_give(tx, payee, "600123456789"))
    with pytest.raises(Conflict):
        safe.ask(lambda tx: cash.ask_to_give(tx, other_payee, "6001-2345-6789"))
    assert (_state(safe, key), _state(safe, other), safe.books()) == (State.SETTLED, State.QUEUED, 0)
    with safe.databases.transaction(read_only=True) as tx:
        kept = [str(row) for row in tx.session.execute(sa.select(CardItem.__table__))]
        assert card_stock.in_safe(tx, safe.id) == 2
        assert not any("600123456789" in row for row in kept)


def test_the_worker_never_touches_what_is_paid_at_the_desk(
    till: Site, provider: Simulator, worker_of: Callable[..., Worker]
) -> None:
    till.payment()
    worker_of(provider).work()
    assert (states_of(till.databases), provider.state()["orders"]) == ({State.QUEUED: 1}, 0)


def test_a_hand_over_that_nobody_signs_stays_open_until_somebody_sees_it_in_the_safe(safe: Site) -> None:
    key, payee = safe.payment()
    safe.ask(lambda tx: cash.ask_to_give(tx, payee, SERIALS[0]))
    safe.sign(agree=False)
    assert _state(safe, key) is State.RESERVED
    with safe.databases.transaction(read_only=True) as tx:
        assert [one.id for one in handover.ready_at(tx, safe.id)] == [key]
    safe.do(lambda tx: cash.ask_to_put_back(tx, payee))
    assert (_state(safe, key), safe.books()) == (State.QUEUED, 0)
    safe.do(lambda tx: cash.ask_to_give(tx, payee, SERIALS[0]))
    assert _state(safe, key) is State.SETTLED


def test_a_second_hand_over_of_the_same_payment_is_refused(till: Site) -> None:
    _, payee = till.payment()
    till.do(lambda tx: cash.ask_to_give(tx, payee))
    with pytest.raises(Conflict):
        till.ask(lambda tx: cash.ask_to_give(tx, payee))
    with till.databases.transaction(read_only=True) as tx:
        assert floats.balance(tx, till.id) == 7_500


def test_a_float_gives_no_more_than_it_has(databases: Databases) -> None:
    site = Site(databases, Means.CASH)
    site.do(lambda tx: cash.ask_cash(tx, "fill", 2_500))
    _, payee = site.payment()
    _, other = site.payment()
    site.ask(lambda tx: cash.ask_to_give(tx, payee))
    with pytest.raises(Conflict):
        site.ask(lambda tx: cash.ask_to_give(tx, other))


@pytest.mark.parametrize(("counted", "loss"), [(10_000, 0), (9_000, 1_000), (11_000, -1_000)])
def test_a_count_that_differs_is_booked_and_asked_about(till: Site, counted: int, loss: int) -> None:
    till.do(lambda tx: cash.ask_cash(tx, "count-cash", counted))
    with till.databases.transaction(read_only=True) as tx:
        asked = list(tx.session.scalars(sa.select(ReconException.kind)))
        assert (floats.balance(tx, till.id), ledger.balance(tx, ledger.LOSS)) == (counted, loss)
    assert (asked, till.books()) == ([ExceptionKind.FLOAT_DIFF] if loss else [], 0)


def test_a_card_that_is_missing_at_the_count_is_asked_about(safe: Site) -> None:
    safe.do(lambda tx: cash.ask_card_count(tx, 2))
    with safe.databases.transaction(read_only=True) as tx:
        assert list(tx.session.scalars(sa.select(ReconException.kind))) == [ExceptionKind.STOCK_COUNT_DIFF]


@pytest.mark.parametrize("serials", [["6001"], ["600199999999", "6001 9999 9999"], [SERIALS[0]], [], ["x" * 50]])
def test_cards_are_taken_in_whole_or_not_at_all(safe: Site, serials: list[str]) -> None:
    with pytest.raises(Refused):
        safe.ask(lambda tx: cash.ask_cards(tx, "Corner Store", ["600155555555", *serials] if serials else []))
    with safe.databases.transaction(read_only=True) as tx:
        assert card_stock.in_safe(tx, safe.id) == 3


def test_a_site_holds_no_more_than_the_policy_lets_it(till: Site) -> None:
    with pytest.raises(Conflict):
        till.ask(lambda tx: cash.ask_cash(tx, "fill", 40_001))
    till.do(lambda tx: cash.ask_cash(tx, "fill", 40_000))
    till.do(lambda tx: cash.ask_cash(tx, "bank", 50_000))
    assert till.books() == 0


def test_the_database_refuses_one_person_s_two_signatures_and_a_changed_movement(till: Site) -> None:
    for change in (sa.update(FloatMove).values(cents=1), sa.delete(FloatMove)):
        with pytest.raises(sa.exc.DBAPIError), till.databases.transaction() as tx:
            tx.session.execute(change)
    with pytest.raises(sa.exc.IntegrityError), till.databases.transaction(till.clerk) as tx:
        floats.fill(tx, till.id, 100, (till.clerk.id, "the same"))


def test_a_desk_payment_goes_by_link_when_it_is_wanted(
    till: Site, provider: Simulator, worker_of: Callable[..., Worker]
) -> None:
    key, payee = till.payment()
    till.ask(lambda tx: handover.pay_by_link(tx, payee))
    worker_of(provider).work()
    assert _state(till, key) is State.SENT


def test_the_site_s_page_counts_fills_and_takes_cards_in(
    sign_in: Callable[..., object], browser: Browser, databases: Databases
) -> None:
    with databases.transaction() as tx:
        site_id = make_site_id(tx)
    sign_in(Role.CLINIC, site_id)
    browser.get("/site-cash")
    browser.submit("Put it in", amount="$250.00")
    assert "Now somebody else of your site signs it" in browser.page.text
    browser.submit("Put it in", amount="lots")
    assert (browser.status, "such as 250.00" in browser.page.text) == (422, True)
    browser.submit("Put them into the safe", brand="Corner Store", serials="\n".join(SERIALS))
    assert "Now somebody else of your site signs it" in browser.page.text
