"""What can be done about staff: add, sign in, sign out, tell who asks, record who saw whom."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from biobank import clock
from biobank.access import passwords
from biobank.access.models import Look, Purpose, SignInFailure, Site, SiteKind, Staff, StaffRole, StaffSession
from biobank.access.roles import require_compatible
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases, Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound, NotSignedIn, TooMany

FAILURES_ALLOWED = 10
WINDOW_SECONDS = 300


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
    if len(password) < passwords.MINIMUM_LENGTH:
        raise Invalid("A password needs at least 12 characters.")
    require_compatible(roles)
    if tx.session.scalar(sa.select(Staff.id).filter_by(username=username.lower())):
        raise Conflict("There is a member of staff of that name already.")
    staff = Staff(username=username.lower(), display_name=display_name, site_id=site_id, created_at=clock.now(),
                  password_hash=passwords.make_hash(password))  # fmt: skip
    tx.session.add(staff)
    tx.session.flush()
    tx.session.add_all(StaffRole(staff_id=staff.id, role=role) for role in roles)
    tx.session.flush()
    tx.session.refresh(staff, ["roles"])
    return staff


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _window() -> int:
    return int(clock.now().timestamp()) // WINDOW_SECONDS


def _refuse_flood(tx: Tx, buckets: Collection[str]) -> None:
    query = sa.select(sa.func.max(SignInFailure.count)).where(
        SignInFailure.bucket.in_(buckets), SignInFailure.window == _window()
    )
    if (tx.session.scalar(query) or 0) >= FAILURES_ALLOWED:
        wait = WINDOW_SECONDS - int(clock.now().timestamp()) % WINDOW_SECONDS
        raise TooMany("Too many attempts. Wait %(minutes)s minutes and try again.", minutes=wait // 60 + 1,
                      details={"retry_after": wait})  # fmt: skip


def _count_failure(tx: Tx, buckets: Collection[str]) -> None:
    for bucket in buckets:
        insert_ignore(tx.session, SignInFailure, bucket=bucket, window=_window(), count=0)
        tx.session.execute(
            sa.update(SignInFailure)
            .filter_by(bucket=bucket, window=_window())
            .values(count=SignInFailure.count + 1)
        )  # fmt: skip


def sign_in(databases: Databases, settings: Settings, *, username: str, password: str, address: str) -> str:
    """Check the password and open a session; answers its token. Nothing tells a wrong name from a wrong password.

    Three short transactions, so that no write lock is held while the password is being hashed.
    """
    buckets = [_hash(f"name:{username.lower()}"), _hash(f"address:{address}:{username.lower()}")]
    with databases.transaction(read_only=True) as tx:
        _refuse_flood(tx, buckets)
        staff = tx.session.scalar(sa.select(Staff).filter_by(username=username.lower(), active=True))
        kept = staff.password_hash if staff else None
    if not passwords.is_right(kept, password) or staff is None:
        with databases.transaction() as tx:
            _count_failure(tx, buckets)
        raise NotSignedIn("That name and password do not belong together. Check both and try again.",
                          code="wrong-credentials")  # fmt: skip
    with databases.transaction() as tx:
        return open_session(tx, settings, staff.id)


def open_session(tx: Tx, settings: Settings, staff_id: UUID) -> str:
    """Open a session and answer its token: 256 random bits, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    expires = now + timedelta(hours=settings.session_hours)
    tx.session.add(StaffSession(token_hash=_hash(token), staff_id=staff_id, created_at=now, last_seen_at=now,
                                expires_at=expires))  # fmt: skip
    tx.session.flush()
    return token


@dataclass(frozen=True)
class SignedIn:
    """A live session: whose it is, where they work, when they were last seen."""

    session_id: UUID
    actor: Actor
    site_code: str
    site_name: str
    zone: str
    last_seen_at: datetime


# Columns, not objects: this is asked before every request.
_SESSION = (
    sa.select(
        StaffSession.id.label("session_id"), StaffSession.last_seen_at, StaffSession.expires_at,
        StaffSession.revoked_at, Staff.id.label("staff_id"), Staff.display_name, Staff.active,
        Site.id.label("site_id"), Site.code, Site.name, Site.zone, StaffRole.role,
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .join(Site, Site.id == Staff.site_id)
    .join(StaffRole, StaffRole.staff_id == Staff.id)
    .where(StaffSession.token_hash == sa.bindparam("token_hash"))
)  # fmt: skip


def session_of(tx: Tx, settings: Settings, token: str) -> SignedIn:
    """The live session of a token. Raises `NotSignedIn` saying why there is none."""
    rows = tx.session.connection().execute(_SESSION, {"token_hash": _hash(token)}).all()
    now = clock.now()
    if not rows or rows[0].revoked_at is not None or not rows[0].active or now >= rows[0].expires_at:
        raise NotSignedIn("Your session has ended. Sign in again.")
    found = rows[0]
    if now - found.last_seen_at > timedelta(minutes=settings.session_idle_minutes):
        raise NotSignedIn("The session was locked after a pause. Sign in to go on where you were.", code="locked")
    actor = Actor(kind="staff", id=found.staff_id, name=found.display_name, site_id=found.site_id,
                  roles=frozenset(row.role for row in rows))  # fmt: skip
    return SignedIn(found.session_id, actor, found.code, found.name, found.zone, found.last_seen_at)


def touch_session(tx: Tx, session_id: UUID) -> None:
    """Note that the session is in use."""
    tx.session.execute(sa.update(StaffSession).filter_by(id=session_id).values(last_seen_at=clock.now()))


def sign_out(tx: Tx, token: str) -> None:
    """End the session of a token at once, wherever it is used."""
    tx.session.execute(
        sa.update(StaffSession).filter_by(token_hash=_hash(token), revoked_at=None).values(revoked_at=clock.now())
    )


def revoke_sessions(tx: Tx, staff_id: UUID) -> None:
    """End every session of one member of staff."""
    tx.session.execute(
        sa.update(StaffSession).filter_by(staff_id=staff_id, revoked_at=None).values(revoked_at=clock.now())
    )


def set_active(tx: Tx, staff_id: UUID, *, active: bool) -> Staff:
    """Let somebody sign in, or not any more: their sessions end in the same moment."""
    staff = tx.session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("There is no such member of staff.")
    staff.active = active
    if not active:
        revoke_sessions(tx, staff_id)
    return staff


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
