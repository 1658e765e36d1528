"""A month is locked, signed and closed in its order by two people; once shut it takes nothing more, whoever asks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, NotFound
from biobank.payments import actions, book_facts, bookings, checklist, equations, ledger, nightly, packs, periods
from biobank.payments.ledger import Entry
from biobank.payments.models import (
    PeriodState,
    ReconException,
    ReconMatch,
    ResolutionCode,
    StatementLine,
    TransferKind,
)
from tests.payments.factories import make_payment, make_staff, sent, statement

NOVEMBER, OCTOBER = "2026-11", "2026-10"
IN_NOVEMBER, IN_DECEMBER = datetime(2026, 11, 20, 18, tzinfo=UTC), datetime(2026, 12, 3, 18, tzinfo=UTC)


@pytest.fixture
def finance(databases: Databases) -> Callable[..., Any]:
    """Two people of finance; each unit of work is one transaction of one of them, in December."""
    with databases.transaction() as tx:
        people = [make_staff(tx, Role.FINANCE) for _ in range(2)]
    actors = [Actor(kind="staff", name=one.display_name, id=one.id, roles=frozenset({Role.FINANCE})) for one in people]

    def do(work: Callable[[Tx], Any], person: int = 0) -> Any:
        with clock.at(IN_DECEMBER), databases.transaction(actors[person]) as tx:
            return work(tx)

    return do


def _a_settled_month(databases: Databases) -> None:
    """One payment, sent and on a statement that reaches the month's end."""
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        payment = sent(tx, make_payment(tx))
        lines = [("2026-11-20", f"Reward {payment.external_id}", -2500)]
        actions.match(tx, actions.import_statement(tx, statement(lines, last_day="2026-11-30")).id)


def _asked(tx: Tx) -> Approval:
    return tx.session.scalars(sa.select(Approval).order_by(Approval.id.desc())).unique().first()


def _approve(tx: Tx, *, approve: bool = True) -> None:
    approvals.decide(tx, _asked(tx).id, approve, "" if approve else "look again")


def _close(finance: Callable[..., Any]) -> None:
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    finance(lambda tx: periods.sign(tx, NOVEMBER))
    finance(_approve, person=1)


def test_a_month_is_locked_signed_and_closed_by_two_people(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    _close(finance)
    period = finance(lambda tx: periods.period_of(tx, NOVEMBER))
    assert period.state is PeriodState.CLOSED
    assert period.closed_by_id != period.signed_by_id
    assert finance(lambda tx: packs.digest(periods.pack_of(tx, NOVEMBER).content)) == period.pack_sha256


def test_whoever_signed_cannot_close(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    pack = finance(lambda tx: periods.sign(tx, NOVEMBER))
    with pytest.raises(Forbidden, match="second person"):
        finance(_approve)
    with pytest.raises(Forbidden, match="Somebody else"):
        finance(lambda tx: periods.close(tx, NOVEMBER, pack.sha256))


def test_a_close_that_is_refused_may_be_signed_anew(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    finance(lambda tx: periods.sign(tx, NOVEMBER))
    finance(lambda tx: _approve(tx, approve=False), person=1)
    assert finance(lambda tx: periods.sign(tx, NOVEMBER)).sha256
    assert finance(lambda tx: periods.period_of(tx, NOVEMBER).state) is PeriodState.LOCKED


def test_a_closed_month_is_opened_again_by_two_people_only(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    _close(finance)
    finance(lambda tx: periods.ask_reopen(tx, NOVEMBER, "a late fee"))
    assert finance(lambda tx: periods.period_of(tx, NOVEMBER).state) is PeriodState.CLOSED
    finance(_approve, person=1)
    assert finance(lambda tx: periods.period_of(tx, NOVEMBER).state) is PeriodState.OPEN
    assert [event.step.value for event in finance(lambda tx: periods.history(tx, periods.period_of(tx, NOVEMBER).id))] \
        == ["locked", "signed", "closed", "reopened"]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "refusal"), [("2026-12", "not over yet"), ("2026-13", "YYYY-MM"), ("2026-09", "nothing in this month")]
)
def test_a_month_that_cannot_be_locked_says_why(
    databases: Databases, finance: Callable[..., Any], code: str, refusal: str
) -> None:
    _a_settled_month(databases)
    with pytest.raises(Exception, match=refusal):
        finance(lambda tx: periods.lock(tx, code))


def test_months_are_closed_in_their_order(databases: Databases, finance: Callable[..., Any]) -> None:
    with clock.at(datetime(2026, 10, 30, 12, tzinfo=UTC)), databases.transaction() as tx:
        make_payment(tx)
    with pytest.raises(Conflict, match="Close 2026-10 first"):
        finance(lambda tx: periods.lock(tx, NOVEMBER))


def test_an_unmatched_line_stops_the_signature_and_cannot_be_waived(
    databases: Databases, finance: Callable[..., Any]
) -> None:
    _a_settled_month(databases)
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        actions.import_statement(tx, statement([("2026-11-30", "Gift", -900)], opening=997_500, last_day="2026-11-30"))
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    with pytest.raises(Conflict, match="cannot be waived"):
        finance(lambda tx: periods.waive(tx, NOVEMBER, "lines", "we know"))
    with pytest.raises(Conflict, match="points of the checklist"):
        finance(lambda tx: periods.sign(tx, NOVEMBER))


def test_a_warning_is_waived_with_a_reason_until_the_month_is_opened_again(
    databases: Databases, finance: Callable[..., Any]
) -> None:
    _a_settled_month(databases)
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        sent(tx, make_payment(tx), at=IN_NOVEMBER - timedelta(days=9))

    def point(tx: Tx) -> checklist.Point:
        found = checklist.points(tx, periods.period_of(tx, NOVEMBER))
        return next(one for one in found if one.code == "outstanding")

    assert finance(point).stops
    finance(lambda tx: periods.waive(tx, NOVEMBER, "outstanding", "the provider is late"))
    assert not finance(point).stops
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    finance(lambda tx: periods.unlock(tx, NOVEMBER, "one more entry"))
    assert finance(point).stops


def _late_entry(tx: Tx) -> Any:
    entry = Entry(kind=TransferKind.FEE, amount_cents=100, uid="late", source="test", posted_on=date(2026, 11, 30))
    return ledger.add(tx, entry)


def _late_statement(tx: Tx) -> Any:
    lines = [("2026-11-30", "Late", -100)]
    return actions.import_statement(tx, statement(lines, opening=997_500, last_day="2026-11-30"))


def _taken_back(tx: Tx) -> Any:
    return actions.undo_match(tx, tx.session.scalars(sa.select(ReconMatch.id)).first(), "wrong")


@pytest.mark.parametrize("work", [_late_entry, _late_statement, _taken_back])
def test_a_locked_month_takes_nothing_more(
    databases: Databases, finance: Callable[..., Any], work: Callable[[Tx], Any]
) -> None:
    _a_settled_month(databases)
    finance(lambda tx: periods.lock(tx, NOVEMBER))
    with pytest.raises(Conflict, match="locked or closed"):
        finance(work)


def test_an_entry_is_undone_once_by_its_opposite(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    key = finance(lambda tx: ledger.add(tx, Entry(kind=TransferKind.TOPUP_SENT, amount_cents=700, uid="t", source="t")))
    finance(lambda tx: ledger.reverse(tx, key, "typed wrong"))
    assert finance(lambda tx: (ledger.balance(tx, "1000"), ledger.balance(tx, "1150"))) == (0, 0)
    with pytest.raises(Conflict, match="undone already"):
        finance(lambda tx: ledger.reverse(tx, key, "again"))


def test_an_entry_with_a_statement_line_is_not_undone(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    key = finance(lambda tx: tx.session.scalars(sa.select(ReconMatch.transfer_id)).one())
    with pytest.raises(Conflict, match="Take the match back first"):
        finance(lambda tx: ledger.reverse(tx, key, "typed wrong"))


def test_every_equation_holds_after_a_settled_month(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    assert [one.code for one in finance(nightly.check) if one.difference] == []


def test_a_wrong_balance_is_found_and_asked_about_once_a_day(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    finance(lambda tx: ledger.add(tx, Entry(kind=TransferKind.REVOKED, amount_cents=2500, uid="odd", source="odd")))
    for _ in range(2):
        wrong = {one.code for one in finance(nightly.check) if one.difference}
    assert wrong == {"payable", "expense"}
    assert len(finance(lambda tx: tx.session.scalars(sa.select(ReconException.item)).all())) == 2


def test_a_line_of_another_kind_is_booked_by_two_people(databases: Databases, finance: Callable[..., Any]) -> None:
    _a_settled_month(databases)
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        file = actions.import_statement(
            tx, statement([("2026-11-30", "Top-up", 50_000)], opening=997_500, last_day="2026-11-30")
        )
        line_id = tx.session.scalars(sa.select(StatementLine.id).filter_by(file_id=file.id)).one()
    finance(lambda tx: bookings.ask(tx, line_id, ResolutionCode.BOOKED_TOPUP, "wire of the 28th"))
    assert finance(lambda tx: ledger.balance(tx, "1150")) == 0
    finance(_approve, person=1)
    assert finance(lambda tx: ledger.balance(tx, "1150")) == -50_000
    assert [one.code for one in finance(book_facts.all_equations) if one.difference] == []


def test_a_line_is_booked_only_as_its_sign_allows(databases: Databases, finance: Callable[..., Any]) -> None:
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        actions.import_statement(tx, statement([("2026-11-20", "Gift", -900)]))
        line_id = tx.session.scalars(sa.select(StatementLine.id)).one()
    with pytest.raises(Exception, match="cannot be booked like that"):
        finance(lambda tx: bookings.ask(tx, line_id, ResolutionCode.WRITTEN_OFF, "never mind"))
    with pytest.raises(NotFound):
        finance(lambda tx: bookings.ask(tx, new_id(), ResolutionCode.BOOKED_FEE, "no line"))


def test_an_equation_tells_both_ways_to_a_figure() -> None:
    facts = equations.BookFacts(balances={"2000": -2500, "5000": 5000, "1100": -2500}, owed=5000, paid=2500,
                                paid_by_entries=2500)  # fmt: skip
    assert [one.difference for one in equations.quick(facts)] == [0, 0, 0, 0]
    wrong = equations.BookFacts(balances={"2000": -2500}, owed=5000, paid=0, paid_by_entries=1)
    assert [one.difference for one in equations.quick(wrong)] == [-2500, -5000, 1, -2500]
