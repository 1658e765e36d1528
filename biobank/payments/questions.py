"""What a person must look into: opened once, given to somebody, answered once, never lost."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Staff, StaffRole
from biobank.actor import Role
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound
from biobank.payments.models import ExceptionKind, ExceptionNote, ReconException, ResolutionCode

# How soon somebody must have answered: what may be losing money now comes first.
URGENT, DAYS = timedelta(days=1), timedelta(days=5)
DUE: Mapping[ExceptionKind, timedelta] = {
    ExceptionKind.PROVIDER_NOT_OURS: URGENT,
    ExceptionKind.PAID_AFTER_ALL: URGENT,
    ExceptionKind.CHARGED_TWICE: URGENT,
    ExceptionKind.BOOKS_DIFFER: URGENT,
    ExceptionKind.DUPLICATE_PERSON_PAID: URGENT,
}
# These need a posting, and with it a second person: see `bookings`.
MONEY = frozenset(ResolutionCode) - {ResolutionCode.EXPLAINED, ResolutionCode.CORRECTED}


def open_exception(
    tx: Tx,
    kind: ExceptionKind,
    note: str,
    *,
    disbursement_id: UUID | None = None,
    line_id: UUID | None = None,
    transfer_id: UUID | None = None,
    file_id: UUID | None = None,
    item: str | None = None,
) -> bool:
    """Ask a person about it, unless that was asked before; False then, even when it has been answered."""
    now = clock.now()
    return insert_ignore(
        tx.session, ReconException, id=new_id(), kind=kind, disbursement_id=disbursement_id, line_id=line_id,
        transfer_id=transfer_id, file_id=file_id, item=item, opened_at=now, note=note[:400],
        due_on=(now + DUE.get(kind, DAYS)).date(), version=1,
    )  # fmt: skip


def exception_of(tx: Tx, exception_id: UUID) -> ReconException:
    """The exception, held for a change."""
    query = sa.select(ReconException).filter_by(id=exception_id)
    found = tx.session.scalar(query if tx.read_only else query.with_for_update(of=ReconException))
    if found is None:
        raise NotFound("There is no such exception. Go back to the list.")
    return found


def resolve_exception(
    tx: Tx, exception_id: UUID, note: str, code: ResolutionCode = ResolutionCode.EXPLAINED
) -> ReconException:
    """Close an exception with what was found and done about it, where no money moves."""
    if code in MONEY:
        raise Conflict("This moves money: it is booked from the statement line, with a second person.",
                       code="second-person")  # fmt: skip
    return close_exception(tx, exception_of(tx, exception_id), _said(note), code)


def close_exception(tx: Tx, found: ReconException, note: str, code: ResolutionCode) -> ReconException:
    """Write the answer. Refused when somebody has answered."""
    _require_open(found)
    found.resolved_at, found.resolved_by, found.resolution = clock.now(), tx.actor.name, note[:400]
    found.resolution_code, found.version = code, found.version + 1
    tx.session.flush()
    return found


def _require_open(found: ReconException) -> None:
    if found.resolved_at is not None:
        raise Conflict("Somebody has resolved this in the meantime. Read the note; nothing of yours was saved.")


def assign(tx: Tx, exception_id: UUID, *, owner_id: UUID, due_on: date) -> ReconException:
    """Give an exception to somebody of finance, with the day by which it must be answered."""
    found = exception_of(tx, exception_id)
    _require_open(found)
    owner = next((one for one in owners(tx) if one.id == owner_id), None)
    if owner is None:
        raise Invalid("Choose somebody of finance.", code="owner-unknown")
    found.owner_id, found.owner, found.due_on = owner.id, owner.display_name, due_on
    found.version += 1
    tx.session.flush()
    return found


def owners(tx: Tx) -> list[Staff]:
    """Who may own an exception: finance staff who can sign in."""
    of_finance = sa.select(StaffRole.staff_id).where(StaffRole.role == Role.FINANCE)
    query = sa.select(Staff).where(Staff.active, Staff.id.in_(of_finance)).order_by(Staff.display_name)
    return list(tx.session.scalars(query))


def add_note(tx: Tx, exception_id: UUID, text: str) -> ExceptionNote:
    """Note what was found so far; the exception stays open."""
    _require_open(exception_of(tx, exception_id))
    note = ExceptionNote(exception_id=exception_id, at=clock.now(), by=tx.actor.name, text=_said(text))
    tx.session.add(note)
    tx.session.flush()
    return note


def _said(note: str) -> str:
    if len(note.strip()) < 3:
        raise Invalid("Write what you found and what was done about it.", code="note-missing")
    return note.strip()[:400]
