"""Baskets, returns and fees: what one line and one payment are not, and what a person decides about it."""

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid
from biobank.payments import actions, book_facts, bookings, ledger, matching_by_hand, questions
from biobank.payments.ledger import Entry
from biobank.payments.models import (
    Disbursement,
    ExceptionKind,
    ExceptionNote,
    MatchState,
    ReconException,
    ReconMatch,
    ResolutionCode,
    State,
    StatementFile,
    StatementLine,
    Transfer,
    TransferKind,
)
from tests.payments.factories import make_payment, make_staff, sent, statement

DAY = "2026-11-20"


def _import(tx: Tx, *lines: tuple[str, int], opening: int = 1_000_000) -> StatementFile:
    return actions.import_statement(tx, statement([(DAY, text, cents) for text, cents in lines], opening=opening))


def _lines(tx: Tx) -> list[StatementLine]:
    return list(tx.session.scalars(sa.select(StatementLine).order_by(StatementLine.id)))


def _entry_of(tx: Tx, payment: Disbursement) -> Transfer:
    return tx.session.scalars(
        sa.select(Transfer).filter_by(disbursement_id=payment.id, kind=TransferKind.PAYMENT)
    ).one()


def _kinds(tx: Tx) -> list[ExceptionKind]:
    return list(tx.session.scalars(sa.select(ReconException.kind)))


def _state(tx: Tx, payment: Disbursement) -> State:
    return actions.disbursement_of(tx, payment.id).state


def _wrong(tx: Tx) -> list[str]:
    return [one.code for one in book_facts.all_equations(tx) if one.difference]


@pytest.mark.usefixtures("noon")
def test_one_line_for_several_payments_is_matched_as_a_basket_and_taken_back_whole(tx: Tx) -> None:
    payments = [sent(tx, make_payment(tx)) for _ in range(3)]
    _import(tx, ("Monthly settlement", -7500))
    entries = [_entry_of(tx, payment).id for payment in payments]
    matching_by_hand.match_by_hand(tx, [_lines(tx)[0].id], entries, "the provider's list of the month")
    assert {_state(tx, payment) for payment in payments} == {State.SETTLED}
    assert _wrong(tx) == []
    actions.undo_match(tx, tx.session.scalars(sa.select(ReconMatch.id)).first(), "another month")
    assert {_state(tx, payment) for payment in payments} == {State.SENT}


@pytest.mark.usefixtures("noon")
def test_a_basket_that_differs_by_a_cent_is_refused(tx: Tx) -> None:
    payment = sent(tx, make_payment(tx))
    _import(tx, ("Settlement", -2501))
    with pytest.raises(Invalid, match=r"difference of 0\.00"):
        matching_by_hand.match_by_hand(tx, [_lines(tx)[0].id], [_entry_of(tx, payment).id], "nearly")


def test_the_database_refuses_a_line_of_a_basket_in_a_second_match(databases: Databases) -> None:
    with databases.transaction() as tx:
        first, second, third = (sent(tx, make_payment(tx)) for _ in range(3))
        _import(tx, ("Settlement", -5000))
        line = _lines(tx)[0]
        matching_by_hand.match_by_hand(tx, [line.id], [_entry_of(tx, one).id for one in (first, second)], "list")
        spare = _entry_of(tx, third).id
    values = {"id": new_id(), "line_id": line.id, "transfer_id": spare, "state": MatchState.CONFIRMED,
              "rule": "by_hand", "why": "", "at": clock.now(), "by": "x"}  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
        tx.session.execute(sa.insert(ReconMatch).values(values))


@pytest.mark.usefixtures("noon")
def test_a_batch_reference_confirms_when_its_entries_come_to_the_line(tx: Tx) -> None:
    ledger.ensure_accounts(tx)
    for number in range(3):
        ledger.add(tx, Entry(kind=TransferKind.SUSPENSE_OUT, amount_cents=2500, uid=f"b{number}", source="batch",
                             reference="ACH-20261120-A"))  # fmt: skip
    file = _import(tx, ("ACH SETTLEMENT ach-20261120-a", -7500))
    assert actions.match(tx, file.id)["confirmed"] == 1
    assert [row.line_part for row in tx.session.scalars(sa.select(ReconMatch).order_by(ReconMatch.id))] == [1, 2, 3]


@pytest.mark.usefixtures("noon")
def test_a_fee_is_matched_by_the_providers_order(tx: Tx) -> None:
    payment = sent(tx, make_payment(tx))
    ledger.post(tx, TransferKind.FEE, payment.id, 150)
    order = actions.disbursement_of(tx, payment.id).provider_ref
    file = _import(tx, (f"Reward {payment.external_id} {order}", -2500), (f"Service fee {order}", -150))
    assert actions.match(tx, file.id)["confirmed"] == 2
    assert _wrong(tx) == []


@pytest.mark.usefixtures("noon")
def test_money_that_comes_back_is_booked_by_two_people_and_may_be_paid_again(tx: Tx) -> None:
    payment = sent(tx, make_payment(tx))
    file = _import(tx, (f"Reward {payment.external_id}", -2500), (f"Refund {payment.external_id}", 2500))
    actions.match(tx, file.id)
    assert (_state(tx, payment), _kinds(tx)) == (State.SETTLED, [ExceptionKind.RETURNED])
    bookings.book(tx, _lines(tx)[1].id, ResolutionCode.BOOKED_REFUND, "bounced")
    assert (_state(tx, payment), _wrong(tx)) == (State.RETURNED, [])
    assert actions.pay_again(tx, payment.id, "new card").state is State.HELD
    assert actions.totals(tx).payable_cents == 2500


@pytest.mark.usefixtures("noon")
def test_a_refund_that_names_no_paid_payment_is_not_booked_to_one(tx: Tx) -> None:
    _import(tx, ("Refund of something", 2500))
    with pytest.raises(Conflict, match="does not name one paid payment"):
        bookings.ask(tx, _lines(tx)[0].id, ResolutionCode.BOOKED_REFUND, "bounced")


@pytest.mark.usefixtures("noon")
def test_a_charge_and_its_return_are_told_apart_when_both_are_booked(tx: Tx) -> None:
    payment = sent(tx, make_payment(tx))
    _import(tx, (f"Refund {payment.external_id}", 2500))
    bookings.book(tx, _lines(tx)[0].id, ResolutionCode.BOOKED_REFUND, "bounced")
    second = _import(tx, (f"Reward {payment.external_id}", -2500), opening=1_002_500)
    assert actions.match(tx, second.id)["confirmed"] == 1
    assert (_state(tx, payment), _kinds(tx), _wrong(tx)) == (State.RETURNED, [], [])


@pytest.mark.usefixtures("noon")
def test_an_exception_has_an_owner_a_day_and_notes(tx: Tx) -> None:
    actions.match(tx, _import(tx, ("Reward BB-0000000000000000-1", -2500)).id)
    asked = tx.session.scalars(sa.select(ReconException)).one()
    owner = make_staff(tx, Role.FINANCE)
    questions.assign(tx, asked.id, owner_id=owner.id, due_on=asked.due_on)
    questions.add_note(tx, asked.id, "asked their support, ticket 11")
    assert (asked.owner, str(asked.due_on)) == (owner.display_name, "2026-11-21")
    assert tx.session.scalars(sa.select(ExceptionNote.text)).all() == ["asked their support, ticket 11"]


@pytest.mark.usefixtures("noon")
def test_an_exception_is_given_to_finance_alone_and_money_needs_two(tx: Tx, clerk: Actor) -> None:
    actions.match(tx, _import(tx, ("Reward BB-0000000000000000-1", -2500)).id)
    asked = tx.session.scalars(sa.select(ReconException)).one()
    with pytest.raises(Invalid, match="somebody of finance"):
        questions.assign(tx, asked.id, owner_id=make_staff(tx, Role.CLINIC).id, due_on=asked.due_on)
    with pytest.raises(Conflict, match="second person"):
        actions.resolve_exception(tx, asked.id, "gone", ResolutionCode.WRITTEN_OFF)
