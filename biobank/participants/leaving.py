"""Leaving the study: withdrawal for good, and a death that one person reports and another approves."""

from uuid import UUID

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.events import emit
from biobank.participants import consenting, tombstones, vault
from biobank.participants.events import ParticipantDied, ParticipantWithdrawn
from biobank.participants.models import (
    ConsentAct,
    Participant,
    ParticipantEventKind,
    ParticipantStatus,
    WithdrawalReason,
)
from biobank.participants.recording import record
from biobank.participants.standing import require_active
from biobank.participants.tombstones import Departure

DEATH = "participant.death"


def withdraw(tx: Tx, participant_id: UUID, reason: WithdrawalReason | str) -> Participant:
    """Let somebody leave, for good. What was earned stays theirs; every tube is held."""
    if reason not in list(WithdrawalReason):
        raise Invalid("Choose a reason from the list; `not-said` if none was given.", code="unknown-reason")
    participant = require_active(tx, participant_id)
    participant.status = ParticipantStatus.WITHDRAWN
    participant.version += 1
    record(tx, participant_id, ParticipantEventKind.WITHDRAWN, reason=str(reason))
    consenting.note(tx, participant_id, participant.consent_version, ConsentAct.WITHDRAWN, clock.now().date())
    donor_id = vault.codes_of(tx, participant_id=participant_id).donor_id
    emit(tx, ParticipantWithdrawn(participant_id=participant_id, donor_id=donor_id))
    # Last, and on the disk at once: should a backup be restored, this is done again.
    tombstones.bury(tx.databases, Departure.WITHDRAWN, participant_id)
    return participant


def report_death(tx: Tx, participant_id: UUID) -> Approval:
    """Report that somebody has died. Nothing changes until a second person has approved it."""
    participant = require_active(tx, participant_id)
    return approvals.ask(tx, kind=DEATH, subject=participant_id, payload={"participant_id": str(participant_id)},
                         summary="Participant %(code)s has died, as somebody reports.",
                         words={"code": participant.clinic_code})  # fmt: skip


def record_death(tx: Tx, participant_id: UUID) -> Participant:
    """Record a death that was reported and approved: nothing more is recorded, samples and measurements stay."""
    participant = require_active(tx, participant_id)
    participant.status = ParticipantStatus.DECEASED
    participant.version += 1
    record(tx, participant_id, ParticipantEventKind.DIED)
    emit(tx, ParticipantDied(participant_id=participant_id))
    return participant
