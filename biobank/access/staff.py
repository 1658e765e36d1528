"""What an administrator does about staff: roles, leave to sign in, second factors that were lost."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals, factors
from biobank.access.approval_models import Approval
from biobank.access.models import Staff, StaffRole
from biobank.access.policy import Policy
from biobank.access.roles import WORDS, require_compatible
from biobank.access.security_log import note_event
from biobank.access.security_models import Security
from biobank.access.sessions import revoke_sessions
from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, NotFound, Phrase

KIND = "staff.roles"
# Roles that nobody gives alone where the policy asks for two.
WITH_POWER = frozenset({Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR})


def find_staff(tx: Tx, staff_id: UUID) -> Staff:
    # A change holds the row, so that of two at once the second finds what the first has made.
    staff = tx.session.get(Staff, staff_id, with_for_update=None if tx.read_only else {"of": Staff})
    if staff is None:
        raise NotFound("There is no such member of staff.")
    return staff


def roles_of(staff: Staff) -> frozenset[Role]:
    return frozenset(item.role for item in staff.roles)


def require_version(staff: Staff, version: int | None) -> None:
    """Refuse a change that was made from an older state; None asks nothing."""
    if version not in (None, staff.version):
        raise Conflict("Somebody changed this account meanwhile. Look at it as it is now, then change it.",
                       code="changed-meanwhile")  # fmt: skip


def _refuse_oneself(tx: Tx, staff_id: UUID) -> None:
    if tx.actor.id == staff_id:
        raise Forbidden("Nobody changes their own roles. Ask another administrator.")


def is_last_administrator(tx: Tx, staff: Staff) -> bool:
    """Whether nobody else who may sign in is an administrator."""
    others = (
        sa.select(sa.func.count())
        .select_from(StaffRole)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(StaffRole.role == Role.ADMINISTRATOR, Staff.active.is_(True), Staff.id != staff.id)
    )
    return Role.ADMINISTRATOR in roles_of(staff) and not tx.session.scalar(others)


def _keep_an_administrator(tx: Tx, staff: Staff) -> None:
    if is_last_administrator(tx, staff):
        raise Conflict("This is the only administrator. Make somebody else one first.", code="last-administrator")


def set_roles(tx: Tx, staff_id: UUID, roles: Collection[Role]) -> Staff:
    """Give somebody exactly these roles. Their sessions end, so that nobody goes on with a role that is gone."""
    require_compatible(roles)
    _refuse_oneself(tx, staff_id)
    staff = find_staff(tx, staff_id)
    if Role.ADMINISTRATOR not in roles:
        _keep_an_administrator(tx, staff)
    tx.session.execute(sa.delete(StaffRole).filter_by(staff_id=staff_id))
    tx.session.expire(staff, ["roles"])
    tx.session.add_all(StaffRole(staff_id=staff_id, role=role) for role in set(roles))
    tx.session.flush()
    tx.session.refresh(staff, ["roles"])
    staff.version += 1
    revoke_sessions(tx, staff_id)
    note_event(tx, Security.ROLES_CHANGED, subject_kind="staff", subject_id=staff_id, note=", ".join(sorted(roles)))
    return staff


def change_roles(
    tx: Tx, policy: Policy, staff_id: UUID, roles: Collection[Role], *, version: int | None = None
) -> Approval | None:
    """Set roles, or ask a second administrator where power is given and the policy demands two. Answers what waits."""
    require_compatible(roles)
    _refuse_oneself(tx, staff_id)
    staff = find_staff(tx, staff_id)
    require_version(staff, version)
    given = frozenset(roles) - roles_of(staff)
    if not (policy.grants_by_two and given & WITH_POWER):
        set_roles(tx, staff_id, roles)
        return None
    words = {"name": staff.display_name, "roles": ", ".join(sorted(str(WORDS[role]) for role in roles))}
    return approvals.ask(tx, kind=KIND, subject=staff_id, summary=str(Phrase("Give %(name)s these roles: %(roles)s")),
                         payload={"roles": sorted(roles)}, words=words)  # fmt: skip


def set_active(tx: Tx, staff_id: UUID, *, active: bool) -> Staff:
    """Let somebody sign in, or not any more: their sessions end in the same moment."""
    staff = find_staff(tx, staff_id)
    if not active:
        _refuse_oneself(tx, staff_id)
        _keep_an_administrator(tx, staff)
        revoke_sessions(tx, staff_id)
    staff.active = active
    staff.version += 1
    if active:
        staff.let_in_at, staff.ends_at = clock.now(), None
    note_event(tx, Security.LET_IN if active else Security.STOPPED, subject_kind="staff", subject_id=staff_id)
    tx.session.flush()
    return staff


def reset_factors(tx: Tx, staff_id: UUID) -> Staff:
    """Take somebody's second factors away, who lost them: new ones are set up at the next sign-in."""
    staff = find_staff(tx, staff_id)
    if tx.actor.id == staff_id:
        raise Forbidden("Nobody resets their own factors. Ask another administrator.")
    factors.remove_all(tx, staff_id)
    staff.version += 1
    note_event(tx, Security.FACTORS_RESET, subject_kind="staff", subject_id=staff_id)
    revoke_sessions(tx, staff_id)
    return staff
