"""Which account of the sign-in service is whose here: bound and unbound by an administrator, never guessed."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.security_log import note_event
from biobank.access.security_models import Security, StaffIdentity
from biobank.access.sessions import revoke_sessions
from biobank.access.staff import find_staff
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Forbidden, Invalid, NotFound


def identities_of(tx: Tx, staff_id: UUID) -> Sequence[StaffIdentity]:
    return tx.session.scalars(sa.select(StaffIdentity).filter_by(staff_id=staff_id)).all()


def bind(tx: Tx, staff_id: UUID, *, issuer: str, subject: str) -> StaffIdentity:
    """Let this subject of the issuer sign in as this member of staff."""
    if not issuer:
        raise Invalid("There is no sign-in service here. Set BIOBANK_OIDC_ISSUER first.")
    if tx.actor.id is None or tx.actor.id == staff_id:
        raise Forbidden("Nobody binds their own sign-in. Ask another administrator.")
    find_staff(tx, staff_id)
    kept = insert_ignore(tx.session, StaffIdentity, staff_id=staff_id, issuer=issuer, subject=subject,
                         bound_at=clock.now(), bound_by=tx.actor.id)  # fmt: skip
    if not kept:
        raise Conflict("This person has a sign-in already, or this sign-in is somebody else's. Unbind the old one.",
                       code="bound-already")  # fmt: skip
    note_event(tx, Security.IDENTITY_BOUND, subject_kind="staff", subject_id=staff_id)
    return tx.session.scalars(sa.select(StaffIdentity).filter_by(staff_id=staff_id, issuer=issuer)).one()


def unbind(tx: Tx, staff_id: UUID, identity_id: UUID) -> None:
    """Take a sign-in away from somebody; their sessions end."""
    removed = tx.session.execute(sa.delete(StaffIdentity).filter_by(id=identity_id, staff_id=staff_id))
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise NotFound("There is no such sign-in.")
    revoke_sessions(tx, staff_id)
    note_event(tx, Security.IDENTITY_UNBOUND, subject_kind="staff", subject_id=staff_id)
