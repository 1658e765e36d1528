"""A payment is one worker's at a time: who died is followed under the same key, who lost it changes nothing."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bench.payments_made import fill
from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Databases
from biobank.payments import jobs, verdict
from biobank.payments.models import Disbursement, State
from biobank.payments.providers.base import Outcome, OutcomeKind
from biobank.payments.till import Till
from tests.payments.conftest import EAGER, Worker
from tests.payments.factories import books, fault, make_payments, states_of
from tests.payments.providers.conftest import Simulator

WorkerOf = Callable[..., Worker]


def test_a_payment_whose_worker_died_is_sent_again_under_the_same_key(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    dead = worker_of(provider)
    with databases.transaction() as tx:
        claim = jobs.claim(tx, dead.till)
    dead.till.provider.submit(claim.request)
    worker_of(provider).work()
    assert states_of(databases) == {State.SENDING: 1}
    with clock.at(clock.now() + EAGER.lease * 2):
        worker_of(provider).work()
    assert (states_of(databases), provider.state()["orders"]) == ({State.SENT: 1}, 1)


def test_who_lost_the_lease_changes_nothing_any_more(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    slow = worker_of(provider).till
    with databases.transaction() as tx:
        claim = jobs.claim(tx, slow)
    answers = [verdict.Answer("submit", slow.provider.submit(claim.request))]
    with clock.at(clock.now() + EAGER.lease * 2):
        worker_of(provider).work()
    with databases.transaction() as tx:
        assert not jobs.record(tx, slow, claim, answers, State.SENT)
    assert (states_of(databases), books(databases)) == ({State.SENT: 1}, 0)


def test_who_lost_the_lease_does_not_disturb_who_has_it(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    till = worker_of(provider).till
    with databases.transaction() as tx:
        lost = jobs.claim(tx, till)
    with clock.at(clock.now() + EAGER.lease * 2), databases.transaction() as tx:
        held = jobs.claim(tx, till)
    unclear = [verdict.Answer("submit", Outcome(OutcomeKind.UNKNOWN))]
    with databases.transaction() as tx:
        assert not jobs.record(tx, till, lost, unclear, State.UNKNOWN)
    with databases.transaction() as tx:
        assert jobs.record(tx, till, held, unclear, State.UNKNOWN)


def test_a_rejection_after_a_call_that_was_cut_off_is_not_believed(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    dead = worker_of(provider).till
    with databases.transaction() as tx:
        claim = jobs.claim(tx, dead)
    dead.provider.submit(claim.request)
    provider.break_with(fault("rejected", times=9))
    with clock.at(clock.now() + EAGER.lease * 2):
        worker_of(provider).work()
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 1}, 1)


def _steps_of_a_claim(till: Till) -> int:
    """How many hundreds of SQLite's own instructions a claim takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with till.databases.transaction(SYSTEM) as tx:
        raw = tx.session.connection().connection.dbapi_connection
        raw.set_progress_handler(count, 100)
        assert jobs.claim(tx, till) is not None
        raw.set_progress_handler(None, 0)
    return steps


# PostgreSQL reads a small table whole whatever the index, so that only SQLite tells this without a million rows.
@pytest.mark.parametrize("backend", ["embedded"], indirect=True)
def test_a_claim_takes_no_more_work_however_many_payments_wait(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    fill(databases, 3000, State.QUEUED)
    wait = {"provider": None, "provider_ref": None, "sent_at": None, "attempts": 0}
    with databases.transaction() as tx:
        few = sa.select(Disbursement.id).limit(30)
        due = sa.update(Disbursement).values(**wait, next_at=Disbursement.created_at)
        tx.session.execute(due.where(Disbursement.id.in_(few)))
    till = worker_of(provider).till
    before = max(_steps_of_a_claim(till) for _ in range(3))
    with databases.transaction() as tx:
        tx.session.execute(due.where(Disbursement.state == State.QUEUED))
        tx.session.execute(sa.text("ANALYZE disbursement"))
    assert max(_steps_of_a_claim(till) for _ in range(3)) <= 2 * before
