"""What can be done about staff: add, sign in, sign out, tell who asks, record who saw whom."""

from collections.abc import Collection
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from biobank import clock
from biobank.access import entrance, passwords
from biobank.access.models import Look, Purpose, Site, SiteKind, Staff, StaffRole
from biobank.access.passkeys import Place
from biobank.access.password_rules import require_good
from biobank.access.roles import require_compatible
from biobank.access.sessions import Origin, open_session, revoke_sessions, session_of, sign_out, touch_session
from biobank.access.staff import set_active
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotFound

__all__ = ["open_session", "revoke_sessions", "session_of", "set_active", "sign_out", "touch_session"]


def add_site(tx: Tx, *, code: str, name: str, kind: SiteKind, zone: str, tube_set: str = "3.2") -> Site:
    """Add a place. `zone` is an IANA name such as America/Chicago."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("%(zone)s is not a time zone. Use a name such as America/Chicago.", zone=zone) from None
    if tx.session.scalar(sa.select(Site).filter_by(code=code)):
        raise Conflict("There is a site of that code already. Choose another.")
    site = Site(code=code, name=name, kind=kind, zone=zone, tube_set=tube_set)
    tx.session.add(site)
    tx.session.flush()
    return site


def site_by_code(tx: Tx, code: str) -> Site:
    site = tx.session.scalar(sa.select(Site).filter_by(code=code))
    if site is None:
        raise NotFound("There is no site %(site)s. Run `biobank site list`.", site=code)
    return site


def add_staff(
    tx: Tx, *, username: str, display_name: str, password: str, roles: Collection[Role], site_id: UUID
) -> Staff:
    """Add a member of staff. The password is at least 12 characters; any characters, no forced mix (NIST 800-63B)."""
    require_good(password, username=username)
    require_compatible(roles)
    if tx.session.scalar(sa.select(Staff.id).filter_by(username=username.lower())):
        raise Conflict("There is a member of staff of that name already.")
    if tx.session.get(Site, site_id) is None:
        raise Invalid("There is no such site. Choose one from the list.", code="unknown-site")
    staff = Staff(username=username.lower(), display_name=display_name, site_id=site_id, created_at=clock.now(),
                  password_hash=passwords.make_hash(password))  # fmt: skip
    tx.session.add(staff)
    tx.session.flush()
    tx.session.add_all(StaffRole(staff_id=staff.id, role=role) for role in roles)
    tx.session.flush()
    tx.session.refresh(staff, ["roles"])
    return staff


def sign_in(databases: Databases, settings: Settings, *, username: str, password: str, address: str) -> str:
    """Check the password and answer the session's token; what a person still has to show says `session_of`."""
    door = entrance.Door(databases, settings, Place("", ""), Origin(address))
    return entrance.enter(door, username=username, password=password).token


def actor_of(staff: Staff) -> Actor:
    return Actor(kind="staff", id=staff.id, name=staff.display_name, site_id=staff.site_id,
                 roles=frozenset(item.role for item in staff.roles))  # fmt: skip


def record_look(
    tx: Tx, *, subject_kind: str, subject_id: UUID, purpose: Purpose, route: str, request_id: str | None
) -> None:
    """Write down that the actor is about to see this record."""
    actor = tx.actor
    tx.session.execute(
        sa.insert(Look).values(
            at=clock.now(), actor_kind=actor.kind, actor_id=actor.id, actor_name=actor.name, site_id=actor.site_id,
            subject_kind=subject_kind, subject_id=subject_id, purpose=purpose, route=route, request_id=request_id,
        )
    )  # fmt: skip
