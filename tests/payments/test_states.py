"""A state changes by one conditional step and leaves its mark; whoever comes second changes nothing."""

import itertools

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.payments import states
from biobank.payments.models import DisbursementEvent, State
from biobank.payments.states import FOLLOWS, Step
from tests.payments.factories import make_payment


def test_a_step_writes_its_event_with_who_took_it(tx: Tx) -> None:
    payment = make_payment(tx)
    assert states.move(tx, Step(disbursement_id=payment.id, came_from=State.QUEUED, to=State.VOIDED, note="not wanted"))
    event = tx.session.scalars(sa.select(DisbursementEvent).order_by(DisbursementEvent.id.desc())).first()
    assert (event.came_from, event.state, event.actor_name, event.note) == (
        State.QUEUED, State.VOIDED, "Carla Clerk", "not wanted"
    )  # fmt: skip


def test_who_comes_second_changes_nothing(tx: Tx) -> None:
    payment = make_payment(tx)
    step = Step(disbursement_id=payment.id, came_from=State.QUEUED, to=State.VOIDED)
    assert [states.move(tx, step), states.move(tx, step)] == [True, False]
    assert len(tx.session.scalars(sa.select(DisbursementEvent)).all()) == 2


def test_a_step_under_another_lease_changes_nothing(tx: Tx) -> None:
    payment = make_payment(tx)
    states.move(tx, Step(disbursement_id=payment.id, came_from=State.QUEUED, to=State.SENDING,
                         changes={"lease_token": "mine"}))  # fmt: skip
    assert not states.move(tx, Step(disbursement_id=payment.id, came_from=State.SENDING, to=State.UNKNOWN,
                                    lease_token="yours"))  # fmt: skip


@pytest.mark.parametrize(
    ("came_from", "to"), [pair for pair in itertools.product(State, State) if pair[1] not in FOLLOWS[pair[0]]]
)
def test_a_step_that_the_law_does_not_know_is_refused(came_from: State, to: State) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        states.move(None, Step(disbursement_id=None, came_from=came_from, to=to))


def test_nothing_follows_a_dead_payment() -> None:
    assert {FOLLOWS[state] for state in states.DEAD} == {frozenset()}


def test_only_a_call_or_an_answer_ends_doubt() -> None:
    assert FOLLOWS[State.UNKNOWN] == {State.SENDING}
