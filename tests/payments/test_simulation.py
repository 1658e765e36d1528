"""A year of payments in one process, from a seed: the clock jumps, answers are lost, orders come late."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases
from biobank.payments import actions, worker
from biobank.payments import till as till_module
from biobank.payments.gate_models import ProviderGate
from biobank.payments.models import DisbursementEvent, State
from biobank.payments.providers.base import Balance, Capabilities, Delivered, Outcome, OutcomeKind, PaymentRequest
from biobank.payments.providers.tremendous import Tremendous
from biobank.payments.till import Pace, Till
from tests.conftest import NOON
from tests.payments.factories import make_payment, make_site_id, states_of

# `make chaos` plays more of them.
SEEDS = int(os.environ.get("BIOBANK_TEST_SEEDS", "1"))
STEPS, PAYMENTS = 60, 12
PACE = Pace(requests_per_second=10_000, lease=timedelta(minutes=2))


class Drawn:
    """A provider that keeps to its key and to nothing else: what it answers is drawn from the seed."""

    capabilities: Capabilities = Tremendous.capabilities

    def __init__(self, drawn: random.Random) -> None:
        self.drawn, self.orders, self.late, self.charged = drawn, dict[str, str](), list[tuple[datetime, str]](), 0

    def _make(self, external_id: str) -> str:
        if external_id not in self.orders:
            self.orders[external_id] = f"O-{external_id}"
            self.charged += 1
        return self.orders[external_id]

    def _arrive(self) -> None:
        now = clock.now()
        for due, external_id in [one for one in self.late if one[0] <= now]:
            self.late.remove((due, external_id))
            self._make(external_id)

    def submit(self, request: PaymentRequest) -> Outcome:
        self._arrive()
        fate = self.drawn.choice(("made", "made", "lost", "late", "never came", "throttled", "died"))
        if fate == "throttled":
            return Outcome(OutcomeKind.THROTTLED, retry_after=self.drawn.randint(0, 600))
        if fate == "late":
            self.late.append((clock.now() + timedelta(seconds=self.drawn.randint(1, 7200)), request.external_id))
        if fate in ("made", "lost", "died"):
            order = self._make(request.external_id)
        if fate == "died":
            raise InterruptedError
        if fate != "made":
            return Outcome(OutcomeKind.UNKNOWN, "No answer came.")
        return self._confirmed(request, order)

    def _confirmed(self, request: PaymentRequest, order: str) -> Outcome:
        return Outcome(OutcomeKind.CONFIRMED, provider_ref=order, reward_ref=f"R{order}", link=f"https://gift/{order}",
                       amount_cents=request.amount_cents, currency="USD")  # fmt: skip

    def lookup(self, external_id: str, *, expected: PaymentRequest | None = None) -> Outcome:
        self._arrive()
        order = self.orders.get(external_id)
        return Outcome(OutcomeKind.ABSENT) if order is None or expected is None else self._confirmed(expected, order)

    def ask_reward(self, reward_ref: str) -> Delivered:
        return Delivered.SUCCEEDED

    def balance(self) -> Balance:
        return Balance(10**9, 0, "USD")

    def close(self) -> None:
        """There is nothing to give up."""


@contextmanager
def _jumping() -> Iterator[list[datetime]]:
    """A clock that is moved by hand, now and then a day back or forth."""
    now = [NOON]
    with clock.at(lambda: now[0]):
        yield now


@pytest.fixture(autouse=True)
def draws() -> Iterator[None]:
    """What pauses are drawn from is left as it was."""
    before = till_module._RANDOM
    yield
    till_module._RANDOM = before


def _play(databases: Databases, seed: int) -> tuple[list[tuple[str, int]], int]:
    """Play one year; the story of its payments in order, and how many orders were charged."""
    # Pauses are drawn from the seed too.
    drawn = till_module._RANDOM = random.Random(seed)
    told = len(_story(databases))
    provider = Drawn(drawn)
    till = Till(databases=databases, provider=provider, name="tremendous", pace=PACE)
    with _jumping() as now:
        with databases.transaction() as tx:
            site_id = make_site_id(tx)
        for step in range(STEPS):
            if step < PAYMENTS:
                with databases.transaction() as tx:
                    make_payment(tx, site_id)
            now[0] += timedelta(days=drawn.choice((0, 0, 1, 6, -1)), seconds=drawn.randint(1, 3600))
            _work(till, most=drawn.choice((1, worker.TOGETHER)))
        now[0] += timedelta(days=40)
        provider.drawn = _Calm()
        for _ in range(4 * PAYMENTS):
            _work(till)
            now[0] += timedelta(minutes=20)
            if set(states_of(databases)) == {State.SENT}:
                break
    return _story(databases)[told:], provider.charged


def _story(databases: Databases) -> list[tuple[str, int]]:
    with databases.transaction(read_only=True) as tx:
        events = sa.select(DisbursementEvent.state, DisbursementEvent.attempt).order_by(DisbursementEvent.id)
        return [(str(state), attempt) for state, attempt in tx.session.execute(events)]


class _Calm(random.Random):
    """The weather after the storm."""

    def choice(self, values: tuple[str, ...]) -> str:  # type: ignore[override]
        return values[0]


def _work(till: Till, most: int = 1) -> None:
    try:
        worker.pay_next(till, most=most)
    except InterruptedError:
        # The worker died in the call: nothing of it was written down.
        return


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_year_from_a_seed_pays_each_once_and_leaves_nothing_open(databases: Databases, seed: int) -> None:
    story, charged = _play(databases, seed)
    assert (states_of(databases), charged) == ({State.SENT: PAYMENTS}, PAYMENTS), f"seed {seed}: {story[-20:]}"
    with databases.transaction(read_only=True) as tx:
        assert actions.books_difference(tx) == 0


@pytest.mark.parametrize("backend", ["embedded"], indirect=True)
def test_the_same_seed_tells_the_same_story_again(databases: Databases) -> None:
    first = _play(databases, seed=0)
    with databases.transaction() as tx:
        tx.session.execute(sa.delete(ProviderGate))
    assert _play(databases, seed=0) == first
