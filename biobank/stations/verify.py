"""Who signs a station's request: Ed25519 over method, path, time and body, checked before anything else is read."""

import base64
import binascii
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import g, request

from biobank import clock
from biobank.access.models import Site
from biobank.actor import Actor
from biobank.errors import NotFound, NotSignedIn
from biobank.stations.models import Station
from biobank.web.transaction import databases

# No clock is so wrong; beyond this, sums of times would leave the calendar.
_YEARS = range(1970, 3000)
_UNKNOWN = "This station is not known here, or is out of service. Register its key under Administration."


def verify_station() -> Actor:
    """The station that signed this request, which may speak for itself alone.

    A station's clock may be wrong: any time is accepted, and how far it is off is kept for `station_skew`.
    Raises `NotSignedIn` for a signature that is missing, wrong or of a station out of service.
    """
    station_id, told = _station_id(), _station_time()
    with databases().study.reading() as session:
        query = sa.select(
            Station.id, Station.name, Station.public_key, Station.site_id, Site.zone, Site.name.label("site")
        )
        found = session.execute(query.join(Station.site).filter(Station.id == station_id, Station.active)).first()
    if found is None:
        raise NotSignedIn(_UNKNOWN, code="station-unknown")
    _check(found.public_key)
    if (request.view_args or {}).get("station_id") != found.id:
        raise NotFound("A station may speak for itself alone.")
    g.zone, g.site_name = found.zone, found.site
    g.station_skew = told - clock.now()
    return Actor(kind="station", id=found.id, name=found.name, site_id=found.site_id)


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


def _check(public_key: str) -> None:
    try:
        signature = base64.b64decode(request.headers.get("Station-Signature", ""), validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(signature, _signed())
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotSignedIn("The signature does not fit this request. Check the station's key file.",
                          code="station-signature") from None  # fmt: skip


def _signed() -> bytes:
    query = request.query_string
    path = request.path.encode() + (b"?" + query if query else b"")
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest().encode()
    return b"\n".join([request.method.encode(), path, request.headers["Station-Time"].encode(), digest])
