"""Roles that must never meet in one account: refused by rule, and by the database itself."""

from itertools import combinations

import pytest
import sqlalchemy as sa

from biobank.access.models import StaffRole
from biobank.access.roles import conflicts, require_compatible
from biobank.actor import Role
from biobank.db import Databases
from biobank.errors import Conflict, Invalid
from tests.access.factories import make_site, make_staff

ALLOWED = {frozenset({Role.CLINIC, Role.ADMINISTRATOR}), frozenset({Role.BIOBANK, Role.ADMINISTRATOR})}


@pytest.mark.parametrize("pair", list(combinations(Role, 2)), ids="-".join)
def test_a_pair_is_allowed_or_refused_as_the_policy_says(pair: tuple[Role, Role]) -> None:
    assert bool(list(conflicts(frozenset(pair)))) == (frozenset(pair) not in ALLOWED)


def test_the_refusal_names_both_roles() -> None:
    with pytest.raises(Conflict, match="clinic and finance"):
        require_compatible([Role.FINANCE, Role.CLINIC])


def test_no_role_at_all_is_refused() -> None:
    with pytest.raises(Invalid):
        require_compatible([])


def test_the_database_refuses_every_pair_that_must_not_meet(databases: Databases) -> None:
    with databases.transaction() as tx:
        site = make_site(tx)
        people = {role: make_staff(tx, role, role, site_id=site.id) for role in Role}
    for one, other in combinations(Role, 2):
        if frozenset({one, other}) in ALLOWED:
            continue
        with pytest.raises(sa.exc.IntegrityError), databases.transaction() as tx:
            tx.session.execute(sa.insert(StaffRole).values(staff_id=people[one].id, role=other))
