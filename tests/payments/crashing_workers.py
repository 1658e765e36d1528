"""A yard of payment workers, web servers and the simulated provider, each a process killed at a random moment."""

import gc
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import waitress
from flask import Flask

from biobank import db
from biobank.access.actions import open_session
from biobank.actor import Role
from biobank.app import create_app, open_on
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.payments.simulator.__main__ import main as serve_provider
from biobank.payments.till import Pace, Till
from biobank.payments.worker import open_provider, pay_next, run_worker
from tests.participants.factories import make_site
from tests.payments.factories import make_staff
from tests.visits.factories import finish_steps, make_open_visit, make_station

PACE = Pace(lease=timedelta(seconds=0.3), idle=timedelta(seconds=0.005), first_pause=timedelta(seconds=0.005),
            longest_pause=timedelta(seconds=0.05), stopped=timedelta(seconds=0.01),
            breaker=timedelta(seconds=0.01), sweep=timedelta(seconds=1), requests_per_second=10_000)  # fmt: skip
LONGEST_LIFE = 0.15
WARMING = 20
# How often each is the one that dies, and how many of each there are.
WORKER, WEB, PROVIDER = "worker", "web", "provider"
KINDS = (WORKER, WORKER, WORKER, WEB, PROVIDER)


@dataclass(frozen=True)
class Yard:
    """What the processes need: the settings, the application put together once, where each of them listens."""

    settings: Settings
    databases: Databases
    application: Flask
    provider_data: Path
    provider_port: int
    web_port: int

    def work(self) -> None:
        run_worker(self.databases, self.settings, threading.Event(), pace=PACE)

    def serve(self) -> None:
        open_on(self.application, self.settings, self.databases)
        waitress.serve(self.application, host="127.0.0.1", port=self.web_port, threads=4)

    def provide(self) -> None:
        hook = f"http://127.0.0.1:{self.web_port}/api/v1/webhooks/tremendous"
        serve_provider(["--port", str(self.provider_port), "--data", str(self.provider_data), "--webhook", hook,
                        "--webhook-key", self.settings.payment_webhook_key_file.read_text()])  # fmt: skip

    def warm_up(self) -> None:
        """Pay a few in this process, so that the forked ones live for payments, not for compiling statements."""
        with closing(open_provider(self.settings)) as adapter:
            till = Till(databases=self.databases, provider=adapter, name="tremendous", pace=PACE)
            for _ in range(WARMING):
                pay_next(till)
        self.databases.dispose()

    def start(self, kind: str) -> int:
        return _fork({WORKER: self.work, WEB: self.serve, PROVIDER: self.provide}[kind])


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        # Quiet: a killed process's half line would only confuse who reads the test's output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        work()
    finally:
        os._exit(1)


def _end(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _bury(child)


def _bury(child: int) -> None:
    if os.WTERMSIG(os.waitpid(child, 0)[1]) != signal.SIGKILL:
        sys.exit("a process ended by itself")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _await(port: int) -> None:
    """Until somebody listens at the port."""
    while True:
        with suppress(ConnectionError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.01)


def _complete_visits(yard: Yard, number: int) -> None:
    """A clinic that completes visits over the interface, again with the same key until it is answered."""
    databases = yard.databases
    with databases.transaction() as tx:
        site_id = make_site(tx).id
        clerk = make_staff(tx, Role.CLINIC, site_id=site_id)
        station, token = make_station(tx, site_id), open_session(tx, yard.settings, clerk.id)
    for done in range(number):
        with databases.transaction() as tx:
            visit = make_open_visit(tx, station)
            finish_steps(tx, visit)
        _post_until_answered(f"http://127.0.0.1:{yard.web_port}/api/v1/visits/{visit.id}/complete",
                             {"Authorization": f"Bearer {token}", "Idempotency-Key": f"visit-{done}"})  # fmt: skip


def _post_until_answered(url: str, headers: dict[str, str]) -> None:
    while True:
        with suppress(httpx.HTTPError):
            answer = httpx.post(url, headers=headers, trust_env=False, timeout=2)
            if answer.status_code == 200:
                return
            if answer.status_code < 500:
                sys.exit(f"a visit was refused: {answer.status_code} {answer.text}")
        time.sleep(0.01)


def _ended_well(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _clinic(yard: Yard, visits: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _complete_visits(yard, visits)
        os._exit(0)
    finally:
        os._exit(1)


def main(yard: Yard, *, kills: int, seed: int, visits: int) -> dict[str, int]:
    """Keep three workers, a web server and the provider, kill one after another; how many died and in what time."""
    drawn, dead = random.Random(seed), dict.fromkeys((WORKER, WEB, PROVIDER), 0)
    first = yard.start(PROVIDER)
    _await(yard.provider_port)
    yard.warm_up()
    # What is forked shares this memory: nothing in it is looked through, and so copied, again.
    gc.freeze()
    children = [(PROVIDER, first), *((kind, yard.start(kind)) for kind in KINDS if kind != PROVIDER)]
    clinic = _clinic(yard, visits)
    started = time.monotonic()
    for _ in range(kills):
        time.sleep(drawn.uniform(0, LONGEST_LIFE / len(KINDS)))
        kind, child = children.pop(drawn.randrange(len(children)))
        os.kill(child, signal.SIGKILL)
        dead[kind] += 1
        # Who listens is followed once its port is free; a worker is cleared away beside its successor's first steps.
        if kind != WORKER:
            _bury(child)
        children.append((kind, yard.start(kind)))
        if kind == WORKER:
            _bury(child)
    seconds = round(time.monotonic() - started)
    if not _ended_well(clinic):
        sys.exit("the clinic could not complete its visits")
    for _, child in children:
        _end(child)
    return {**dead, "seconds": seconds}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    paths = {name: Path(given.pop(name)) for name in ("home", "payment_key_file", "payment_webhook_key_file")}
    provider_data = Path(given.pop("provider_data"))
    numbers = {name: given.pop(name) for name in ("kills", "seed", "visits")}
    port = _free_port()
    settings = Settings(profile=Profile.DEMO, cookie_secure=False, log_level="CRITICAL", threads=4, **paths, **given)
    application = create_app(settings)
    application.extensions["biobank.databases"].dispose()
    settings = replace(settings, payment_base_url=f"http://127.0.0.1:{port}")
    print(
        json.dumps(
            main(Yard(settings, db.connect(settings), application, provider_data, port, _free_port()), **numbers)
        )
    )
