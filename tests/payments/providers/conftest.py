"""A simulated provider in a process of its own, and the adapter pointed at it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from biobank.payments.providers.base import PaymentRequest
from biobank.payments.providers.tremendous import Tremendous

KEY = "TEST_simulator"


class Simulator:
    """One simulator process on one folder of books; it can be killed and started again."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options = data, options
        self.start()

    def start(self) -> None:
        module = ["-m", "biobank.payments.simulator", "--data", str(self.data), *self.options]
        self.process = subprocess.Popen([sys.executable, *module], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def break_with(self, *faults: dict[str, object]) -> None:
        self.call("POST", "/simulator/faults", json=list(faults)).raise_for_status()

    def state(self) -> dict[str, int]:
        return self.call("GET", "/simulator/state").json()

    def statement(self) -> bytes:
        return self.call("GET", "/simulator/statement.csv").content

    def wait_for_posts(self) -> None:
        """Until every webhook was answered or given up."""
        self.call("GET", "/simulator/posts", timeout=60).raise_for_status()

    def call(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEY}"}
        return httpx.request(method, self.url + path, headers=headers, trust_env=False, **options)


@pytest.fixture
def start_simulator(tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    started: list[Simulator] = []

    def start(*options: str) -> Simulator:
        started.append(Simulator(tmp_path / f"provider-{len(started)}", *options))
        return started[-1]

    yield start
    for simulator in started:
        simulator.kill()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("provider"))
    yield running
    running.kill()


@pytest.fixture
def connect() -> Iterator[Callable[..., Tremendous]]:
    """Adapters for a simulator, closed after the test."""
    opened: list[Tremendous] = []

    def open_adapter(simulator: Simulator, **settings: object) -> Tremendous:
        adapter = Tremendous(**{"base_url": simulator.url, "api_key": KEY, "campaign_id": "CAMPAIGN", **settings})
        opened.append(adapter)
        return adapter

    yield open_adapter
    for adapter in opened:
        adapter.close()


@pytest.fixture
def adapter(simulator: Simulator, connect: Callable[..., Tremendous]) -> Tremendous:
    return connect(simulator)


@pytest.fixture(scope="session")
def new_request() -> Callable[..., PaymentRequest]:
    """Payments with a reference of their own."""
    numbers = count(1)

    def make(**fields: object) -> PaymentRequest:
        return PaymentRequest(**{"external_id": f"BB-{next(numbers):06}-1", "amount_cents": 2500, **fields})

    return make
