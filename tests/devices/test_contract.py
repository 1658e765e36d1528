"""The station and the programme agree on what crosses between them."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from biobank.access.models import Site, SiteKind
from biobank.actor import Actor
from biobank.db import Databases
from biobank.devices import registry, signing
from biobank.devices.board import Board, Entry
from biobank.devices.capture import Captured
from biobank.devices.delivery import Delivery
from biobank.devices.events import Reading, Scan
from biobank.devices.heartbeat import Heartbeat
from biobank.devices.listener import outgoing
from biobank.devices.spool import Spool
from biobank.devices.station import Device
from biobank.devices.uplink import Uplink
from biobank.stations import actions
from tests.devices.frames import ONE_OF_EACH, decoder

DESK = Actor(kind="system", name="tests", id=uuid.UUID(int=1))


@pytest.fixture
def station(databases: Databases, key_file: Path) -> uuid.UUID:
    """A registered station whose key is in the key file."""
    with databases.transaction(DESK) as tx:
        site = Site(name="North", code="NTH", kind=SiteKind.CLINIC, zone="America/Chicago")
        tx.session.add(site)
        tx.session.flush()
        return actions.add_station(tx, site_id=site.id, name="Desk 1", public_key=signing.make_key(key_file)).id


@pytest.fixture
def programme(app: Flask, station: uuid.UUID, key_file: Path) -> Iterator[Uplink]:
    """The way to the real application, served on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    uplink = Uplink(f"http://127.0.0.1:{server.server_port}", str(station), signing.load_key(key_file))
    yield uplink
    uplink.close()
    server.shutdown()
    thread.join()
    server.server_close()


def heard(name: str) -> dict[str, object]:
    """The outgoing body of the protocol's example frame."""
    protocol = registry.load(name)
    [said] = decoder(name).feed(ONE_OF_EACH[name])
    assert isinstance(said.event, Reading | Scan)
    return outgoing(Device(name, protocol, "/dev/port", protocol.settings), Captured(said.event, said.raw))


def test_the_programme_takes_a_reading_of_every_protocol_and_empties_the_store(programme: Uplink, spool: Spool):
    for name in ONE_OF_EACH:
        spool.append(heard(name))
    Delivery(spool, programme)._deliver(threading.Event())
    assert (spool.count(), spool.refused()) == (0, [])


def test_a_reading_sent_twice_is_a_duplicate_and_leaves_the_store(programme: Uplink, spool: Spool):
    spool.append(heard("tanita"))
    batch = spool.waiting(200)
    first, second = (programme.post("readings", {"readings": batch}) for _ in range(2))
    assert (first["duplicates"], second["duplicates"]) == ([], [batch[0]["seq"]])


def test_a_reading_the_programme_cannot_take_is_parked_with_its_words(programme: Uplink, spool: Spool):
    good, bad = spool.append(heard("tanita")), spool.append(heard("tanita") | {"repeat": 0})
    delivery = Delivery(spool, programme)
    for _ in range(2):
        delivery._deliver(threading.Event())
    assert [parked.seq for parked in spool.refused()] == [bad]
    assert (spool.count(), good) == (0, bad - 1)


def test_the_programme_hears_how_the_devices_are(programme: Uplink, spool: Spool):
    heartbeat = Heartbeat(Board([Entry("scale", "healthometer", "/dev/scale")]), spool, programme)
    heartbeat._beat()
    assert not heartbeat.skewed


def test_the_programme_has_no_job_for_an_idle_printer(programme: Uplink):
    assert programme.post("print-jobs/claim", {})["jobs"] == []
