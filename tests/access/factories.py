"""Sites, staff and who acts, for the tests of signing in and of who may do what."""

from functools import cache
from uuid import UUID

from biobank import clock
from biobank.access import actions, passwords
from biobank.access.models import Site, SiteKind, Staff, StaffRole
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx

PASSWORD = "correct horse battery"


def make_site(tx: Tx, code: str = "CHI") -> Site:
    return actions.add_site(tx, code=code, name=f"Site {code}", kind=SiteKind.CLINIC, zone="America/Chicago")


@cache
def _hashed() -> str:
    """Everybody here has the same password, hashed once."""
    return passwords.make_hash(PASSWORD)


def make_staff(tx: Tx, username: str, *roles: Role, site_id: UUID) -> Staff:
    staff = Staff(username=username, display_name=username.title(), password_hash=_hashed(), site_id=site_id,
                  created_at=clock.now())  # fmt: skip
    staff.roles = [StaffRole(role=role) for role in roles]
    tx.session.add(staff)
    tx.session.flush()
    return staff


def staffed(databases: Databases, **people: Role) -> dict[str, Actor]:
    """A site where these people work, each with one role; answers them as who acts."""
    with databases.transaction() as tx:
        site = make_site(tx)
        return {name: actions.actor_of(make_staff(tx, name, role, site_id=site.id)) for name, role in people.items()}
