"""What an administrator does about staff: which roles somebody holds, from when they hold them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from biobank.access import actions
from biobank.access.models import Staff, StaffRole
from biobank.access.roles import require_compatible
from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Forbidden, NotFound


def find_staff(tx: Tx, staff_id: UUID) -> Staff:
    staff = tx.session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("There is no such member of staff.")
    return staff


def set_roles(tx: Tx, staff_id: UUID, roles: Collection[Role]) -> Staff:
    """Give somebody exactly these roles. Their sessions end, so that nobody goes on with a role that is gone."""
    require_compatible(roles)
    if tx.actor.id == staff_id:
        raise Forbidden("Nobody changes their own roles. Ask another administrator.")
    staff = find_staff(tx, staff_id)
    tx.session.execute(sa.delete(StaffRole).filter_by(staff_id=staff_id))
    tx.session.add_all(StaffRole(staff_id=staff_id, role=role) for role in set(roles))
    tx.session.flush()
    tx.session.refresh(staff, ["roles"])
    actions.revoke_sessions(tx, staff_id)
    return staff
