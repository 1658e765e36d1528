"""The service under measurement and its limit, each on waitress in a process of its own."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from biobank import clock, config, db, events, migrations, wiring
from biobank.access import actions as access
from biobank.config import Settings
from biobank.db import Databases
from biobank.demo import rig, seed
from biobank.devices import signing


@dataclass
class Service:
    """Where ours and the limit listen, and what a client needs to ask them."""

    port: int
    limit_port: int
    databases: Databases
    settings: Settings
    station_id: UUID
    key_file: Path
    tube_id: UUID
    token: str


def _wait(port: int, path: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2)
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def _fill(settings: Settings, folder: Path) -> tuple[Databases, seed.Programme, str]:
    databases = db.connect(settings)
    migrations.upgrade(databases)
    events.connect(wiring.TABLE)
    keys = [signing.make_key(folder / f"station-{number}.key") for number in range(len(seed.DESKS))]
    programme = seed.fill(databases, public_keys=keys, full=True)
    token = access.sign_in(databases, settings, username=seed.TECHNICIAN, password=seed.PASSWORD, address="bench")
    return databases, programme, token


@contextlib.contextmanager
def running(folder: Path, *, postgresql: bool) -> Iterator[Service]:
    """Both servers up on a filled database of that kind, with sixteen threads each."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        urls = stack.enter_context(rig.own_postgresql(folder)) if postgresql else {}
        port, limit_port = rig.free_port(), rig.free_port()
        environment = {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), "BIOBANK_PORT": str(port),
                       "BIOBANK_COOKIE_SECURE": "no", "BIOBANK_LOG_LEVEL": "ERROR", **urls}  # fmt: skip
        settings = config.from_environment(environment)
        databases, programme, token = _fill(settings, folder)
        station_id, other = list(programme.desks.values())[:2]
        stack.callback(databases.dispose)
        if urls:
            bare = ["--database", urls["BIOBANK_DATABASE_URL"].replace("+psycopg", "")]
        else:
            bare = ["--database", str(settings.home / "study.sqlite3")]
            bare += ["--key-file", str(settings.home / "keys" / "study.key")]
        commands = (
            [sys.executable, "-m", "biobank", "serve"],
            [sys.executable, "-m", "bench.limits", *bare, "--station", str(other), "--port", str(limit_port)],
        )
        for command in commands:
            process = subprocess.Popen(command, env=dict(os.environ) | environment, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
        _wait(port, "/healthz")
        _wait(limit_port, "/hello")
        key_file = folder / "station-0.key"
        yield Service(
            port, limit_port, databases, settings, station_id, key_file, programme.stored_tube_id, token
        )  # fmt: skip


def now_text() -> str:
    return signing.instant_text(clock.now())
