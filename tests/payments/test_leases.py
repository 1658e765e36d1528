"""A payment is one worker's at a time: who died is followed under the same key, who lost it changes nothing."""

from collections.abc import Callable

from biobank import clock
from biobank.db import Databases
from biobank.payments import jobs, verdict
from biobank.payments.models import State
from biobank.payments.providers.base import Outcome, OutcomeKind
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
