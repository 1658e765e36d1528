"""A provider's gate in the database: every worker keeps the rate, the breaker, the Retry-After and a person's hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Databases, run_tx
from biobank.errors import Conflict
from biobank.payments import actions, gates, jobs, ledger, sweeps
from biobank.payments.gate_models import GateEvent, GateStep, ProviderGate
from biobank.payments.models import Decision, Disbursement, Entitlement, State
from biobank.payments.till import Till
from tests.pages import Browser
from tests.payments.conftest import EAGER, Worker
from tests.payments.factories import make_payee, make_payments, make_site_id, states_of
from tests.payments.providers.conftest import Simulator

WorkerOf = Callable[..., Worker]


def _steps(databases: Databases) -> list[GateStep]:
    with databases.transaction(read_only=True) as tx:
        return list(tx.session.scalars(sa.select(GateEvent.step).order_by(GateEvent.id)))


def _claimed(till: Till) -> int:
    count = 0
    while run_tx(till.databases, lambda tx: jobs.claim(tx, till), SYSTEM):
        count += 1
    return count


def test_two_workers_together_keep_the_provider_s_rate(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 30)
    now = clock.now()
    slow = replace(EAGER, requests_per_second=10)
    tills = [worker_of(provider, pace=slow).till for _ in range(2)]
    claimed = []
    for tenth in range(11):
        with clock.at(now + timedelta(milliseconds=100 * tenth)):
            claimed.append(sum(_claimed(till) for till in tills))
    assert claimed == [gates.BURST, *[1] * 10]


def test_silence_opens_the_breaker_and_one_answer_closes_it(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 8)
    patient = worker_of(provider, pace=replace(EAGER, breaker=timedelta(seconds=30)))
    provider.break_with({"kind": "error_before_commit", "times": 1, "share": 1})
    patient.work(tries=20)
    assert (provider.state()["orders"], states_of(databases)[State.UNKNOWN]) == (0, gates.STREAK)
    provider.break_with()
    with clock.at(lambda: clock._system() + timedelta(seconds=31)):
        patient.work(tries=1)
        assert provider.state()["orders"] == 1
        patient.work(tries=30)
    assert _steps(databases) == [GateStep.BREAKER_OPENED, GateStep.BREAKER_CLOSED]
    assert states_of(databases) == {State.SENT: 8}


def test_an_open_breaker_waits_twice_as_long_after_each_failed_try_up_to_a_quarter_of_an_hour(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": "error_before_commit", "times": 40})
    patient, now, waits = worker_of(provider, pace=replace(EAGER, breaker=timedelta(seconds=30))), clock.now(), []
    for _ in range(12):
        with clock.at(now):
            patient.work(tries=1)
        with databases.transaction(read_only=True) as tx:
            until = tx.session.get_one(ProviderGate, "tremendous").quiet_until
        waits.append(round((until - now).total_seconds()) if until else 0)
        now = max(now, until or now) + timedelta(seconds=1)
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_retry_after_holds_every_payment_alike(databases: Databases, provider: Simulator, worker_of: WorkerOf) -> None:
    make_payments(databases, 3)
    provider.break_with({"kind": "throttle", "seconds": 60, "times": 1})
    worker_of(provider).work()
    assert states_of(databases) == {State.QUEUED: 3}
    with clock.at(clock.now() + timedelta(seconds=59)):
        worker_of(provider).work(tries=1)
    assert states_of(databases) == {State.QUEUED: 3}


def test_a_held_provider_is_sent_nothing_until_somebody_resumes_it(
    databases: Databases, provider: Simulator, worker_of: WorkerOf
) -> None:
    make_payments(databases, 1)
    run_tx(databases, lambda tx: gates.hold(tx, "tremendous", "Their support asked for it."), SYSTEM)
    worker_of(provider).work()
    assert states_of(databases) == {State.QUEUED: 1}
    run_tx(databases, lambda tx: gates.resume(tx, "tremendous", "They are well again."), SYSTEM)
    worker_of(provider).work()
    assert (states_of(databases), _steps(databases)) == ({State.SENT: 1}, [GateStep.HELD, GateStep.RESUMED])


def test_what_is_not_held_cannot_be_resumed(databases: Databases) -> None:
    with pytest.raises(Conflict), databases.transaction(SYSTEM) as tx:
        gates.resume(tx, "tremendous", "They are well again.")


def test_finance_sees_why_nothing_is_sent_and_holds_it_for_a_reason(finance: Browser) -> None:
    finance.get("/payments/providers")
    assert "Sends" in finance.page.text
    finance.submit("Hold")
    assert (finance.status, "Write why in a few words" in finance.page.text) == (422, True)
    finance.submit("Hold", note="Their support asked for it.")
    assert "Their support asked for it." in finance.page.text
    finance.submit("Resume", note="They are well again.")
    assert "Goes on" not in finance.page.text
    assert "Resumed" in finance.page.text


def test_a_payment_without_a_moment_to_be_tried_is_found(databases: Databases) -> None:
    key = make_payments(databases, 1)[0]
    with databases.transaction() as tx:
        tx.session.execute(sa.update(Disbursement).values(next_at=None))
    assert run_tx(databases, lambda tx: sweeps.sweep(tx, "tremendous"), SYSTEM) == 1
    with databases.transaction(read_only=True) as tx:
        assert tx.session.get_one(Disbursement, key).next_at is not None
    assert _steps(databases) == [GateStep.SWEPT]


def test_a_debt_without_a_payment_gets_one_and_is_accrued(databases: Databases) -> None:
    with databases.transaction(SYSTEM) as tx:
        scheme, site_id = actions.ensure_scheme(tx), make_site_id(tx)
        tx.session.add(Entitlement(payee_id=make_payee(tx).id, scheme_id=scheme.id, scheme_code=scheme.code,
                                   decision=Decision.ELIGIBLE, earned_at=clock.now(), decided_at=clock.now(),
                                   decided_by="test", site_id=site_id, reasons=[]))  # fmt: skip
        tx.session.flush()
        assert [sweeps.sweep(tx, "tremendous") for _ in range(2)] == [1, 0]
        assert ledger.balance(tx, ledger.PAYABLE) == -2500
    assert states_of(databases) == {State.QUEUED: 1}
