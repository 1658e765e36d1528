"""The demonstration's parts put together: databases, provider, printer, web, worker, and a desk with its devices."""

import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from biobank import config, db, events, migrations, wiring
from biobank.config import Settings
from biobank.db import Databases
from biobank.demo import devices as kinds
from biobank.demo import seed
from biobank.demo.processes import Child, DidNotStart, Processes, wait_until
from biobank.devices import signing

PROVIDER_KEY = "TEST_simulator"
_STATION = """server = "{server}"
station_id = "{station_id}"
key_file = "{key_file}"
spool = "{spool}"
screen_port = {screen_port}
ports = [{ports}]

[[printer]]
name = "labels"
kind = "tcp"
address = "127.0.0.1:{printer_port}"
"""


@dataclass
class Rig:
    """A running demonstration: where its pages are, what its devices can be told, where its printer puts labels."""

    folder: Path
    settings: Settings
    programme: seed.Programme
    processes: Processes
    devices: dict[str, Child] = field(default_factory=dict)
    provider_port: int = 0
    screens: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def provider(self) -> str:
        return f"http://127.0.0.1:{self.provider_port}"

    @property
    def printed(self) -> Path:
        """The folder where the simulated printer keeps what it printed, as pictures."""
        return self.folder / "printed"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_postgresql(folder: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL server of this demonstration's own, and the settings that name its two databases."""
    try:
        pgserver = import_module("pgserver")
    except ImportError as problem:
        raise DidNotStart("PostgreSQL for the demonstration comes with `pip install biobank[test]`.") from problem
    server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    base = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("study", "vault"):
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    engine.dispose()
    try:
        yield {
            "BIOBANK_DATABASE_URL": base.set(database="study").render_as_string(hide_password=False),
            "BIOBANK_VAULT_URL": base.set(database="vault").render_as_string(hide_password=False),
        }
    finally:
        server.cleanup()


def _environment(folder: Path, port: int, provider_port: int, urls: Mapping[str, str]) -> dict[str, str]:
    key = folder / "provider.key"
    key.write_text(PROVIDER_KEY)
    return {
        "BIOBANK_PROFILE": "demo",
        "BIOBANK_HOME": str(folder / "home"),
        "BIOBANK_PORT": str(port),
        "BIOBANK_COOKIE_SECURE": "no",
        "BIOBANK_PAYMENT_BASE_URL": f"http://127.0.0.1:{provider_port}/api/v2",
        "BIOBANK_PAYMENT_KEY_FILE": str(key),
        "BIOBANK_PAYMENT_CAMPAIGN": "DEMO_CAMPAIGN",
        **urls,
    }


def _fill(settings: Settings, folder: Path, devices: Mapping[str, str], *, full: bool) -> seed.Programme:
    databases: Databases = db.connect(settings)
    migrations.upgrade(databases)
    events.connect(wiring.TABLE)
    keys = [signing.make_key(folder / f"station-{number}.key") for number in range(len(seed.DESKS))]
    programme = seed.fill(databases, public_keys=keys, full=full)
    with databases.transaction(programme.actor("adam")) as tx:
        kinds.register(tx, programme.station_id, devices, {name: str(_port(folder, name)) for name in devices})
    databases.dispose()
    return programme


def _port(folder: Path, name: str) -> Path:
    """Where a simulated device is plugged in: the station finds there whatever appears."""
    return folder / f"port-{name}"


def _start_devices(rig: Rig, devices: Mapping[str, str]) -> None:
    """The simulated devices on pseudo-terminals."""
    for name, protocol in devices.items():
        link = _port(rig.folder, name)
        arguments = ["-m", "biobank.devices", "simulate", protocol, "--link", str(link)]
        rig.devices[name] = rig.processes.start(f"device-{name}", *arguments)
        wait_until(f"The simulated {name} did not open its port.", link.is_symlink)


def _start_stations(rig: Rig, printer_port: int) -> None:
    """A station for each desk: the first has the ports, all share the printer."""
    for number, station_id in enumerate(rig.programme.desks.values()):
        screen_port = free_port()
        rig.screens.append(f"http://127.0.0.1:{screen_port}/")
        config_file = rig.folder / f"station-{number}.toml"
        config_file.write_text(
            _STATION.format(
                server=rig.address, station_id=station_id, key_file=f"station-{number}.key", spool=f"spool-{number}",
                ports="" if number else '"port-*"', printer_port=printer_port, screen_port=screen_port,
            )
        )  # fmt: skip
        rig.processes.start(f"station-{number}", "-m", "biobank.devices", "run", "--config", str(config_file))


@contextmanager
def running(
    folder: Path,
    *,
    postgresql: bool = False,
    port: int | None = None,
    full: bool = True,
    devices: Mapping[str, str] = kinds.USUAL,
) -> Iterator[Rig]:
    """Everything up, from an empty folder; everything down at the end. `full` seeds a fortnight of visits.

    `devices` stand at the first desk, simulated: name to protocol.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        urls = stack.enter_context(own_postgresql(folder)) if postgresql else {}
        provider_port = 0
        environment = _environment(folder, port or free_port(), provider_port, urls)
        processes = stack.enter_context(Processes(folder, environment))
        provider_port = processes.start_on_port(
            "provider", "-m", "biobank.payments.simulator", "--data", str(folder / "provider"), "--port", "0"
        )
        processes.environment["BIOBANK_PAYMENT_BASE_URL"] = f"http://127.0.0.1:{provider_port}/api/v2"
        printer_port = processes.start_on_port(
            "printer", "-m", "labels.printers.simulated", "--port", "0", "--out", str(folder / "printed")
        )
        settings = config.from_environment({k: v for k, v in processes.environment.items() if k.startswith("BIOBANK_")})
        programme = _fill(settings, folder, devices, full=full)
        rig = Rig(folder, settings, programme, processes, provider_port=provider_port)
        processes.start("web", "-m", "biobank", "serve")
        processes.start("worker", "-m", "biobank", "worker")
        processes.wait_until_up(f"{rig.address}/readyz")
        _start_devices(rig, devices)
        _start_stations(rig, printer_port)
        processes.require_all()
        yield rig
