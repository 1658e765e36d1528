"""Getting in: password, then second factor; or a passkey alone; and proving anew who one is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import factors, passkeys, passwords, throttle, totp
from biobank.access.factor_models import Outcome, SignInEvent
from biobank.access.models import Staff
from biobank.access.passkeys import Place
from biobank.access.policy import Method, Stage, policy_of, stage_after
from biobank.access.sessions import Origin, SignedIn, end_session, open_session, renew_session, revoke_sessions
from biobank.config import Settings
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotSignedIn

WRONG = "That name and password do not belong together. Check both and try again."
WRONG_PROOF = "That was not right. Check it and try again."


@dataclass(frozen=True)
class Door:
    """What every way in needs: the databases, the settings, where the service is found, where the request is from."""

    databases: Databases
    settings: Settings
    place: Place
    origin: Origin


@dataclass(frozen=True)
class Entered:
    """A session that was opened, and how far it has come."""

    token: str
    stage: Stage


def note(tx: Tx, staff_id: UUID | None, outcome: Outcome, method: Method, origin: Origin) -> None:
    """Write an attempt down, for the person's own list and the auditor's."""
    tx.session.add(SignInEvent(at=clock.now(), staff_id=staff_id, outcome=outcome, method=method,
                               address=origin.address[:45], agent=origin.agent[:80]))  # fmt: skip


def recent(tx: Tx, staff_id: UUID, limit: int = 20) -> Sequence[SignInEvent]:
    """Somebody's latest attempts, the newest first."""
    query = sa.select(SignInEvent).filter_by(staff_id=staff_id).order_by(SignInEvent.id.desc())
    return tx.session.scalars(query.limit(limit)).all()


def _buckets(username: str, origin: Origin) -> list[str]:
    return [throttle.bucket("name", username.lower()), throttle.bucket("address", origin.address)]


def _fail(door: Door, staff_id: UUID | None, method: Method, buckets: Collection[str]) -> None:
    with door.databases.transaction() as tx:
        throttle.count_failure(tx, buckets)
        note(tx, staff_id, Outcome.REFUSED, method, door.origin)


def enter(door: Door, *, username: str, password: str) -> Entered:
    """Check the password and open a session at its stage. Nothing tells a wrong name from a wrong password.

    Three short transactions, so that no write lock is held while the password is being hashed.
    """
    buckets = _buckets(username, door.origin)
    with door.databases.transaction(read_only=True) as tx:
        throttle.refuse_flood(tx, buckets)
        staff = tx.session.scalar(sa.select(Staff).filter_by(username=username.lower(), active=True))
    if not passwords.is_right(staff.password_hash if staff else None, password) or staff is None:
        _fail(door, staff.id if staff else None, Method.PASSWORD, buckets)
        raise NotSignedIn(WRONG, code="wrong-credentials")
    if staff.first_password_until is not None and clock.now() >= staff.first_password_until:
        raise NotSignedIn("This first password has run out. Ask your administrator for another one.",
                          code="first-password-over")  # fmt: skip
    fresh = passwords.make_hash(password) if passwords.is_outdated(staff.password_hash) else None
    with door.databases.transaction() as tx:
        if fresh:
            tx.session.execute(sa.update(Staff).filter_by(id=staff.id).values(password_hash=fresh))
        return let_in(tx, door, staff, {Method.PASSWORD}, Method.PASSWORD)


def let_in(tx: Tx, door: Door, staff: Staff, proved: Collection[Method], method: Method) -> Entered:
    """Open a session for somebody who has proved this much, at the stage that follows from it."""
    roles = {item.role for item in staff.roles}
    held = factors.held_by(tx, staff.id).methods
    stage = stage_after(policy_of(door.settings), roles, held, proved)
    if staff.first_password_until is not None and Method.PASSWORD in proved and stage is not Stage.FACTOR:
        stage = Stage.PASSWORD
    note(tx, staff.id, Outcome.SIGNED_IN if stage is Stage.OPEN else Outcome.HALF, method, door.origin)
    token = open_session(tx, door.settings, staff.id, stage=stage, method=method, origin=door.origin)
    return Entered(token, stage)


def enter_by_passkey(door: Door, *, credential: str, challenge: str) -> Entered:
    """Open a session for whoever's passkey this is: it stands for both factors, being verified by PIN or finger."""
    buckets = [throttle.bucket("address", door.origin.address)]
    with door.databases.transaction(read_only=True) as tx:
        throttle.refuse_flood(tx, buckets)
    try:
        with door.databases.transaction() as tx:
            staff_id = passkeys.use(tx, door.place, credential=credential, challenge=challenge)
            staff = tx.session.get_one(Staff, staff_id)
            if not staff.active:
                raise NotSignedIn("That passkey was not accepted. Try again, or use another way.",
                                  code="wrong-passkey")  # fmt: skip
            return let_in(tx, door, staff, {Method.PASSKEY}, Method.PASSKEY)
    except NotSignedIn:
        _fail(door, None, Method.PASSKEY, buckets)
        raise


def method_of(given: Mapping[str, str]) -> Method:
    """By what somebody wants to prove who they are. No password is as short as a code, so one box takes them all."""
    if given.get("credential"):
        return Method.PASSKEY
    secret = given.get("secret", "").replace(" ", "")
    if not secret:
        raise Invalid("Fill in the box, or use your passkey.", code="no-proof")
    if secret.isascii() and secret.isdigit() and len(secret) == totp.DIGITS:
        return Method.TOTP
    return Method.RECOVERY if len(secret) <= factors.RECOVERY_LENGTH + 1 else Method.PASSWORD


def _is_proven(tx: Tx, door: Door, staff_id: UUID, method: Method, given: Mapping[str, str]) -> bool:
    if method is Method.PASSKEY:
        passkeys.use(tx, door.place, credential=given["credential"], challenge=given.get("challenge", ""),
                     staff_id=staff_id)  # fmt: skip
        return True
    use = factors.use_totp if method is Method.TOTP else factors.use_recovery_code
    return use(tx, staff_id, given["secret"].replace(" ", ""))


def _password_fits(door: Door, staff_id: UUID, password: str) -> bool:
    with door.databases.transaction(read_only=True) as tx:
        kept = tx.session.scalar(sa.select(Staff.password_hash).filter_by(id=staff_id))
    return passwords.is_right(kept, password)


def prove(door: Door, found: SignedIn, given: Mapping[str, str], methods: Collection[Method]) -> Method:
    """Check one proof of the person of a session, counting failures. Answers by what it was proven."""
    staff_id, method = found.staff_id, method_of(given)
    buckets = [throttle.bucket("proof", str(staff_id))]
    with door.databases.transaction(read_only=True) as tx:
        throttle.refuse_flood(tx, buckets)
    try:
        if method not in methods and method is not Method.RECOVERY:
            raise NotSignedIn("This way is not enough here. Use one of those offered.", code="not-enough")
        if method is Method.PASSWORD:
            if not _password_fits(door, staff_id, given["secret"]):
                raise NotSignedIn(WRONG_PROOF, code="wrong-proof")
        else:
            with door.databases.transaction() as tx:
                if method not in methods or not _is_proven(tx, door, staff_id, method, given):
                    raise NotSignedIn(WRONG_PROOF, code="wrong-proof")
    except NotSignedIn:
        _fail(door, staff_id, method, buckets)
        raise
    return method


def pass_second_step(door: Door, found: SignedIn, given: Mapping[str, str], methods: Collection[Method]) -> Entered:
    """After the password, the second factor: a new session takes the place of the half-open one."""
    method = prove(door, found, given, methods)
    with door.databases.transaction() as tx:
        staff = tx.session.get_one(Staff, found.staff_id)
        end_session(tx, found.staff_id, found.session_id)
        return let_in(tx, door, staff, {Method.PASSWORD, method}, method)


def finish_enrolment(door: Door, found: SignedIn) -> Entered:
    """With what is set up now, a new session takes the place of the one that could only set it up."""
    with door.databases.transaction() as tx:
        staff = tx.session.get_one(Staff, found.staff_id)
        new = factors.added_since(tx, staff.id, found.verified_at)
        end_session(tx, found.staff_id, found.session_id)
        method = Method.PASSKEY if Method.PASSKEY in new else Method.TOTP if new else Method.PASSWORD
        return let_in(tx, door, staff, {Method.PASSWORD, *new}, method)


def renewed_as(found: SignedIn) -> Outcome:
    return Outcome.UNLOCKED if found.stage is Stage.LOCKED else Outcome.CONFIRMED


def renew(door: Door, found: SignedIn, given: Mapping[str, str], methods: Collection[Method]) -> Method:
    """Unlock, or confirm before something delicate."""
    method = prove(door, found, given, methods)
    with door.databases.transaction(found.actor) as tx:
        renew_session(tx, found.session_id, method)
        note(tx, found.staff_id, renewed_as(found), method, door.origin)
    return method


def change_password(door: Door, found: SignedIn, *, password: str) -> None:
    """Keep a new password; every other session of the person ends."""
    hashed = hash_another(door, found.staff_id, password)
    with door.databases.transaction(found.actor) as tx:
        tx.session.get_one(Staff, found.staff_id).keep_own(hashed)
        revoke_sessions(tx, found.staff_id, but=found.session_id)


def hash_another(door: Door, staff_id: UUID, password: str) -> str:
    """The hash of a password that somebody chose. Raises Conflict for the one they have."""
    if _password_fits(door, staff_id, password):
        raise Conflict("This is the password that you have. Choose another one.", code="same-password")
    return passwords.make_hash(password)
