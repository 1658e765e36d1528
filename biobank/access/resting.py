"""Accounts that nobody uses, and temporary ones whose time is over, are stopped (NIST SP 800-53 AC-2(2) and (3))."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Staff, StaffSession
from biobank.access.security_log import note_event
from biobank.access.security_models import Security
from biobank.access.sessions import revoke_sessions
from biobank.access.staff import find_staff, is_last_administrator
from biobank.db import Tx
from biobank.errors import Forbidden


def make_temporary(tx: Tx, staff_id: UUID, hours: int) -> Staff:
    """Let an account end by itself after some hours, from now."""
    staff = find_staff(tx, staff_id)
    if tx.actor.id == staff_id:
        raise Forbidden("Nobody makes their own account temporary. Ask another administrator.")
    staff.ends_at = clock.now() + timedelta(hours=hours)
    staff.version += 1
    note_event(tx, Security.STAFF_CHANGED, subject_kind="staff", subject_id=staff_id, note=f"ends in {hours} h")
    return staff


def stop_unused(tx: Tx, days: int) -> int:
    """Stop every account that was not used for so many days or has ended; their sessions end. Answers how many.

    The last administrator is left: somebody must be able to let the others in again.
    """
    now = clock.now()
    since = now - timedelta(days=days)
    used = sa.exists().where(StaffSession.staff_id == Staff.id, StaffSession.last_seen_at > since)
    rested = sa.and_(Staff.created_at <= since, sa.or_(Staff.let_in_at.is_(None), Staff.let_in_at <= since), ~used)
    due = sa.select(Staff).where(Staff.active.is_(True), sa.or_(rested, Staff.ends_at <= now)).order_by(Staff.id)
    stopped = 0
    for staff in tx.session.scalars(due).all():
        if is_last_administrator(tx, staff):
            continue
        staff.active = False
        staff.version += 1
        tx.session.flush()
        revoke_sessions(tx, staff.id)
        note_event(tx, Security.RESTED, subject_kind="staff", subject_id=staff.id)
        stopped += 1
    return stopped
