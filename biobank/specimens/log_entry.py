"""One entry of the log of custody: who, what, when by whose clock, where, why, and the hash that chains it."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from biobank import clock
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import NotFound
from biobank.specimens.custody import GENESIS, link
from biobank.specimens.entry import EnteredBy
from biobank.specimens.models import Completeness, CustodyEvent, CustodyNote, SubjectKind, TimeSource

SCHEMA = 2
_UNDER = "circumstances"
_ZONES = "specimens.zones"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for every event of one act: the device it came from, and when it was done by that device's clock.

    `at` is in our clock's time already; `skew_ms` is how far the device's clock was behind ours. `entered_by` is how
    its scans came in.
    """

    device: str | None = None
    at: datetime | None = None
    skew_ms: int | None = None
    on_behalf_of: str | None = None
    signature: str | None = None
    entered_by: EnteredBy | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, and where its chain stands."""

    kind: SubjectKind
    id: UUID
    seq: int
    head: str


@contextmanager
def under(tx: Tx, circumstances: Circumstances) -> Iterator[None]:
    """Record every event inside under these circumstances."""
    before = tx.session.info.get(_UNDER)
    tx.session.info[_UNDER] = circumstances
    try:
        yield
    finally:
        tx.session.info[_UNDER] = before


def entered(tx: Tx, how: EnteredBy) -> AbstractContextManager[None]:
    """Record every scan inside with how it came in, under the circumstances that hold already."""
    return under(tx, replace(tx.session.info.get(_UNDER) or Circumstances(), entered_by=how))


def make(
    tx: Tx,
    subject: Subject,
    type: str,  # noqa: A002 - the word of the log
    *,
    site_id: UUID | None,
    at: datetime | None = None,
    container_id: UUID | None = None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
    raw_scan: str | None = None,
    corrects: UUID | None = None,
    completeness: Completeness | None = None,
) -> CustodyEvent:
    """The entry without its hash. `at` is a time that a person entered."""
    now, actor = clock.now(), tx.actor
    given: Circumstances = tx.session.info.get(_UNDER) or Circumstances()
    how = {"entered_by": str(given.entered_by)} if raw_scan and given.entered_by else {}
    source = TimeSource.ENTERED if at else TimeSource.DEVICE if given.at else TimeSource.SERVER
    return CustodyEvent(
        id=new_id(), subject_kind=subject.kind, subject_id=subject.id, seq=subject.seq + 1, type=str(type),
        container_id=container_id, actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name,
        actor_role=",".join(sorted(actor.roles))[:24] or None, on_behalf_of=given.on_behalf_of,
        signature=given.signature, event_time=at or given.at or now, zone=_zone(tx, site_id), time_source=source,
        skew_ms=given.skew_ms, recorded_time=now, device=given.device, completeness=completeness, site_id=site_id,
        reason=reason, detail={**how, **(detail or {})}, raw_scan=raw_scan[:200] if raw_scan else None,
        corrects=corrects, schema_version=SCHEMA, prev_hash=subject.head, hash="",
    )  # fmt: skip


def attach(event: CustodyEvent, text: str | None) -> CustodyNote | None:
    """What somebody wrote freely, to be kept beside the event, which holds its salted digest alone."""
    if not text:
        return None
    salt = secrets.token_hex(32)
    event.note_sha256 = note_digest(salt, text[:1000])
    return CustodyNote(event_id=event.id, salt=salt, text=text[:1000])


def keep(tx: Tx, event: CustodyEvent, note: CustodyNote | None) -> CustodyEvent:
    """Add a finished event, and its note once the event stands."""
    tx.session.add(event)
    if note:
        tx.session.flush()
        tx.session.add(note)
    return event


def note_digest(salt: str, text: str) -> str:
    """SHA-256 over the salt's bytes and the text's UTF-8, in hex: without the salt nobody can try texts against it."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def hash_of(event: CustodyEvent) -> str:
    """The event's link. Staff are in it by key, not by name, so that evidence may leave the house."""
    content: dict[str, Any] = {name: _text(getattr(event, name)) for name in _TEXTS}
    content |= {name: getattr(event, name) for name in _AS_THEY_ARE} | {"schema": event.schema_version}
    if event.schema_version > 1:
        content |= {name: _text(getattr(event, name)) for name in _SINCE_2} | {"skew_ms": event.skew_ms}
    return link(bytes.fromhex(event.prev_hash) or GENESIS, content).hex()


_TEXTS = ("id", "subject_kind", "subject_id", "container_id", "from_custodian", "to_custodian", "actor_id",
          "time_source", "site_id", "corrects")  # fmt: skip
_AS_THEY_ARE = ("seq", "type", "set_code", "actor_kind", "event_time", "zone", "recorded_time", "reason", "detail",
                "raw_scan")  # fmt: skip
_SINCE_2 = ("actor_role", "on_behalf_of", "signature", "device", "completeness", "note_sha256")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _zone(tx: Tx, site_id: UUID | None) -> str:
    """The zone of a site, asked for once in a transaction: a hand-over writes hundreds of events."""
    if site_id is None:
        return "UTC"
    if site_id == tx.actor.site_id and tx.actor.zone:
        return tx.actor.zone
    zones: dict[UUID, str] = tx.session.info.setdefault(_ZONES, {})
    if site_id not in zones:
        site = tx.session.get(Site, site_id)
        if site is None:
            raise NotFound("The site of this event is not known. Ask your administrator.")
        zones[site_id] = site.zone
    return zones[site_id]
