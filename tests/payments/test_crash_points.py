"""A worker that dies at each step of a payment, under each answer of the provider: the next one ends it, once."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import httpx
import pytest

from biobank import clock, db
from biobank.config import Settings
from biobank.db import Databases
from biobank.payments import actions, worker
from biobank.payments.models import State
from biobank.payments.providers.tremendous import Tremendous
from biobank.payments.till import Till
from tests.payments.conftest import EAGER, Worker
from tests.payments.factories import make_payments, states_of
from tests.payments.providers.conftest import KEY, Simulator

# Each step that a worker takes; it dies as it begins the step, or as it has ended it.
STEPS = (
    "jobs.claim_some", "gates.pass_some", "states.move", "jobs.record", "jobs._write_call", "links.seal", "ledger.post",
    "gates.note", "verdict.judge", "providers.tremendous:Tremendous.submit", "providers.tremendous:Tremendous._call",
)  # fmt: skip
FAULTS = ("none", "lost_reply", "error_before_commit", "throttle")
# `make chaos` dies 20 times at every step under every answer; the suite once at every step under two.
IS_WHOLE = "BIOBANK_TEST_KILLS" in os.environ
CHOSEN, TIMES = (FAULTS, 20) if IS_WHOLE else (FAULTS[:2], 1)


def _die_at(step: str, when: str) -> None:
    module, _, name = f"biobank.payments.{step}".rpartition(":" if ":" in step else ".")
    owner = import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    whole = getattr(owner, last)

    def dies(*values: object, **named: object) -> object:
        if when == "after":
            whole(*values, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, dies)


def _live_and_die(settings: Settings, url: str, step: str, when: str) -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        adapter = Tremendous(base_url=url, api_key=KEY, campaign_id="CAMPAIGN", timeout=httpx.Timeout(2))
        till = Till(databases=db.connect(settings), provider=adapter, name="tremendous", pace=EAGER)
        _die_at(step, when)
        worker.pay_next(till, most=2)
    finally:
        os._exit(0)


@pytest.mark.parametrize("fault", CHOSEN)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_any_step_leaves_one_payment_to_the_next(
    settings: Settings,
    databases: Databases,
    provider: Simulator,
    worker_of: Callable[..., Worker],
    fault: str,
    when: str,
) -> None:
    # Two are claimed together, and each worker leaves both to a later one.
    number = 2 * len(STEPS) * TIMES
    make_payments(databases, number)
    if fault != "none":
        provider.break_with({"kind": fault, "seconds": 0, "times": TIMES})
    died = [os.WIFSIGNALED(_live_and_die(settings, provider.url, step, when)) for step in STEPS * TIMES]
    # Under some answers a worker never comes to a step; under all of them it comes to most.
    assert sum(died) >= (len(STEPS) - 3) * TIMES
    with clock.at(lambda: clock._system() + timedelta(minutes=10)):
        worker_of(provider).work(tries=200 * TIMES)
    assert states_of(databases) == {State.SENT: number}
    assert provider.state()["executed"] == number
    with databases.transaction(read_only=True) as tx:
        assert actions.books_difference(tx) == 0
