"""Two registrations of one person: found, looked at by somebody, merged, and never silently taken apart again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.events import emit
from biobank.participants import vault, vault_doubles
from biobank.participants.events import RegistrationsMerged
from biobank.participants.models import MergedRegistration, Participant, ParticipantEventKind
from biobank.participants.person import Person
from biobank.participants.recording import record
from biobank.participants.standing import locked, require_active

_WATCHED = timedelta(days=90)
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class LikelyDouble:
    """Two registrations that share details: kinds only, never the details."""

    one: Participant
    other: Participant
    shares: tuple[str, ...]


def to_review(tx: Tx) -> list[LikelyDouble]:
    """Pairs that wait for somebody's word, of whom one enrolled in the last 90 days."""
    pairs = vault_doubles.undecided(tx, clock.now() - _WATCHED)
    ids = {one for pair in pairs for one in (pair.one, pair.other)}
    known = {row.id: row for row in tx.session.scalars(sa.select(Participant).where(Participant.id.in_(ids)))}
    return [LikelyDouble(known[pair.one], known[pair.other], pair.shares) for pair in pairs
            if pair.one in known and pair.other in known]  # fmt: skip


def likely_of(tx: Tx, person: Person) -> list[Participant]:
    """Participants who share the details of somebody about to be enrolled."""
    ids = vault.likely_same(tx, person)
    return list(tx.session.scalars(sa.select(Participant).where(Participant.id.in_(ids))))


def persons_of(tx: Tx, first: UUID, second: UUID) -> tuple[Person, Person]:
    """Both persons side by side, for whoever compares them. The caller has noted both looks."""
    return vault.person_of(tx, first), vault.person_of(tx, second)


def _reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= _LONGEST_REASON:
        raise Invalid("Say how you know, in at most %(most)s characters.", most=_LONGEST_REASON)
    return reason


def tell_apart(tx: Tx, first: UUID, second: UUID, reason: str) -> None:
    """Note that two registrations are two people; they are not asked about again."""
    for one in (first, second):
        locked(tx, one)
    if tx.session.get(MergedRegistration, first) or tx.session.get(MergedRegistration, second):
        raise Conflict("These registrations are merged. Take them apart first.", code="merged")
    vault_doubles.decide(tx, first, second, kept=None, reason=_reason(reason))


def merge(tx: Tx, *, kept_id: UUID, merged_id: UUID, reason: str) -> RegistrationsMerged:
    """Make two registrations one person's: the merged one's codes lead to the kept one from now on.

    Tubes and measurements stay where they are; of two payments the second is revoked while it can be. The event
    says in `paid_twice` if it could not. Raises `Conflict` unless both are active.
    """
    if kept_id == merged_id:
        raise Invalid("These are the same registration. Choose two.")
    why = _reason(reason)
    # In the order of their keys, so that two clerks with one pair take turns.
    rows = {one: require_active(tx, one) for one in sorted((kept_id, merged_id))}
    if tx.session.scalar(sa.select(MergedRegistration.merged_id).filter_by(kept_id=merged_id).limit(1)):
        raise Conflict("Another registration was merged into this one. Keep this one and merge the other.",
                       code="merged")  # fmt: skip
    tx.session.add(MergedRegistration(merged_id=merged_id, kept_id=kept_id, since=clock.now()))
    vault_doubles.decide(tx, kept_id, merged_id, kept=kept_id, reason=why)
    codes = {one: vault.codes_of(tx, participant_id=one) for one in rows}
    event = RegistrationsMerged(
        kept_id=kept_id, merged_id=merged_id, kept_payee_id=codes[kept_id].payee_id,
        merged_payee_id=codes[merged_id].payee_id, site_id=rows[kept_id].site_id,
    )  # fmt: skip
    for row in rows.values():
        row.version += 1
    tx.session.flush()
    emit(tx, event)
    for one, other in ((kept_id, merged_id), (merged_id, kept_id)):
        record(tx, one, ParticipantEventKind.MERGED, other=rows[other].clinic_code, kept=rows[kept_id].clinic_code,
               paid_twice=bool(event.paid_twice))  # fmt: skip
    return event


def separate(tx: Tx, merged_id: UUID, reason: str) -> Participant:
    """Take a merged registration apart again, because they were two people after all. Nothing is paid by itself."""
    why = _reason(reason)
    merged = tx.session.get(MergedRegistration, merged_id, with_for_update=not tx.read_only)
    if merged is None:
        raise NotFound("This registration is not merged with another.")
    kept_id = merged.kept_id
    tx.session.delete(merged)
    vault_doubles.decide(tx, kept_id, merged_id, kept=None, reason=why)
    rows = {one: locked(tx, one) for one in sorted((kept_id, merged_id))}
    for one, other in ((kept_id, merged_id), (merged_id, kept_id)):
        rows[one].version += 1
        record(tx, one, ParticipantEventKind.SEPARATED, other=rows[other].clinic_code)
    return rows[merged_id]
