"""Whether a participant stands in the study: there, active, and not a second registration of somebody else."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.participants.models import MergedRegistration, Participant, ParticipantStatus


def locked(tx: Tx, participant_id: UUID) -> Participant:
    """The participant as it stands now; locked until the transaction ends, unless that only reads."""
    query = sa.select(Participant).filter_by(id=participant_id)
    if not tx.read_only:
        query = query.with_for_update(key_share=True)
    found = tx.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("There is no such participant. Search again.")
    return found


def survivor_of(tx: Tx, participant_id: UUID) -> UUID:
    """The registration that stays: this one, or the one that it was merged into."""
    merged = tx.session.get(MergedRegistration, participant_id)
    return merged.kept_id if merged else participant_id


def require_active(tx: Tx, participant_id: UUID) -> Participant:
    """The participant as `locked` has it, or the refusal that nothing more may be recorded."""
    participant = locked(tx, participant_id)
    refuse_unless_active(tx, participant)
    return participant


def refuse_unless_active(tx: Tx, participant: Participant) -> None:
    """Refuse a participant, read and locked in this transaction, about whom nothing more may be recorded."""
    if participant.status is ParticipantStatus.WITHDRAWN:
        raise Conflict("This participant has withdrawn. Nothing more may be recorded; end the visit.",
                       code="withdrawn")  # fmt: skip
    if participant.status is ParticipantStatus.DECEASED:
        raise Conflict("This participant has died. Nothing more may be recorded.", code="deceased")
    kept_id = survivor_of(tx, participant.id)
    if kept_id != participant.id:
        raise Conflict("This registration was merged with another of the same person. Go on with %(kept)s.",
                       code="merged", kept=tx.session.get_one(Participant, kept_id).clinic_code)  # fmt: skip
