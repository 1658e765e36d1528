"""Who signs a station's request: Ed25519 over method, path, time and body, checked before anything else is read."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import current_app, g, request

from biobank import clock
from biobank.actor import Actor
from biobank.errors import NotFound, NotSignedIn, Phrase
from biobank.stations.models import Station
from biobank.web.transaction import current_tx, databases

# No clock is so wrong; beyond this, sums of times would leave the calendar.
_YEARS = range(1970, 3000)
_IN_SERVICE = sa.select(Station.active).where(Station.id == sa.bindparam("station"))
_UNKNOWN = Phrase("This station is not known here, or is out of service. Register its key under Administration.")


@dataclass(frozen=True)
class _Known:
    """What never changes about a station; whether it is in service is asked anew each time."""

    key: Ed25519PublicKey
    actor: Actor
    zone: str
    site_name: str


def verify_station() -> Actor:
    """The station that signed this request, which may speak for itself alone.

    A station's clock may be wrong: any time is accepted, and how far it is off is kept for `station_skew`.
    Raises `NotSignedIn` for a signature that is missing, wrong or of a station out of service.
    """
    station_id, told = _station_id(), _station_time()
    known: dict[UUID, _Known] = current_app.extensions.setdefault("biobank.stations", {})
    station = known.get(station_id) or _look_up(station_id)
    _check(station.key)
    known[station_id] = station
    g.zone, g.site_name, g.actor = station.zone, station.site_name, station.actor
    g.station_skew = told - clock.now()
    # In the request's own transaction: out of service holds from the moment it is committed.
    if not current_tx().session.connection().execute(_IN_SERVICE, {"station": station_id}).scalar():
        raise NotSignedIn(_UNKNOWN, code="station-unknown")
    if (request.view_args or {}).get("station_id") != station_id:
        raise NotFound("A station may speak for itself alone.")
    return station.actor


def _look_up(station_id: UUID) -> _Known:
    with databases().study.reading() as session:
        station = session.get(Station, station_id)
        if station is None:
            raise NotSignedIn(_UNKNOWN, code="station-unknown")
        actor = Actor(kind="station", id=station.id, name=station.name, site_id=station.site_id)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(station.public_key))
        return _Known(key, actor, station.site.zone, station.site.name)


def station_skew() -> timedelta:
    """The clock of the station that makes this request, less ours."""
    skew: timedelta = g.station_skew
    return skew


def _station_id() -> UUID:
    try:
        return UUID(request.headers.get("Station-Id", ""))
    except ValueError:
        raise NotSignedIn("Send Station-Id, Station-Time and Station-Signature.", code="station-unsigned") from None


def _station_time() -> datetime:
    try:
        told = datetime.fromisoformat(request.headers.get("Station-Time", ""))
        if told.tzinfo is None or told.year not in _YEARS:
            raise ValueError
        return told.astimezone(UTC)
    except ValueError:
        raise NotSignedIn("Station-Time must be a time of RFC 3339 in UTC.", code="station-unsigned") from None


def _check(key: Ed25519PublicKey) -> None:
    try:
        signature = base64.b64decode(request.headers.get("Station-Signature", ""), validate=True)
        key.verify(signature, _signed())
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotSignedIn("The signature does not fit this request. Check the station's key file.",
                          code="station-signature") from None  # fmt: skip


def _signed() -> bytes:
    query = request.query_string
    path = request.path.encode() + (b"?" + query if query else b"")
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest().encode()
    return b"\n".join([request.method.encode(), path, request.headers["Station-Time"].encode(), digest])
