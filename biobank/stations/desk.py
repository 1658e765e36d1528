"""Stations themselves: registering them, putting them out of service, and what their heartbeat says."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.stations.models import Printer, PrinterLanguage, PrintJob, PrintState, Station

ALIVE = timedelta(seconds=15)
SKEW_LIMIT_MS = 5 * 60 * 1000
RESOLUTIONS = (203, 300, 600)
PRINTER_KINDS = ("tcp", "serial", "usb", "cups", "file")


def add_station(tx: Tx, *, site_id: UUID, name: str, public_key: str) -> Station:
    """Register a desk by the public key that `biobank-station keygen` printed: 32 bytes in base64 (RFC 8032)."""
    key = base64.b64encode(_key_bytes(public_key)).decode()
    if tx.session.get(Site, site_id) is None:
        raise NotFound("There is no such site.")
    if tx.session.scalar(sa.select(Station.id).filter_by(site_id=site_id, name=name)):
        raise Conflict("This site has a station of that name already. Choose another name.", code="name-taken")
    if tx.session.scalar(sa.select(Station.id).filter_by(public_key=key)):
        raise Conflict("Another station has this key already. Make a new one with `biobank-station keygen`.",
                       code="key-taken")  # fmt: skip
    station = Station(site_id=site_id, name=name, public_key=key, added_at=clock.now(), devices=[], printers=[])
    tx.session.add(station)
    tx.session.flush()
    return station


def _key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
        Ed25519PublicKey.from_public_bytes(key)
    except (binascii.Error, ValueError):
        raise Invalid("This is not a station's public key. Paste the line that `biobank-station keygen` printed.",
                      code="bad-key") from None  # fmt: skip
    return key


def set_station_active(tx: Tx, station_id: UUID, *, active: bool) -> Station:
    """Put a station in or out of service; out of service, its signature is refused from this moment."""
    station = require_station(tx, station_id)
    station.active = active
    tx.session.flush()
    return station


def require_station(tx: Tx, station_id: UUID) -> Station:
    """The station, if the actor may know of it: staff and stations see their own site's, an administrator all."""
    station = tx.session.get(Station, station_id)
    if station is None or (tx.actor.site_id not in (None, station.site_id) and not _sees_all(tx)):
        raise NotFound("There is no such station here.")
    return station


def stations_of(tx: Tx, site_id: UUID | None = None) -> Sequence[Station]:
    """The stations of a site, or of all sites, by site and name."""
    query = sa.select(Station).join(Station.site).order_by(Site.code, Station.name)
    return tx.session.scalars(query.filter(Station.site_id == site_id) if site_id else query).all()


def note_heartbeat(
    tx: Tx,
    station_id: UUID,
    *,
    devices: list[dict[str, Any]],
    spooled: int,
    skew: timedelta,
    ports: list[dict[str, Any]] | None = None,
) -> Station:
    """Keep what a station says of itself; `skew` is its clock less ours."""
    station = require_station(tx, station_id)
    station.last_seen_at = clock.now()
    station.clock_skew_ms = skew // timedelta(milliseconds=1)
    station.spooled = spooled
    station.devices = devices
    station.ports = station.ports if ports is None else ports
    tx.session.flush()
    return station


def is_alive(station: Station, at: datetime) -> bool:
    """Whether a heartbeat came lately: stations send one every five seconds."""
    return station.active and station.last_seen_at is not None and at - station.last_seen_at <= ALIVE


def is_skewed(station: Station) -> bool:
    """Whether the station's clock is more than five minutes off."""
    return abs(station.clock_skew_ms or 0) > SKEW_LIMIT_MS


def connected_devices(station: Station, at: datetime) -> int:
    """How many of its devices answer; none when the station itself is silent."""
    if not is_alive(station, at):
        return 0
    return sum(1 for device in station.devices if device["state"] == "connected")


def add_printer(
    tx: Tx, station_id: UUID, *, name: str, dpi: int, kind: str, language: PrinterLanguage | None = None
) -> Printer:
    """Tell of a printer that the station's own settings name the same. `dpi` is 203, 300 or 600.

    `language` is what it is sent: plain ZPL unless told otherwise; a CUPS queue takes pages alone.
    """
    if dpi not in RESOLUTIONS or kind not in PRINTER_KINDS:
        raise Invalid("Choose a resolution of 203, 300 or 600 dpi and one of the kinds listed.")
    station = require_station(tx, station_id)
    if any(printer.name == name for printer in station.printers):
        raise Conflict("This station has a printer of that name already.", code="name-taken")
    chosen = language or (PrinterLanguage.PDF if kind == "cups" else PrinterLanguage.ZPL)
    if kind == "cups" and chosen is not PrinterLanguage.PDF:
        raise Invalid("A CUPS queue takes pages: choose PDF.", code="printer-language")
    printer = Printer(station_id=station_id, name=name, dpi=dpi, kind=kind, language=chosen)
    station.printers.append(printer)
    tx.session.flush()
    return printer


def remove_printer(tx: Tx, station_id: UUID, printer_id: UUID) -> None:
    """Forget a printer. Refused while labels wait for it."""
    station = require_station(tx, station_id)
    printer = next((item for item in station.printers if item.id == printer_id), None)
    if printer is None:
        raise NotFound("This station has no such printer.")
    waiting = (PrintState.QUEUED, PrintState.CLAIMED, PrintState.SENDING)
    query = sa.select(PrintJob.id).filter_by(station_id=station_id, printer=printer.name)
    if tx.session.scalars(query.where(PrintJob.state.in_(waiting))).first():
        raise Conflict("Labels wait for this printer. Let them print first.", code="labels-wait")
    tx.session.delete(printer)
    tx.session.flush()
    tx.session.refresh(station, ["printers"])


def _sees_all(tx: Tx) -> bool:
    return "administrator" in tx.actor.roles
