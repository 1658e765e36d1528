"""First passwords: drawn, known to an administrator for a moment, and good for nothing but choosing one's own."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from biobank import clock
from biobank.access import actions, entrance, passwords
from biobank.access.entrance import Door, Entered
from biobank.access.models import Staff
from biobank.access.policy import Method
from biobank.access.security_log import note_event
from biobank.access.security_models import Security
from biobank.access.sessions import SignedIn, end_session, revoke_sessions
from biobank.access.staff import find_staff
from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Forbidden

GOOD_FOR = timedelta(hours=72)
# Without what is taken for something else when it is read out or copied by hand: 79 bits in sixteen characters.
_LETTERS, _GROUPS, _SIZE = "abcdefghjkmnpqrstuvwxyz23456789", 4, 4


@dataclass(frozen=True, repr=False)
class First:
    """Whose first password this is, and until when it opens the door."""

    member: Staff
    password: str
    until: datetime


def draw() -> str:
    """A new first password, such as `k7mp-2xqa-9dtr-w4nh`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_SIZE)) for _ in range(_GROUPS))


def add_staff(tx: Tx, *, username: str, display_name: str, roles: Collection[Role], site_id: UUID) -> First:
    """Add a member of staff, whose first password nobody chose."""
    password, until = draw(), clock.now() + GOOD_FOR
    member = actions.add_staff(
        tx, username=username, display_name=display_name, password=password, roles=roles, site_id=site_id
    )
    member.first_password_until = until
    tx.session.flush()
    return First(member, password, until)


def give(tx: Tx, staff_id: UUID) -> First:
    """Give somebody who forgot theirs a first password again; their sessions end, their second factors stay."""
    password, until = draw(), clock.now() + GOOD_FOR
    hashed = passwords.make_hash(password)
    if tx.actor.id == staff_id:
        raise Forbidden("Nobody gives this to themselves. Change your password on your account's page.")
    member = find_staff(tx, staff_id)
    member.password_hash, member.first_password_until = hashed, until
    member.version += 1
    revoke_sessions(tx, staff_id)
    note_event(tx, Security.PASSWORD_RESET, subject_kind="staff", subject_id=staff_id)
    tx.session.flush()
    return First(member, password, until)


def choose(door: Door, found: SignedIn, *, password: str) -> Entered:
    """Keep the password that somebody chose for themselves, and go on with what they have proved already."""
    hashed = entrance.hash_another(door, found.staff_id, password)
    with door.databases.transaction(found.actor) as tx:
        member = find_staff(tx, found.staff_id)
        member.keep_own(hashed)
        end_session(tx, found.staff_id, found.session_id)
        tx.session.flush()
        return entrance.let_in(tx, door, member, {Method.PASSWORD, found.verified_by}, found.verified_by)
