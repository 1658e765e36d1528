"""Listening at a port nobody knows yet: asked for by a person, heard by the station, which never writes to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.stations.desk import is_alive
from biobank.stations.devices import devices_of
from biobank.stations.models import Station

LISTENING = timedelta(minutes=3)
OFTEN_SECONDS, SELDOM_SECONDS = 1, 5


def listen(tx: Tx, station: Station, *, port: str, settings: Mapping[str, Any]) -> None:
    """Have the station listen at a free port for three minutes; refused where a device is bound or nothing is."""
    if not is_alive(station, clock.now()):
        raise Conflict("The station does not answer. Start it at its desk first.", code="station-silent")
    if port not in [item["path"] for item in station.ports]:
        raise Invalid("Nothing is plugged in at this port. Plug the device in and look again.", code="no-such-port")
    if port in bound_ports(tx, station):
        raise Conflict("A device is bound to this port already.", code="port-taken")
    until = clock.now() + LISTENING
    station.listening = {"port": port, "settings": dict(settings), "until": until.isoformat(), "by": tx.actor.name}
    station.heard = {}
    tx.session.flush()


def bound_ports(tx: Tx, station: Station) -> set[str]:
    """Ports that devices are bound to, here or in the station's own settings file."""
    return {device.port for device in devices_of(tx, station.id)} | {item["port"] for item in station.devices}


def free_ports(tx: Tx, station: Station) -> Sequence[Mapping[str, Any]]:
    """What is plugged in and not bound, as the station told it."""
    bound = bound_ports(tx, station)
    return [item for item in station.ports if item["path"] not in bound]


def listened_to(station: Station, now: datetime) -> Mapping[str, Any] | None:
    """The port being listened to, if any still is."""
    asked = station.listening
    return asked if asked and datetime.fromisoformat(asked["until"]) > now else None


def note_heard(tx: Tx, station: Station, heard: Mapping[str, Any] | None) -> None:
    """Keep what the station heard at the port it was asked to listen to; word of another port is out of date."""
    if heard and heard["port"] == station.listening.get("port"):
        station.heard = dict(heard)
        tx.session.flush()


def orders(tx: Tx, station: Station) -> dict[str, Any]:
    """What a station is to do: the devices bound to its ports, where to listen, how soon to ask again."""
    now = clock.now()
    devices, asked = devices_of(tx, station.id), listened_to(station, now)
    busy = asked is not None or any(device.state == "checking" for device in devices)
    bound = [
        {"name": device.name, "protocol": device.protocol, "port": device.port, "settings": device.settings}
        for device in devices
    ]
    listening = {"port": asked["port"], "settings": asked["settings"]} if asked else None
    return {"devices": bound, "listen": listening, "beat_seconds": OFTEN_SECONDS if busy else SELDOM_SECONDS}
