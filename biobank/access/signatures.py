"""Signing a record, and saying whether a signature fits it: one that was moved, or whose record changed, does not.

21 CFR 11.50 (name, time, meaning), 11.70 (a signature cannot be cut out and put elsewhere).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.signature_models import Meaning, Signature
from biobank.db import Tx

KEY = "signature"


@dataclass(frozen=True, slots=True)
class Shown:
    """A signature as a page shows it; `is_valid` is false for one that does not fit what it stands under."""

    by: str
    at: datetime
    meaning: Meaning
    proved_by: str
    is_valid: bool


def _text(value: Any) -> str:
    """A moment is the same text on every database; a word of ours, a key and a number are what they print as."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_text).encode()


def digest_of(content: Any) -> str:
    """SHA-256 of a record's content: lists, texts, numbers, keys and moments."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def _mac(tx: Tx, signature: Signature) -> str:
    names = ("record_kind", "record_id", "record_sha256", "meaning", "staff_id", "staff_name", "at", "proved_by",
             "proved_at")  # fmt: skip
    body = [getattr(signature, name) for name in names]
    return hmac.new(tx.databases.keys(KEY), _canonical(body), hashlib.sha256).hexdigest()


def sign(tx: Tx, *, record_kind: str, record_id: UUID, content: Any, meaning: Meaning) -> Signature:
    """Put the actor's signature under a record that will not change any more. One record bears one."""
    actor = tx.actor
    signature = Signature(
        record_kind=record_kind, record_id=record_id, record_sha256=digest_of(content), meaning=meaning,
        staff_id=actor.id, staff_name=actor.name, at=clock.now(), proved_by=actor.proved_by,
        proved_at=actor.proved_at,
    )  # fmt: skip
    signature.mac = _mac(tx, signature)
    tx.session.add(signature)
    return signature


def under(tx: Tx, *, record_kind: str, record_id: UUID, content: Any) -> Shown | None:
    """The signature under a record, held against its content as it is now; None for one that nobody signed."""
    found = tx.session.scalar(sa.select(Signature).filter_by(record_kind=record_kind, record_id=record_id))
    if found is None:
        return None
    fits = found.record_sha256 == digest_of(content) and hmac.compare_digest(found.mac, _mac(tx, found))
    return Shown(found.staff_name, found.at, found.meaning, found.proved_by, fits)
