"""A participant opened at the desk: the look is recorded first, and what is read afterwards knows of it."""

from uuid import UUID

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.participants.actions import participant_of
from biobank.participants.models import Participant
from biobank.web.transaction import current_tx


def seen(participant_id: UUID) -> Participant:
    """Note the look and answer the participant as they stand after it."""
    note_look("participant", participant_id, Purpose.VISIT)
    # Read anew: a transaction that had read before would not show this look in the list of looks.
    if current_tx().read_only:
        current_tx().close()
    return participant_of(current_tx(), participant_id)
