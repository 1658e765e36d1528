"""What a person must look into: opened once, answered once, never lost."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound
from biobank.payments.models import ExceptionKind, ReconException


def open_exception(
    tx: Tx,
    kind: ExceptionKind,
    note: str,
    *,
    disbursement_id: UUID | None = None,
    line_id: UUID | None = None,
    transfer_id: UUID | None = None,
    file_id: UUID | None = None,
) -> bool:
    """Ask a person about it, unless that was asked before; False then, even when it has been answered."""
    return insert_ignore(
        tx.session, ReconException, id=new_id(), kind=kind, disbursement_id=disbursement_id, line_id=line_id,
        transfer_id=transfer_id, file_id=file_id, opened_at=clock.now(), note=note[:400],
    )  # fmt: skip


def resolve_exception(tx: Tx, exception_id: UUID, note: str) -> ReconException:
    """Close an exception with what was found and done about it."""
    if len(note.strip()) < 3:
        raise Invalid("Write what you found and what was done about it.", code="note-missing")
    found = tx.session.scalar(sa.select(ReconException).filter_by(id=exception_id).with_for_update())
    if found is None:
        raise NotFound("There is no such exception. Go back to the list.")
    if found.resolved_at is not None:
        raise Conflict("Somebody has resolved this in the meantime. Read the note; nothing of yours was saved.")
    found.resolved_at, found.resolved_by, found.resolution = clock.now(), tx.actor.name, note.strip()[:400]
    tx.session.flush()
    return found
