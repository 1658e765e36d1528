"""A line settles a payment by whole reference and exact amount alone; everything odd is shown to a person once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict, Invalid
from biobank.payments import actions, ledger, states
from biobank.payments.models import (
    Disbursement,
    ExceptionKind,
    MatchState,
    ReconException,
    ReconMatch,
    State,
    StatementFile,
    StatementLine,
    TransferKind,
)
from biobank.payments.states import Step
from tests.payments.factories import make_payment, statement

DAY = "2026-11-20"


@dataclass(frozen=True)
class Line:
    """A line to come on a statement."""

    text: str
    cents: int = -2500


def _sent(tx: Tx) -> Disbursement:
    """A payment that the provider has confirmed."""
    payment = make_payment(tx)
    for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.SENT)):
        proof = {"lease_token": "mine", "provider": "p", "provider_ref": str(payment.id)}
        states.move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=to, changes=proof))
    ledger.post(tx, TransferKind.PAYMENT, payment.id, 2500)
    return actions.disbursement_of(tx, payment.id)


def _import(tx: Tx, *lines: Line, opening: int = 1_000_000) -> StatementFile:
    return actions.import_statement(tx, statement([(DAY, line.text, line.cents) for line in lines], opening=opening))


def _state(tx: Tx, payment: Disbursement) -> State:
    return actions.disbursement_of(tx, payment.id).state


def _kinds(tx: Tx) -> list[ExceptionKind]:
    return list(tx.session.scalars(sa.select(ReconException.kind)))


@pytest.mark.usefixtures("noon")
def test_a_line_is_no_surer_for_standing_in_another_file_than_those_that_name_the_same_payment(tx: Tx) -> None:
    payment = _sent(tx)
    first = _import(tx, Line(f"Reward {payment.external_id}"), Line(f"Reward {payment.external_id} again"))
    actions.match(tx, first.id)
    second = _import(tx, Line(f"Reward {payment.external_id}"), opening=995_000)
    assert actions.match(tx, second.id)["confirmed"] == 0
    assert _state(tx, payment) is State.SENT


@pytest.mark.usefixtures("noon")
def test_a_line_with_our_reference_and_amount_settles_the_payment(tx: Tx) -> None:
    payment = _sent(tx)
    counts = actions.match(tx, _import(tx, Line(f"Reward order {payment.external_id} USD")).id)
    assert (counts["confirmed"], _state(tx, payment)) == (1, State.SETTLED)
    assert actions.books_difference(tx) == 0


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("cents", [-2499, -2501, -5000, 2500])
def test_a_wrong_amount_never_matches(tx: Tx, cents: int) -> None:
    payment = _sent(tx)
    actions.match(tx, _import(tx, Line(f"Reward order {payment.external_id}", cents)).id)
    assert _state(tx, payment) is State.SENT
    assert _kinds(tx) == [ExceptionKind.AMOUNT_DIFF]


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("change", [lambda ref: ref[:-1], lambda ref: ref + "0", lambda ref: "X" + ref])
def test_a_part_of_a_reference_never_matches(tx: Tx, change: Callable[[str], str]) -> None:
    payment = _sent(tx)
    counts = actions.match(tx, _import(tx, Line(f"Reward order {change(payment.external_id)} USD")).id)
    assert (counts["confirmed"], _state(tx, payment)) == (0, State.SENT)


@pytest.mark.usefixtures("noon")
def test_one_reference_on_two_lines_settles_nothing(tx: Tx) -> None:
    payment = _sent(tx)
    reference = payment.external_id
    actions.match(tx, _import(tx, Line(f"Reward {reference}"), Line(f"Reward order {reference}")).id)
    assert _state(tx, payment) is State.SENT
    assert _kinds(tx) == [ExceptionKind.AMBIGUOUS] * 2


@pytest.mark.usefixtures("noon")
def test_two_references_on_one_line_settle_nothing(tx: Tx) -> None:
    first, second = _sent(tx), _sent(tx)
    file = _import(tx, Line(f"Reward {first.external_id}"))
    actions.match(tx, file.id)
    actions.match(tx, _import(tx, Line(f"{first.external_id} {second.external_id}"), opening=997_500).id)
    assert (_state(tx, first), _state(tx, second)) == (State.SETTLED, State.SENT)
    assert _kinds(tx) == [ExceptionKind.AMBIGUOUS]


@pytest.mark.usefixtures("noon")
def test_a_settled_payment_charged_again_is_shown(tx: Tx) -> None:
    payment = _sent(tx)
    for opening in (1_000_000, 997_500):
        actions.match(tx, _import(tx, Line(f"Reward {payment.external_id}"), opening=opening).id)
    assert _kinds(tx) == [ExceptionKind.CHARGED_TWICE]


@pytest.mark.usefixtures("noon")
def test_a_charge_for_a_payment_that_failed_is_shown(tx: Tx) -> None:
    payment = make_payment(tx)
    for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.FAILED)):
        states.move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=to, changes={"lease_token": "x"}))
    actions.match(tx, _import(tx, Line(f"Reward {payment.external_id}")).id)
    assert _kinds(tx) == [ExceptionKind.PAID_AFTER_ALL]


@pytest.mark.usefixtures("noon")
def test_a_charge_for_a_payment_in_doubt_waits_for_the_provider(tx: Tx) -> None:
    payment = make_payment(tx)
    counts = actions.match(tx, _import(tx, Line(f"Reward {payment.external_id}")).id)
    assert (counts["suggested"], counts["unmatched_lines"], _kinds(tx)) == (0, 1, [])


@pytest.mark.usefixtures("noon")
def test_a_charge_that_was_never_ours_is_shown_and_not_suggested_for_another(tx: Tx) -> None:
    _sent(tx)
    counts = actions.match(tx, _import(tx, Line("Reward BB-0000000000000000-1")).id)
    assert (counts["suggested"], _kinds(tx)) == (0, [ExceptionKind.PROVIDER_NOT_OURS])


@pytest.mark.usefixtures("noon")
def test_an_exception_answered_is_not_asked_again(tx: Tx) -> None:
    file = _import(tx, Line("Reward BB-0000000000000000-1"))
    actions.match(tx, file.id)
    asked = tx.session.scalars(sa.select(ReconException)).one()
    actions.resolve_exception(tx, asked.id, "refunded")
    actions.match(tx, file.id)
    assert len(_kinds(tx)) == 1
    with pytest.raises(Conflict, match="in the meantime"):
        actions.resolve_exception(tx, asked.id, "refunded again")


@pytest.mark.usefixtures("noon")
def test_matching_twice_changes_nothing(tx: Tx) -> None:
    payment = _sent(tx)
    file = _import(tx, Line(f"Reward {payment.external_id}"), Line("Gift", -900))
    actions.match(tx, file.id)
    assert actions.match_all(tx)["confirmed"] == 0
    assert tx.session.scalars(sa.select(ReconMatch.state)).all() == [MatchState.CONFIRMED]


@pytest.mark.usefixtures("noon")
def test_amount_and_date_alone_only_suggest_each_time_anew(tx: Tx) -> None:
    payment = _sent(tx)
    file = _import(tx, Line("Gift card"))
    for _ in range(2):
        assert actions.match(tx, file.id)["suggested"] == 1
    assert (_state(tx, payment), tx.session.scalars(sa.select(ReconMatch.state)).all()) == (
        State.SENT, [MatchState.SUGGESTED]
    )  # fmt: skip


@pytest.mark.usefixtures("noon")
def test_a_match_taken_back_opens_line_and_payment_again(tx: Tx) -> None:
    payment = _sent(tx)
    file = _import(tx, Line(f"Reward {payment.external_id}"))
    actions.match(tx, file.id)
    made = tx.session.scalars(sa.select(ReconMatch)).one()
    actions.undo_match(tx, made.id, "wrong account")
    assert (_state(tx, payment), actions.books_difference(tx)) == (State.SENT, 0)
    assert actions.match(tx, file.id)["confirmed"] == 1


@pytest.mark.usefixtures("noon")
def test_the_same_file_twice_is_one_file(tx: Tx) -> None:
    first, second = _import(tx, Line("Gift")), _import(tx, Line("Gift"))
    assert first.id == second.id
    assert len(tx.session.scalars(sa.select(StatementLine)).all()) == 1


@pytest.mark.usefixtures("noon")
def test_a_longer_export_of_the_same_period_brings_only_what_is_new(tx: Tx) -> None:
    _import(tx, Line("Gift"), Line("Gift"))
    longer = _import(tx, Line("Gift"), Line("Gift"), Line("Gift"))
    assert (longer.line_count, longer.new_count, _kinds(tx)) == (3, 1, [])


@pytest.mark.usefixtures("noon")
def test_the_next_statement_brings_the_same_words_as_another_line(tx: Tx) -> None:
    _import(tx, Line("Gift"))
    _import(tx, Line("Gift"), opening=997_500)
    whole = _import(tx, Line("Gift"), Line("Gift"), Line("New gift"))
    assert (whole.new_count, len(tx.session.scalars(sa.select(StatementLine)).all())) == (1, 3)


@pytest.mark.usefixtures("noon")
def test_a_gap_between_statements_is_refused_and_leaves_nothing(tx: Tx) -> None:
    _import(tx, Line("Gift"))
    with pytest.raises(Invalid, match="Something is missing between them"):
        _import(tx, Line("Later gift"), opening=900_000)
    assert len(tx.session.scalars(sa.select(StatementFile)).all()) == 1


def test_people_who_match_at_once_settle_each_payment_once(databases: Databases) -> None:
    with databases.transaction() as tx:
        references = [_sent(tx).external_id for _ in range(5)]
        file_id = _import(tx, *(Line(f"Reward {reference}") for reference in references)).id
    start, counts = threading.Barrier(8), []

    def press() -> None:
        start.wait()
        counts.append(run_tx(databases, lambda tx: actions.match(tx, file_id))["confirmed"])

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0] * 7 + [5]


def test_a_statement_that_does_not_add_up_leaves_nothing_behind(databases: Databases) -> None:
    wrong = statement([(DAY, "Gift", -2500)]).replace(b"Gift,,-25.00", b"Gift,,-24.00")
    with pytest.raises(Invalid, match="Export the whole period again"), databases.transaction() as tx:
        actions.import_statement(tx, wrong)
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(StatementFile)).all() == []
        assert tx.session.scalars(sa.select(StatementLine)).all() == []


@pytest.mark.usefixtures("noon")
def test_a_hundred_lines_among_equal_amounts_find_each_its_own_payment(tx: Tx) -> None:
    references = [_sent(tx).external_id for _ in range(100)]
    file = _import(tx, *(Line(f"Reward order {reference} USD") for reference in reversed(references)))
    assert actions.match(tx, file.id)["confirmed"] == 100
    pairs = tx.session.execute(
        sa.select(StatementLine.text, Disbursement.external_id)
        .join(ReconMatch, ReconMatch.line_id == StatementLine.id)
        .join(ReconMatch.transfer)
        .join(Disbursement, Disbursement.id == ReconMatch.transfer.property.mapper.class_.disbursement_id)
    ).all()
    assert all(reference in text for text, reference in pairs)
