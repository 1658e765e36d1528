"""What a participant may ask of us: their own data as a file, and who looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Look, Site
from biobank.db import Tx
from biobank.events import emit
from biobank.participants import consenting, vault
from biobank.participants.events import Record, RecordsAsked
from biobank.participants.models import Participant, ParticipantEventKind
from biobank.participants.recording import record
from biobank.participants.standing import locked

FORMAT = "biobank-own-data/1"
_MOST_LOOKS = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """One look as its participant may know of it: when, who, where they work, why, and at what."""

    at: datetime
    who: str
    site: str | None
    purpose: str
    what: str


def records_of(tx: Tx, participant_id: UUID) -> list[Record]:
    """Everything that any part of the programme keeps about one person."""
    codes = vault.codes_of(tx, participant_id=participant_id)
    asked = RecordsAsked(participant_id=participant_id, donor_id=codes.donor_id, payee_id=codes.payee_id)
    emit(tx, asked)
    return asked.records


def looks_at(tx: Tx, participant_id: UUID) -> list[Seen]:
    """Every look at the participant, their identity, visits, samples and payments, newest first."""
    subjects = [participant_id, *(found.id for found in records_of(tx, participant_id))]
    query = (
        sa.select(Look, Site.name)
        .outerjoin(Site, Site.id == Look.site_id)
        .where(Look.subject_id.in_(subjects))
        .order_by(Look.at.desc(), Look.id.desc())
        .limit(_MOST_LOOKS)
    )
    return [
        Seen(look.at, look.actor_name, site, str(look.purpose), look.subject_kind)
        for look, site in tx.session.execute(query)
    ]


def own_data(tx: Tx, participant_id: UUID) -> dict[str, Any]:
    """Everything kept about somebody, as a JSON document for their own hands. The handing over is recorded.

    Raises `Erased` for an identity that was destroyed. The caller has noted the look.
    """
    participant = locked(tx, participant_id)
    found = _document(tx, participant)
    record(tx, participant_id, ParticipantEventKind.DATA_RETURNED)
    return found


def _document(tx: Tx, participant: Participant) -> dict[str, Any]:
    person = vault.person_of(tx, participant.id)
    contact = person.contact
    return {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "you": {
            "first_name": person.name.first, "last_name": person.name.last, "born_on": person.born_on.isoformat(),
            "email": contact.email, "phone": contact.phone, "street": contact.street,
            "code": participant.clinic_code, "language": str(participant.language), "status": str(participant.status),
            "enrolled_at": participant.enrolled_at.isoformat(),
        },
        "consents": [{"version": act.version, "act": str(act.act), "on": act.on.isoformat()}
                     for act in consenting.acts_of(tx, participant.id)],
        **_by_kind(records_of(tx, participant.id)),
    }  # fmt: skip


def _by_kind(records: Sequence[Record]) -> dict[str, list[dict[str, Any]]]:
    names = {"visit": "visits", "measurements": "measurements", "collection": "collections", "tube": "samples",
             "payment": "payments"}  # fmt: skip
    return {name: [found.says for found in records if found.kind == kind] for kind, name in names.items()}
