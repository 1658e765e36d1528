"""What a provider does not promise is not relied upon: without idempotency, or with an old key, it is only asked."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from biobank import clock
from biobank.db import Databases
from biobank.payments.models import State
from biobank.payments.providers import available, kind_of
from biobank.payments.providers.base import Capabilities
from biobank.payments.providers.tremendous import Tremendous
from tests.payments.conftest import Worker
from tests.payments.factories import make_payments, states_of
from tests.payments.providers.conftest import KEY, Simulator


class Forgetful(Tremendous):
    """The provider as it would be if it made every order anew."""

    capabilities = replace(Tremendous.capabilities, idempotent=False)


class ShortLived(Tremendous):
    """The provider as it would be if it forgot a key after ten days."""

    capabilities = replace(Tremendous.capabilities, key_ttl=timedelta(days=10))


@pytest.fixture
def through(databases: Databases, provider: Simulator) -> Iterator[Callable[[type[Tremendous]], Worker]]:
    opened: list[Tremendous] = []

    def make(kind: type[Tremendous]) -> Worker:
        opened.append(kind(base_url=provider.url, api_key=KEY, campaign_id="CAMPAIGN",
                           timeout=httpx.Timeout(0.5, connect=3.0)))  # fmt: skip
        return Worker(databases, opened[-1])

    yield make
    for adapter in opened:
        adapter.close()


@pytest.mark.parametrize("fault", ["error_before_commit", "lost_reply", "slow"])
def test_a_provider_without_idempotency_is_never_sent_the_same_payment_twice(
    databases: Databases, provider: Simulator, through: Callable[[type[Tremendous]], Worker], fault: str
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": fault, "seconds": 1})
    worker = through(Forgetful)
    worker.work(tries=1)
    assert states_of(databases) == {State.UNKNOWN: 1}
    with clock.at(clock.now() + timedelta(hours=1)):
        worker.work(tries=4)
    was_made = fault != "error_before_commit"
    assert (provider.state()["orders"], provider.state()["order_posts"]) == (int(was_made), 1)
    assert states_of(databases) == {State.SENT if was_made else State.UNKNOWN: 1}


def test_a_key_near_the_end_of_its_life_is_only_looked_up(
    databases: Databases, provider: Simulator, through: Callable[[type[Tremendous]], Worker]
) -> None:
    make_payments(databases, 1)
    provider.break_with({"kind": "error_before_commit"})
    worker = through(ShortLived)
    worker.work(tries=1)
    with clock.at(clock.now() + timedelta(days=9)):
        worker.work(tries=4)
    assert (states_of(databases), provider.state()["order_posts"]) == ({State.UNKNOWN: 1}, 1)


@pytest.mark.parametrize("name", available())
def test_every_provider_declares_what_it_promises(name: str) -> None:
    promised = kind_of(name).capabilities
    assert isinstance(promised, Capabilities)
    assert promised.idempotent or not promised.is_called
