"""People who take part, made up."""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from biobank.access.actions import add_site
from biobank.access.models import Site, SiteKind
from biobank.db import Tx
from biobank.participants.actions import enrol
from biobank.participants.eligibility import EligibilityAnswers
from biobank.participants.models import Participant

ELIGIBLE = EligibilityAnswers(
    lives_in_united_states=True, can_consent_alone=True, is_incarcerated=False, has_consent_on_file=True
)
_numbers = count(1)


def make_site(tx: Tx, code: str | None = None, zone: str = "America/Chicago") -> Site:
    code = code or f"CL{next(_numbers)}"
    return add_site(tx, code=code, name=f"Clinic {code}", kind=SiteKind.CLINIC, zone=zone)


def details(**changes: Any) -> dict[str, Any]:
    """Somebody like nobody else so far."""
    number = next(_numbers)
    letters = "".join("abcdefghij"[int(digit)] for digit in str(number))
    values = {
        "first_name": "Rosa", "last_name": f"Parker{letters}", "born_on": date(1980, 5, 17), "language": "en",
        "email": f"rosa{number}@example.org", "phone": f"312555{number:04d}", "street": f"{number} Elm Street",
    }  # fmt: skip
    return values | changes


def make_participant(tx: Tx, site_id: UUID | None = None, **changes: Any) -> Participant:
    return enrol(tx, answers=ELIGIBLE, site_id=site_id or make_site(tx).id, **details(**changes))
