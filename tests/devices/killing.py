"""A station that is killed at random instants beside a real server and a network that is cut: what becomes of scans."""

import contextlib
import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from biobank import config, db, events, migrations, wiring
from biobank.db import Databases
from biobank.demo import rig, seed
from biobank.demo.processes import Processes
from biobank.devices import signing
from biobank.devices.spool import Spool
from biobank.stations.models import InboxReading
from tests.devices.cables import COMMAND, Cable
from tests.devices.network import Network

_TOML = """server = "http://127.0.0.1:{port}"
station_id = "{station}"
key_file = "{folder}/station-0.key"
spool = "{folder}/spool"

[[device]]
name = "scanner"
protocol = "barcode"
port = "{folder}/port"
"""


@dataclass
class Yard:
    """A server, the network to it, a scanner's cable, and every code the scanner was fired at."""

    folder: Path
    databases: Databases
    network: Network
    cable: Cable
    numbers: int = 0
    again: list[str] = field(default_factory=list)
    safe: dict[str, int] = field(default_factory=dict)

    def fire(self, count: int) -> list[str]:
        """Scan so many labels, first those that nobody heard when they were scanned before."""
        codes, self.again = self.again[:count], self.again[count:]
        while len(codes) < count:
            self.numbers += 1
            codes.append(f"S{self.numbers:012}")
        _write(self.cable.device, "".join(f"{code}\r" for code in codes).encode())
        return codes

    def delivered(self) -> list[tuple[int, str]]:
        """Number and text of each scan the server has."""
        with self.databases.study.reading() as session:
            return [tuple(row) for row in session.execute(sa.select(InboxReading.seq, InboxReading.text))]

    def stored(self) -> list[tuple[int, str]]:
        """Number and text of each scan in the station's store, whose station is dead."""
        spool = Spool(self.folder / "spool")
        held = [(body["seq"], body["text"]) for body in spool.waiting(10_000_000)]
        spool.close()
        return held

    def settle(self, fired: list[str]) -> None:
        """What was safe once must still be, under its number; what nobody heard is scanned again."""
        found: dict[str, int] = {}
        for seq, text in [*self.delivered(), *self.stored()]:
            assert found.setdefault(text, seq) == seq, f"{text} was kept twice"
        lost = self.safe.keys() - found.keys()
        assert not lost, f"{len(lost)} scans that were safe are gone, such as {min(lost)}"
        self.safe = found
        self.again += [code for code in fired if code not in found]

    @contextlib.contextmanager
    def station(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A running station, killed at the end of the block without a word."""
        command = [*COMMAND, "run", "--config", str(self.folder / "station.toml")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            self.await_reader(process)
            yield process
            process.kill()

    def await_reader(self, process: "subprocess.Popen[bytes]") -> None:
        hung_up = select.poll()
        hung_up.register(self.cable.device, 0)
        while hung_up.poll(0):
            assert process.poll() is None, "The station ended by itself."
            time.sleep(0.02)
        time.sleep(0.1)


def _write(device: int, data: bytes) -> None:
    """Everything, as fast as the reader takes it; what a dead reader leaves is nobody's."""
    os.set_blocking(device, False)
    until = time.monotonic() + 30
    while data and time.monotonic() < until:
        try:
            data = data[os.write(device, data) :]
        except BlockingIOError:
            time.sleep(0.002)


@contextlib.contextmanager
def yard(folder: Path) -> Iterator[Yard]:
    """A real server on an encrypted database of its own, with one station registered."""
    port = rig.free_port()
    environment = {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), "BIOBANK_PORT": str(port),
                   "BIOBANK_COOKIE_SECURE": "no", "BIOBANK_LOG_LEVEL": "ERROR"}  # fmt: skip
    databases = db.connect(config.from_environment(environment))
    migrations.upgrade(databases)
    events.connect(wiring.TABLE)
    keys = [signing.make_key(folder / f"station-{number}.key") for number in range(len(seed.DESKS))]
    programme = seed.fill(databases, public_keys=keys, full=False)
    with Processes(folder, environment) as processes:
        processes.start("web", "-m", "biobank", "serve")
        processes.wait_until_up(f"http://127.0.0.1:{port}/healthz")
        network, cable = Network(port), Cable(folder / "port")
        # The cable's own far end must not count as a reader.
        cable.let_go()
        settings = _TOML.format(port=network.port, station=programme.station_id, folder=folder)
        (folder / "station.toml").write_text(settings)
        yield Yard(folder, databases, network, cable)
        network.close()
    databases.dispose()


def kill_at_random(place: Yard, kills: int, chance: random.Random) -> None:
    """So many lives of a station, each ended by kill -9 while it hears, stores, delivers or starts."""
    for number in range(kills):
        (place.network.mend if number % 3 else place.network.cut)()
        fired: list[str] = []
        with place.station():
            until = time.monotonic() + chance.uniform(0.0, 0.7)
            while time.monotonic() < until:
                fired += place.fire(chance.randrange(1, 12))
                time.sleep(chance.uniform(0.0, 0.05))
                if chance.random() < 0.1:
                    chance.choice([place.network.cut, place.network.mend])()
        place.settle(fired)
        if (number + 1) % 20 == 0:
            print(f"{number + 1} kills: {len(place.safe)} scans safe, {len(place.again)} unheard", file=sys.stderr)


def fill_offline(place: Yard, readings: int) -> None:
    """Fire until so many more are in the store of a station without a network."""
    place.network.cut()
    wanted = len(place.safe) + readings
    while len(place.safe) < wanted:
        fired: list[str] = []
        with place.station():
            while len(fired) < wanted - len(place.safe):
                fired += place.fire(min(500, wanted - len(place.safe) - len(fired)))
            _await_quiet(place.folder)
        place.settle(fired)


def _await_quiet(folder: Path) -> None:
    """Until the store has stopped growing."""
    log, size = folder / "spool", -1
    while (now := sum(file.stat().st_mtime_ns for file in log.iterdir())) != size:
        size = now
        time.sleep(0.5)


def drain(place: Yard, seconds: float) -> float:
    """Mend the network and wait until the server has everything; the seconds it took."""
    with place.station():
        place.network.mend()
        started = time.monotonic()
        while (got := len(place.delivered())) < len(place.safe):
            assert time.monotonic() - started < seconds, f"{got} of {len(place.safe)} arrived in {seconds} s"
            time.sleep(0.5)
        took = time.monotonic() - started
    place.settle([])
    return took
