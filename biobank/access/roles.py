"""Which roles one person may hold together: who sees names handles no money and no tubes, who audits only audits."""

from collections.abc import Collection, Iterator
from itertools import combinations

from biobank.actor import Role
from biobank.errors import Conflict, Invalid, Phrase

# Each person holds at most one role of each group. The same two groups are unique indexes of `staff_role`.
GROUPS: dict[str, frozenset[Role]] = {
    "domain": frozenset({Role.CLINIC, Role.BIOBANK, Role.FINANCE, Role.AUDITOR}),
    "power": frozenset({Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR}),
}
WORDS = {
    Role.CLINIC: Phrase("clinic"),
    Role.BIOBANK: Phrase("biobank"),
    Role.FINANCE: Phrase("finance"),
    Role.ADMINISTRATOR: Phrase("administrator"),
    Role.AUDITOR: Phrase("auditor"),
}


def conflicts(roles: Collection[Role]) -> Iterator[tuple[Role, Role]]:
    """The pairs among these roles that must never meet in one account."""
    for one, other in combinations(sorted(set(roles)), 2):
        if any({one, other} <= group for group in GROUPS.values()):
            yield one, other


def require_compatible(roles: Collection[Role]) -> None:
    """Raise `Conflict` naming the first two roles that must not meet, `Invalid` for none at all."""
    if not roles:
        raise Invalid("Give at least one role.")
    for one, other in conflicts(roles):
        raise Conflict("One person cannot be %(one)s and %(other)s. Give the second role to somebody else.",
                       code="conflicting-roles", one=WORDS[one], other=WORDS[other])  # fmt: skip
