"""Devices of a station: bound to a port, calibrated, retired; what a device not in use says is no measurement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.devices import registry
from biobank.devices.protocol import DeviceProtocol, Evidence, Settings
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.stations.desk import require_station
from biobank.stations.device_models import Device, DeviceState
from biobank.stations.models import Station

REMINDER = timedelta(days=30)


def spoken(name: str) -> DeviceProtocol:
    """A protocol a device on a port can speak. Raises `Invalid` naming those there are."""
    try:
        protocol = registry.load(name)
    except registry.UnknownProtocol:
        raise Invalid("Choose one of the kinds of device offered.", code="unknown-protocol") from None
    if not protocol.has_port:
        raise Invalid("What is typed needs no port: it is entered on the page.", code="unknown-protocol")
    return protocol


def bind_device(
    tx: Tx,
    station_id: UUID,
    *,
    name: str,
    protocol: str,
    port: str,
    serial_number: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Device:
    """Say what stands on a physical port. Its readings are shown from now on, and count once it is in use.

    `serial_number` is what the maker's plate says: another device in its place is registered anew.
    """
    station = _held(tx, station_id)
    default = spoken(protocol).settings
    for device in devices_of(tx, station_id):
        if device.name == name:
            raise Conflict("This station has a device of that name already. Choose another name.", code="name-taken")
        if device.port == port:
            raise Conflict("%(device)s is bound to this port. Retire it first.", code="port-taken", device=device.name)
    device = Device(station_id=station_id, name=name, protocol=protocol, port=port, bound_at=clock.now(),
                    bound_by=tx.actor.name, serial_number=serial_number or None,
                    settings=_settings(default, settings or {}))  # fmt: skip
    tx.session.add(device)
    station.listening, station.heard = {}, {}
    tx.session.flush()
    return device


def _held(tx: Tx, station_id: UUID) -> Station:
    """The station, held: two people must not bind one port."""
    require_station(tx, station_id)
    return tx.session.scalars(sa.select(Station).filter_by(id=station_id).with_for_update(of=Station)).one()


def _settings(default: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
    usual = {"baud": default.baud, "bits": default.bits, "parity": default.parity, "stop_bits": default.stop_bits}
    return usual | {key: value for key, value in given.items() if key in usual}


def devices_of(tx: Tx, station_id: UUID) -> Sequence[Device]:
    """The devices bound to a station's ports, by name; not those retired."""
    query = sa.select(Device).filter_by(station_id=station_id).where(Device.state != DeviceState.RETIRED)
    return tx.session.scalars(query.order_by(Device.name)).all()


def devices_at(tx: Tx, site_id: UUID | None) -> Sequence[Device]:
    """The devices of a site, or of all sites: what must be calibrated first stands first; not those retired."""
    query = sa.select(Device).join(Device.station).where(Device.state != DeviceState.RETIRED)
    if site_id is not None:
        query = query.where(Station.site_id == site_id)
    undated = Device.calibration_due.is_(None)
    return tx.session.scalars(query.order_by(undated.desc(), Device.calibration_due, Station.name, Device.name)).all()


def require_device(tx: Tx, station_id: UUID, device_id: UUID) -> Device:
    """The device, held for what is decided about it."""
    require_station(tx, station_id)
    query = sa.select(Device).filter_by(id=device_id, station_id=station_id)
    device = tx.session.scalar(query if tx.read_only else query.with_for_update(of=Device))
    if device is None:
        raise NotFound("This station has no such device.")
    return device


def evidence_of(device: Device) -> str:
    """How far it is proven: `captured` once a site has compared it with its display."""
    if device.state is DeviceState.IN_USE:
        return str(Evidence.CAPTURED)
    try:
        return str(registry.load(device.protocol).evidence)
    except registry.UnknownProtocol:
        return str(Phrase("no driver of that name here"))


@dataclass(frozen=True)
class Registered:
    """What a batch of readings is held against: the devices in use at a station, and where each was seen plugged in."""

    in_use: Mapping[str, tuple[str, str]]
    seen_at: Mapping[str, str]

    def refusal(self, device: str, protocol: str) -> str:
        """Why a reading of this device is no measurement; empty when it is one."""
        known = self.in_use.get(device)
        if known is None or known[0] != protocol:
            return NOT_IN_USE
        if self.seen_at.get(device, known[1]) != known[1]:
            return MOVED
        return ""


NOT_IN_USE = Phrase("This device is not in use at this station yet. An administrator registers and checks it first.")
MOVED = Phrase("This device stands on another port than the one it was checked on. Plug it back, or register it anew.")


def registered(tx: Tx, station: Station) -> Registered:
    """What may measure at a station now."""
    query = sa.select(Device.name, Device.protocol, Device.port)
    rows = tx.session.execute(query.filter_by(station_id=station.id, state=DeviceState.IN_USE))
    return Registered(
        {name: (protocol, port) for name, protocol, port in rows},
        {device["name"]: device["port"] for device in station.devices},
    )


def recalibrate(tx: Tx, station_id: UUID, device_id: UUID, *, calibrated_on: date, calibration_due: date) -> Device:
    """Note a calibration of a device in use."""
    device = require_device(tx, station_id, device_id)
    if device.state is not DeviceState.IN_USE:
        raise Conflict("Only a device in use is calibrated again.", code="not-in-use")
    calibrate(device, calibrated_on, calibration_due)
    tx.session.flush()
    return device


def calibrate(device: Device, on: date, due: date) -> None:
    """Write down a calibration of a day past that is due again on one to come."""
    today = clock.now().date()
    if on > today:
        raise Invalid("The calibration date lies in the future.", code="calibration")
    if due <= today:
        raise Invalid("The next calibration must lie ahead. Have the device calibrated first.", code="calibration")
    device.calibrated_on, device.calibration_due = on, due
    device.version += 1


def retire_device(tx: Tx, station_id: UUID, device_id: UUID, *, because: str) -> Device:
    """Take a device out for good: what it says is no measurement any more, and its port is free."""
    device = require_device(tx, station_id, device_id)
    if device.state is DeviceState.RETIRED:
        raise Conflict("This device was retired already.", code="retired")
    device.state, device.retired_at, device.retired_by = DeviceState.RETIRED, clock.now(), tx.actor.name
    device.retired_because = because
    device.version += 1
    tx.session.flush()
    return device


def is_due(device: Device, today: date) -> bool:
    """Whether its calibration is due within thirty days, or overdue."""
    return device.calibration_due is not None and device.calibration_due - today <= REMINDER


def calibrations_due(tx: Tx) -> Sequence[Device]:
    """Devices in use whose calibration is due within thirty days, the most overdue first."""
    latest = clock.now().date() + REMINDER
    query = sa.select(Device).filter_by(state=DeviceState.IN_USE).where(Device.calibration_due <= latest)
    return tx.session.scalars(query.order_by(Device.calibration_due)).all()
