"""Sessions: opened step by step, locked after a pause, confirmed anew before what is delicate, ended at once."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site, Staff, StaffRole, StaffSession
from biobank.access.policy import Method, Stage
from biobank.actor import Actor
from biobank.config import Settings
from biobank.db import Tx
from biobank.errors import NotFound, NotSignedIn


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: its network address and the browser's family, for the person's own list."""

    address: str = ""
    agent: str = ""


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    tx: Tx, settings: Settings, staff_id: UUID, *, stage: Stage = Stage.OPEN, method: Method = Method.PASSWORD,
    origin: Origin | None = None,
) -> str:  # fmt: skip
    """Open a session and answer its token: 256 random bits, of which only the hash is kept."""
    token, now, where = secrets.token_urlsafe(32), clock.now(), origin or Origin()
    tx.session.add(StaffSession(
        token_hash=token_hash(token), staff_id=staff_id, created_at=now, last_seen_at=now, verified_at=now,
        verified_by=method, stage=stage, expires_at=now + timedelta(hours=settings.session_hours), place="",
        address=where.address[:45], agent=where.agent[:80],
    ))  # fmt: skip
    tx.session.flush()
    return token


@dataclass(frozen=True)
class SignedIn:
    """A live session: whose it is, where they work, how far it has come, and how fresh its proof is."""

    session_id: UUID
    staff_id: UUID
    actor: Actor
    site_code: str
    site_name: str
    zone: str
    last_seen_at: datetime
    stage: Stage
    verified_at: datetime
    verified_by: Method
    place: str
    site_networks: str

    def is_fresh(self, settings: Settings, methods: Collection[Method] = tuple(Method)) -> bool:
        """Whether the person proved who they are within the last minutes, by one of these methods."""
        age = clock.now() - self.verified_at
        return self.verified_by in methods and age <= timedelta(minutes=settings.fresh_minutes)


# Columns, not objects: this is asked before every request.
_SESSION = (
    sa.select(
        StaffSession.id.label("session_id"), StaffSession.last_seen_at, StaffSession.expires_at,
        StaffSession.revoked_at, StaffSession.stage, StaffSession.locked_at, StaffSession.verified_at,
        StaffSession.verified_by, StaffSession.place, Staff.id.label("staff_id"), Staff.display_name, Staff.active,
        Site.id.label("site_id"), Site.code, Site.name, Site.zone, Site.networks, Staff.ends_at, StaffRole.role,
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .join(Site, Site.id == Staff.site_id)
    .join(StaffRole, StaffRole.staff_id == Staff.id)
    .where(StaffSession.token_hash == sa.bindparam("token_hash"))
)  # fmt: skip


def find_session(tx: Tx, settings: Settings, token: str) -> SignedIn:
    """As `asked_for`, within a transaction."""
    return asked_for(tx.session.connection(), settings, token)


def asked_for(connection: sa.Connection, settings: Settings, token: str) -> SignedIn:
    """The session of a token, whatever its stage; after a pause its stage is locked. Raises `NotSignedIn` if ended."""
    rows = connection.execute(_SESSION, {"token_hash": token_hash(token)}).all()
    now = clock.now()
    if not rows or rows[0].revoked_at is not None or not rows[0].active or now >= rows[0].expires_at:
        raise NotSignedIn("Your session has ended. Sign in again.")
    found = rows[0]
    if found.ends_at is not None and now >= found.ends_at:
        raise NotSignedIn("This account was for a while, which is over. Ask your administrator.", code="ended")
    paused = now - found.last_seen_at > timedelta(minutes=settings.session_idle_minutes)
    actor = Actor(kind="staff", id=found.staff_id, name=found.display_name, site_id=found.site_id,
                  zone=found.zone, roles=frozenset(row.role for row in rows), proved_by=str(found.verified_by),
                  proved_at=found.verified_at)  # fmt: skip
    if paused and found.stage is not Stage.OPEN:
        raise NotSignedIn("Your session has ended. Sign in again.")
    stage = Stage.LOCKED if paused or found.locked_at is not None else found.stage
    return SignedIn(found.session_id, found.staff_id, actor, found.code, found.name, found.zone, found.last_seen_at,
                    stage, found.verified_at, found.verified_by, found.place, found.networks)  # fmt: skip


_ASKS = {
    Stage.LOCKED: ("The session was locked after a pause. Unlock it to go on where you were.", "locked"),
    Stage.FACTOR: ("One step is left: show your second factor.", "factor-needed"),
    Stage.PASSWORD: ("Choose your own password on the pages first.", "password-needed"),
    Stage.ENROL: ("Set up a second factor on the pages first.", "enrol-needed"),
}


def require_stage(found: SignedIn, stages: Collection[Stage]) -> None:
    """Raise `NotSignedIn` with the step that is missing unless the session is at one of these stages."""
    if found.stage not in stages:
        message, code = _ASKS.get(found.stage, ("You are signed in already. Go to your home page.", "open"))
        raise NotSignedIn(message, code=code)


def session_of(tx: Tx, settings: Settings, token: str) -> SignedIn:
    """The open session of a token. Raises `NotSignedIn` saying why there is none."""
    found = find_session(tx, settings, token)
    require_stage(found, {Stage.OPEN})
    return found


def touch_session(tx: Tx, session_id: UUID, place: str | None = None) -> None:
    """Note that the session is in use, and at which page of ours."""
    values: dict[str, object] = {"last_seen_at": clock.now()}
    if place is not None and len(place) <= 300:
        values["place"] = place
    tx.session.execute(sa.update(StaffSession).filter_by(id=session_id).values(values))


def lock_session(tx: Tx, session_id: UUID, place: str | None = None) -> None:
    """Lock a session now: nothing works until its person proves again who they are."""
    values: dict[str, object] = {"locked_at": clock.now()}
    if place and len(place) <= 300:
        values["place"] = place
    tx.session.execute(sa.update(StaffSession).filter_by(id=session_id, locked_at=None).values(values))


def renew_session(tx: Tx, session_id: UUID, method: Method) -> None:
    """The person has proved who they are: the session is unlocked, and fresh for what is delicate."""
    now = clock.now()
    tx.session.execute(
        sa.update(StaffSession)
        .filter_by(id=session_id, revoked_at=None)
        .values(locked_at=None, last_seen_at=now, verified_at=now, verified_by=method)
    )


def sign_out(tx: Tx, token: str) -> None:
    """End the session of a token at once, wherever it is used."""
    _end(tx, StaffSession.token_hash == token_hash(token))


def revoke_sessions(tx: Tx, staff_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of one member of staff, but one."""
    _end(tx, StaffSession.staff_id == staff_id, StaffSession.id != but if but else sa.true())


def end_session(tx: Tx, staff_id: UUID, session_id: UUID) -> None:
    """End one session of one's own."""
    if not _end(tx, StaffSession.staff_id == staff_id, StaffSession.id == session_id):
        raise NotFound("You have no such session, or it has ended already.")


def _end(tx: Tx, *which: sa.ColumnElement[bool]) -> int:
    ended = tx.session.execute(
        sa.update(StaffSession)
        .where(StaffSession.revoked_at.is_(None), *which)
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(ended.rowcount)  # type: ignore[attr-defined]


def live_sessions(tx: Tx, staff_id: UUID) -> Sequence[StaffSession]:
    """The sessions of one member of staff that have not ended, the newest first."""
    query = sa.select(StaffSession).filter_by(staff_id=staff_id, revoked_at=None)
    return tx.session.scalars(query.where(StaffSession.expires_at > clock.now()).order_by(StaffSession.id.desc())).all()
