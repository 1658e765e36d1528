"""What a route may ask of whoever uses it: a role, a station, or only that somebody is signed in."""

from enum import StrEnum

from biobank.actor import Role


class Anyone(StrEnum):
    """Not a role: what a route asks of whoever uses it."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    STATION = "station"


CLINIC = frozenset({Role.CLINIC})
BIOBANK = frozenset({Role.BIOBANK})
FINANCE = frozenset({Role.FINANCE})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})
CUSTODY = CLINIC | BIOBANK | AUDITOR
