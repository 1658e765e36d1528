"""Whatever goes wrong on the way to the provider, a payment is made once, and a timeout never makes it failed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases
from biobank.payments import actions, links
from biobank.payments.models import (
    Disbursement,
    DisbursementEvent,
    ExceptionKind,
    ProviderCall,
    ProviderStop,
    ReconException,
    State,
    StopReason,
)
from biobank.payments.till import Pace
from biobank.payments.worker import work_once
from biobank.web import logs
from tests.payments.conftest import EAGER, Worker
from tests.payments.factories import books, fault, make_payments, states_of
from tests.payments.providers.conftest import Simulator

MADE_OR_NOT = ("error_before_commit", "error_after_commit", "lost_reply", "slow", "late", "garbled", "wrong_amount")
NOTHING_MADE = ("throttle", "no_funds")
WorkerOf = Callable[..., Worker]


def _states_been(databases: Databases) -> set[State]:
    with databases.transaction(read_only=True) as tx:
        return set(tx.session.scalars(sa.select(DisbursementEvent.state)))


def _asked(databases: Databases) -> list[ExceptionKind]:
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(ReconException.kind)))


def _link(databases: Databases, key: UUID) -> str | None:
    with databases.transaction(read_only=True) as tx:
        return links.open_link(tx, key)


def test_what_is_due_is_paid_and_handed_over_as_a_link(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    keys = make_payments(databases, 3)
    assert work_once(databases, worker_of(provider).till.provider) == 3
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 3}, 3)
    assert all(str(_link(databases, key)).startswith(f"{provider.url}/gift/") for key in keys)


def _one_with_each(databases: Databases, provider: Simulator, kinds: Sequence[str], times: int) -> int:
    """A payment for each fault, which the provider makes with it so many times; how many payments."""
    keys = make_payments(databases, len(kinds))
    with databases.transaction(read_only=True) as tx:
        references = [actions.disbursement_of(tx, key).external_id for key in keys]
    given = zip(kinds, references, strict=True)
    provider.break_with(*(fault(kind, times=times, external_id=reference) for kind, reference in given))
    return len(keys)


def test_each_fault_delays_its_payment_and_never_doubles_or_fails_it(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    number = _one_with_each(databases, provider, [*MADE_OR_NOT, *NOTHING_MADE], times=3)
    worker_of(provider).work(tries=number * 5)
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: number}, number)
    assert State.FAILED not in _states_been(databases)
    assert books(databases) == 0


def test_each_unclear_answer_leaves_its_payment_unknown(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    number = _one_with_each(databases, provider, MADE_OR_NOT, times=1)
    worker_of(provider).work(tries=number)
    assert states_of(databases) == {State.UNKNOWN: number}


def test_an_order_that_waits_for_approval_stays_unknown_and_is_shown_to_a_person(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with(fault("pending_approval"))
    worker_of(provider).work(tries=3)
    assert (states_of(databases), _asked(databases)) == ({State.UNKNOWN: 1}, [])
    with clock.at(clock.now() + timedelta(hours=73)):
        worker_of(provider).work(tries=1)
    assert (states_of(databases), _asked(databases)) == ({State.UNKNOWN: 1}, [ExceptionKind.UNKNOWN_OUTCOME])


@pytest.mark.parametrize("kind", ["rejected", "failed"])
def test_a_proven_failure_is_shown_to_a_person_and_can_be_paid_anew(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, kind: str
) -> None:
    key = make_payments(databases, 1)[0]
    with databases.transaction(read_only=True) as tx:
        reference = actions.disbursement_of(tx, key).external_id
    provider.break_with(fault(kind, external_id=reference))
    worker_of(provider).work()
    assert (states_of(databases), _asked(databases)) == ({State.FAILED: 1}, [ExceptionKind.FAILED])
    _pay_again(databases, key)
    worker_of(provider).work()
    assert (states_of(databases), provider.state()["executed"]) == ({State.FAILED: 1, State.SENT: 1}, 1)
    assert books(databases) == 0


def _pay_again(databases: Databases, key: UUID) -> None:
    from_two = [Actor(kind="staff", name=name, id=UUID(int=number)) for number, name in ((1, "A"), (2, "B"))]
    with databases.transaction(from_two[0]) as tx:
        again = actions.pay_again(tx, key, "the provider proved it").id
    with databases.transaction(from_two[1]) as tx:
        actions.release(tx, again)


def test_a_rejection_after_a_lost_answer_is_not_believed(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    key = make_payments(databases, 1)[0]
    provider.break_with(fault("lost_reply"), fault("rejected", times=9))
    worker_of(provider).work()
    assert (states_of(databases), provider.state()["executed"]) == ({State.SENT: 1}, 1)
    assert str(_link(databases, key)).startswith(f"{provider.url}/gift/")


def test_absent_counts_only_after_the_provider_would_know(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with(fault("error_before_commit"), fault("rejected", times=9))
    worker_of(provider).work(tries=3)
    assert states_of(databases) == {State.UNKNOWN: 1}
    with clock.at(clock.now() + timedelta(minutes=6)):
        worker_of(provider).work(tries=1)
    assert states_of(databases) == {State.FAILED: 1}


def test_an_empty_balance_holds_every_payment_until_it_is_filled(
    databases: Databases, start_provider: Callable[..., Simulator], worker_of: WorkerOf
) -> None:
    make_payments(databases, 3)
    worker_of(start_provider("--balance-cents", "2500")).work(tries=4)
    assert states_of(databases) == {State.SENT: 1, State.QUEUED: 2}
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(ProviderStop.reason)).all() == [StopReason.NO_FUNDS]


def test_a_refused_key_stops_the_provider_and_fails_no_payment(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 2)
    worker_of(provider, key="TEST_wrong").work()
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(ProviderStop.reason)).all() == [StopReason.REFUSED]
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(ProviderCall)) == 1
    assert states_of(databases) == {State.QUEUED: 2}


def test_a_mended_key_sets_the_payments_going_again(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 2)
    worker_of(provider, key="TEST_wrong").work()
    worker_of(provider).work()
    assert states_of(databases) == {State.SENT: 2}


def test_the_pause_that_the_provider_asks_for_is_kept(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    key = make_payments(databases, 1)[0]
    provider.break_with(fault("throttle", seconds=7))
    before = clock.now()
    worker_of(provider).work()
    with databases.transaction(read_only=True) as tx:
        assert actions.disbursement_of(tx, key).next_at >= before + timedelta(seconds=7)
    assert states_of(databases) == {State.QUEUED: 1}


def test_another_provider_is_never_asked_about_a_payment_begun_elsewhere(
    databases: Databases, start_provider: Callable[..., Simulator], worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    first, second = start_provider(), start_provider()
    first.break_with(fault("lost_reply"))
    worker_of(first).work(tries=1)
    assert work_once(databases, worker_of(second).till.provider, name="other", pace=EAGER) == 0
    assert second.state()["orders"] == 0


class Watcher:
    """The real adapter, with a note of how many connections to the database are taken during each call."""

    def __init__(self, adapter: Any, databases: Databases) -> None:
        self.adapter, self.databases, self.taken = adapter, databases, []
        self.capabilities = adapter.capabilities

    def submit(self, request: Any) -> Any:
        self.taken.append(self.databases.study.engine.pool.checkedout())
        return self.adapter.submit(request)


def test_no_transaction_is_open_while_the_provider_is_called(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 2)
    watcher = Watcher(worker_of(provider).till.provider, databases)
    work_once(databases, watcher)
    assert watcher.taken == [0, 0]


def test_a_link_is_readable_in_no_row_and_in_no_log(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO")
    key = make_payments(databases, 1)[0]
    provider.break_with(fault("lost_reply"), fault("rejected", times=9))
    worker_of(provider).work()
    token = str(_link(databases, key)).rpartition("/")[2]
    printed = capfd.readouterr()
    with databases.transaction(read_only=True) as tx:
        tables = Disbursement.metadata.tables.values()
        rows = [str(row) for table in tables for row in tx.session.execute(table.select())]
    assert len(rows) > 5
    assert "payment" in printed.out + printed.err
    assert [text for text in [*rows, printed.out, printed.err] if token in text] == []


def test_pauses_grow_are_random_and_end_at_the_longest() -> None:
    pace = Pace()
    drawn = [pace.pause(2) for _ in range(200)]
    assert len(set(drawn)) > 100
    assert max(drawn) <= timedelta(seconds=8)
    assert max(pace.pause(1000) for _ in range(50)) <= pace.longest_pause
