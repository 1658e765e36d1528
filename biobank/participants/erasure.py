"""Forgetting who somebody was: once the policy's time has passed after they left, and again after every restore."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict
from biobank.events import emit
from biobank.participants import tombstones, vault
from biobank.participants.events import IdentityNeeded
from biobank.participants.leaving import withdraw
from biobank.participants.models import (
    Participant,
    ParticipantEvent,
    ParticipantEventKind,
    ParticipantStatus,
    WithdrawalReason,
)
from biobank.participants.recording import record
from biobank.participants.standing import locked
from biobank.participants.tombstones import Departure
from biobank.participants.vault_keys import destroy_key

_LEFT = (ParticipantStatus.WITHDRAWN, ParticipantStatus.DECEASED)


def erase(tx: Tx, participant_id: UUID) -> None:
    """Destroy an identity by its key. The codes stay, so that tubes stay held and nobody is paid twice.

    Refused while somebody takes part, or while what they earned is on its way to them.
    """
    participant = locked(tx, participant_id)
    if participant.status not in _LEFT:
        raise Conflict("This participant takes part. Only who has left can be forgotten.", code="still-active")
    if _needed(tx, participant_id):
        raise Conflict("A payment is still on its way to this participant. Wait until it has arrived or was refused.",
                       code="identity-needed")  # fmt: skip
    # First the journal: a crash after it is made good by the next replay, a crash before it changes nothing.
    tombstones.bury(tx.databases, Departure.ERASED, participant_id)
    if destroy_key(tx, participant_id):
        record(tx, participant_id, ParticipantEventKind.ERASED)


def _needed(tx: Tx, participant_id: UUID) -> bool:
    asked = IdentityNeeded(payee_id=vault.codes_of(tx, participant_id=participant_id).payee_id)
    emit(tx, asked)
    return bool(asked.reasons)


def due(tx: Tx, days: int) -> list[UUID]:
    """Participants who left at least so many days ago and whose identity stands still."""
    left = sa.select(ParticipantEvent.participant_id).where(
        ParticipantEvent.kind.in_([ParticipantEventKind.WITHDRAWN, ParticipantEventKind.DIED]),
        ParticipantEvent.at <= clock.now() - timedelta(days=days),
    )
    erased = sa.select(ParticipantEvent.participant_id).filter_by(kind=ParticipantEventKind.ERASED)
    query = sa.select(Participant.id).where(
        Participant.status.in_(_LEFT), Participant.id.in_(left), Participant.id.not_in(erased)
    )
    return list(tx.session.scalars(query))


def erase_due(databases: Databases, days: int) -> int:
    """Forget everybody whose time has come, one unit of work each; answers how many."""
    with databases.transaction(SYSTEM, read_only=True) as tx:
        waiting = due(tx, days)
    return sum(run_tx(databases, partial(_erase_if_free, participant_id=one), SYSTEM) for one in waiting)


def _erase_if_free(tx: Tx, participant_id: UUID) -> int:
    if _needed(tx, participant_id):
        return 0
    erase(tx, participant_id)
    return 1


def replay(databases: Databases, *journals: Path) -> dict[Departure, int]:
    """Withdraw and forget again whom a restored backup brought back; answers how many of each.

    What to do again stands in this host's journal, in those given, and in the study's own history, which may be
    newer than the vault.
    """
    found = _departures(databases, [tombstones.journal(databases), *journals])
    steps = ((Departure.WITHDRAWN, _withdraw_again), (Departure.ERASED, _erase_again))
    return {
        kind: sum(run_tx(databases, partial(work, participant_id=one), SYSTEM) for one in sorted(found[kind]))
        for kind, work in steps
    }


def _departures(databases: Databases, journals: Iterable[Path]) -> dict[Departure, set[UUID]]:
    query = sa.select(ParticipantEvent.participant_id).filter_by(kind=ParticipantEventKind.ERASED)
    with databases.transaction(SYSTEM, read_only=True) as tx:
        found = {Departure.WITHDRAWN: set[UUID](), Departure.ERASED: set(tx.session.scalars(query))}
        for path in journals:
            for kind, participant_id in tombstones.buried(databases, path):
                found[kind].add(participant_id)
        found[Departure.ERASED] = vault.standing(tx, found[Departure.ERASED])
    return found


def _withdraw_again(tx: Tx, participant_id: UUID) -> int:
    participant = tx.session.get(Participant, participant_id)
    if participant is None or participant.status is not ParticipantStatus.ACTIVE:
        return 0
    withdraw(tx, participant_id, WithdrawalReason.NOT_SAID)
    return 1


def _erase_again(tx: Tx, participant_id: UUID) -> int:
    if not destroy_key(tx, participant_id):
        return 0
    noted = sa.select(ParticipantEvent.id).filter_by(participant_id=participant_id, kind=ParticipantEventKind.ERASED)
    is_known = tx.session.get(Participant, participant_id) is not None
    if is_known and tx.session.scalar(noted.limit(1)) is None:
        record(tx, participant_id, ParticipantEventKind.ERASED)
    return 1
