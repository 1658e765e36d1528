"""Payments claimed together while the provider answers well: each in its turn, and as if it had been the only one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.columns import new_id
from biobank.db import Databases, run_tx
from biobank.payments import gates, jobs, worker
from biobank.payments.delivery_models import DeliveryChoice
from biobank.payments.models import Disbursement, DisbursementEvent, Entitlement, State
from biobank.payments.providers.base import Delivery
from tests.payments.conftest import EAGER, Worker
from tests.payments.factories import books, fault, make_payments, states_of
from tests.payments.providers.conftest import Simulator

WorkerOf = Callable[..., Worker]


def _last_of_history(databases: Databases) -> tuple[int, str | None, State]:
    """Of the payment that something happened to last: tries, lease, and the state that came of it."""
    query = sa.select(Disbursement.attempts, Disbursement.lease_token, DisbursementEvent.state)
    query = query.join(DisbursementEvent, DisbursementEvent.disbursement_id == Disbursement.id)
    with databases.transaction(read_only=True) as tx:
        return tuple(tx.session.execute(query.order_by(DisbursementEvent.id.desc()).limit(1)).one())


def test_payments_that_wait_are_paid_together_each_once(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 4)
    assert worker.pay_next(worker_of(provider).till, most=3) == [State.SENT] * 3
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 3, State.QUEUED: 1}, 3)
    assert books(databases) == 0


@pytest.mark.parametrize("kind", ["throttle", "no_funds", "lost_reply"])
def test_the_first_answer_that_is_not_well_ends_a_round_and_the_others_were_never_tried(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, kind: str
) -> None:
    make_payments(databases, 3)
    provider.break_with(fault(kind, times=9))
    [came_of_it] = worker.pay_next(worker_of(provider).till, most=3)
    assert came_of_it is (State.UNKNOWN if kind == "lost_reply" else State.QUEUED)
    assert _last_of_history(databases) == (0, None, State.QUEUED)
    provider.break_with()
    with clock.at(lambda: clock._system() + timedelta(hours=1)):
        worker_of(provider).work()
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 3}, 3)


def test_what_is_claimed_together_keeps_the_provider_s_rate(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, noon: Any
) -> None:
    make_payments(databases, 5)
    till = worker_of(provider, pace=replace(EAGER, requests_per_second=10)).till
    claims = run_tx(databases, lambda tx: jobs.claim_some(tx, till, 5), SYSTEM)
    tenth = timedelta(seconds=0.1)
    assert [claim.call_at - noon for claim in claims] == [tenth * number for number in range(-gates.BURST + 1, 4)]
    assert run_tx(databases, lambda tx: jobs.claim_some(tx, till, 5), SYSTEM) == []


def test_only_what_was_never_tried_and_goes_as_a_link_is_claimed_with_others(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    keys = make_payments(databases, 4)
    with databases.transaction() as tx:
        tx.session.execute(sa.update(Disbursement).where(Disbursement.id == keys[2]).values(attempts=1))
        payee = sa.select(Entitlement.payee_id).join(Disbursement, Disbursement.entitlement_id == Entitlement.id)
        tx.session.add(DeliveryChoice(id=new_id(), payee_id=tx.session.scalar(payee.where(Disbursement.id == keys[3])),
                                      delivery=Delivery.EMAIL, at=clock.now(), by="test"))  # fmt: skip
    till = worker_of(provider).till
    claimed = [[claim.disbursement_id for claim in run_tx(databases, lambda tx: jobs.claim_some(tx, till, 9), SYSTEM)]
               for _ in range(4)]  # fmt: skip
    assert claimed == [keys[:2], keys[2:3], keys[3:], []]


def test_nothing_is_called_about_so_late_that_its_lease_may_run_out(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 3)
    brief = worker_of(provider, pace=replace(EAGER, lease=timedelta(0))).till
    assert worker.pay_next(brief, most=3) == [State.SENT]
    assert (states_of(databases), provider.state()["orders"]) == ({State.SENT: 1, State.QUEUED: 2}, 1)


def test_a_round_that_died_is_claimed_anew_one_by_one(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 3)
    dead = worker_of(provider).till
    claims = run_tx(databases, lambda tx: jobs.claim_some(tx, dead, 3), SYSTEM)
    dead.provider.submit(claims[0].request)
    with clock.at(lambda: clock._system() + EAGER.lease * 2):
        again = [worker.pay_next(dead, most=3) for _ in range(3)]
    assert again == [[State.SENT]] * 3
    assert (states_of(databases), provider.state()["orders"]) == ({State.SENT: 3}, 3)
