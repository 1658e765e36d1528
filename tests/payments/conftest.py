"""The simulated provider as a process of its own, the real adapter pointed at it, and a worker in no hurry to wait."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from biobank.access.models import Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.payments import links, worker
from biobank.payments.providers.tremendous import Tremendous
from biobank.payments.till import Pace, Till
from tests.pages import Browser
from tests.payments.factories import make_staff
from tests.payments.providers.conftest import KEY, Simulator

EAGER = Pace(first_pause=timedelta(0), stopped=timedelta(0), breaker=timedelta(0), requests_per_second=10_000)


class Worker:
    """A worker that is told when to try, and tries again at once."""

    def __init__(self, databases: Databases, adapter: Tremendous, pace: Pace = EAGER) -> None:
        self.till = Till(databases=databases, provider=adapter, name="tremendous", pace=pace)

    def work(self, tries: int = 8) -> None:
        for _ in range(tries):
            if not (worker.pay_next(self.till) or links.renew_next(self.till)):
                return


@pytest.fixture
def start_provider(tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    started: list[Simulator] = []

    def start(*options: str) -> Simulator:
        started.append(Simulator(tmp_path / f"provider-{len(started)}", *options))
        return started[-1]

    yield start
    for simulator in started:
        simulator.kill()


@pytest.fixture
def provider(start_provider: Callable[..., Simulator]) -> Simulator:
    return start_provider()


@pytest.fixture
def connect() -> Iterator[Callable[..., Tremendous]]:
    """Adapters for a simulator, closed after the test; they give up after half a second."""
    opened: list[Tremendous] = []

    def open_adapter(simulator: Simulator, key: str = KEY) -> Tremendous:
        opened.append(Tremendous(base_url=simulator.url, api_key=key, campaign_id="CAMPAIGN",
                                 timeout=httpx.Timeout(0.5, connect=3.0)))  # fmt: skip
        return opened[-1]

    yield open_adapter
    for adapter in opened:
        adapter.close()


@pytest.fixture
def worker_of(databases: Databases, connect: Callable[..., Tremendous]) -> Callable[..., Worker]:
    def make(simulator: Simulator, *, key: str = KEY, pace: Pace = EAGER) -> Worker:
        return Worker(databases, connect(simulator, key), pace)

    return make


@pytest.fixture
def sign_in(databases: Databases, browser: Browser) -> Callable[..., Staff]:
    def do(role: Role, site_id: UUID | None = None) -> Staff:
        with databases.transaction() as tx:
            staff = make_staff(tx, role, site_id=site_id)
        browser.sign_in(staff.username)
        return staff

    return do


@pytest.fixture
def finance(sign_in: Callable[..., Staff], browser: Browser) -> Iterator[Browser]:
    sign_in(Role.FINANCE)
    return browser
