"""A station's key, its server, its store and its way to the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from biobank.devices import signing
from biobank.devices.spool import Spool
from biobank.devices.uplink import Uplink
from tests.devices.desk_server import STATION, DeskServer


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "station.key"


@pytest.fixture
def server(key_file: Path) -> Iterator[DeskServer]:
    running = DeskServer(signing.make_key(key_file))
    yield running
    running.close()


@pytest.fixture
def uplink(server: DeskServer, key_file: Path) -> Iterator[Uplink]:
    opened = Uplink(server.address, STATION, signing.load_key(key_file))
    yield opened
    opened.close()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool")
    yield opened
    opened.close()
