"""Whether a participant stands in the study: there, active, and not a second registration of somebody else."""

from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.participants.models import MergedRegistration, Participant, ParticipantStatus

# The registration that a participant's was merged into, for a question that asks for the participant anyway.
KEPT_ID = sa.select(MergedRegistration.kept_id).where(MergedRegistration.merged_id == Participant.id).scalar_subquery()


def locked(tx: Tx, participant_id: UUID) -> Participant:
    """The participant as it stands now; locked until the transaction ends, unless that only reads."""
    return standing_of(tx, participant_id)[0]


def standing_of(tx: Tx, participant_id: UUID) -> tuple[Participant, UUID | None]:
    """The participant as `locked` has it, and the registration that this one was merged into."""
    query = sa.select(Participant, KEPT_ID).where(Participant.id == participant_id)
    if not tx.read_only:
        query = query.with_for_update(key_share=True, of=Participant)
    found = tx.session.execute(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("There is no such participant. Search again.")
    return found[0], found[1]


def survivor_of(tx: Tx, participant_id: UUID) -> UUID:
    """The registration that stays: this one, or the one that it was merged into."""
    merged = tx.session.get(MergedRegistration, participant_id)
    return merged.kept_id if merged else participant_id


def require_active(tx: Tx, participant_id: UUID) -> Participant:
    """The participant as `locked` has it, or the refusal that nothing more may be recorded."""
    participant, kept_id = standing_of(tx, participant_id)
    refuse_unless_active(tx, participant, kept_id)
    return participant


def refuse_unless_active(tx: Tx, participant: Participant, kept_id: UUID | None) -> None:
    """Refuse a participant, read and locked with its `KEPT_ID`, about whom nothing more may be recorded."""
    if participant.status is ParticipantStatus.WITHDRAWN:
        raise Conflict("This participant has withdrawn. Nothing more may be recorded; end the visit.",
                       code="withdrawn")  # fmt: skip
    if participant.status is ParticipantStatus.DECEASED:
        raise Conflict("This participant has died. Nothing more may be recorded.", code="deceased")
    if kept_id is not None:
        raise Conflict("This registration was merged with another of the same person. Go on with %(kept)s.",
                       code="merged", kept=tx.session.get_one(Participant, kept_id).clinic_code)  # fmt: skip
