"""Who may use which route. A route that is not listed is refused to everybody; a test keeps the list complete."""

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

ROUTES: dict[str, frozenset[Role] | Anyone] = {
    # the house
    "static": Anyone.PUBLIC,
    "api_catch_all": Anyone.PUBLIC,
    "api-docs.openapi_json": Anyone.PUBLIC,
    "health.alive": Anyone.PUBLIC,
    "health.ready": Anyone.PUBLIC,
    "health.metrics": Anyone.PUBLIC,
    "access.sign_in": Anyone.PUBLIC,
    "access.sign_in_form": Anyone.PUBLIC,
    "access.choose_language": Anyone.PUBLIC,
    "access.sign_out": Anyone.SIGNED_IN,
    "access.home": Anyone.SIGNED_IN,
    "access.api_guide": Anyone.SIGNED_IN,
    "access.looks": AUDITOR,
    "access_api.sign_in": Anyone.PUBLIC,
    "access_api.sign_out": Anyone.SIGNED_IN,
    "access_api.me": Anyone.SIGNED_IN,
    # stations
    # participants
    # visits
    # measurements
    # specimens
    # payments
}
