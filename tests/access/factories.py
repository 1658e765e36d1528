"""Sites, staff and who acts, for the tests of signing in and of who may do what."""

from uuid import UUID

from biobank.access import actions
from biobank.access.models import Site, SiteKind, Staff
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx

PASSWORD = "correct horse battery"


def make_site(tx: Tx, code: str = "CHI") -> Site:
    return actions.add_site(tx, code=code, name=f"Site {code}", kind=SiteKind.CLINIC, zone="America/Chicago")


def make_staff(tx: Tx, username: str, *roles: Role, site_id: UUID) -> Staff:
    return actions.add_staff(tx, username=username, display_name=username.title(), password=PASSWORD, roles=roles,
                             site_id=site_id)  # fmt: skip


def staffed(databases: Databases, **people: Role) -> dict[str, Actor]:
    """A site where these people work, each with one role; answers them as who acts."""
    with databases.transaction() as tx:
        site = make_site(tx)
        return {name: actions.actor_of(make_staff(tx, name, role, site_id=site.id)) for name, role in people.items()}
