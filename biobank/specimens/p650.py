"""The checklist of packing instruction P650 (IATA, UN3373 Biological Substance, Category B), and service levels."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from biobank.errors import Invalid, Phrase

ITEMS: Mapping[str, Phrase] = {
    "primary": Phrase("Tubes closed and leak-proof, none holding more than 1 litre"),
    "absorbent": Phrase("Absorbent between tubes and bag, enough for all of the liquid"),
    "secondary": Phrase("Leak-proof bag or canister that stands 95 kPa, tubes kept apart in it"),
    "list": Phrase("The list of contents between the bag and the outer box"),
    "outer": Phrase("Rigid outer box, one side at least 100 mm, not more than 4 litres in it"),
    "mark": Phrase("UN3373 diamond with sides of 50 mm, and its words, on the outside"),
    "person": Phrase("Name and telephone number of a responsible person on the outside"),
    "cold": Phrase("Cold packs in, not touching the tubes"),
}
# Days until a parcel is waited for, by courier; what is not known here is given the longest.
_DAYS = {"FedEx": 1, "UPS": 1, "DHL": 2, "USPS": 3}
_LONGEST = 3


def checked(items: Collection[str], *, by: str, at: datetime) -> dict[str, Any]:
    """What is kept of a checklist. Raises Invalid naming what is not ticked."""
    missing = [item for item in ITEMS if item not in items]
    if missing:
        raise Invalid("Not everything of P650 is ticked. Check the parcel, then tick each line.", code="p650-missing",
                      details={"missing": missing})  # fmt: skip
    return {"items": list(ITEMS), "by": by, "at": at.isoformat()}


def expected_by(carrier: str | None, handed_over_at: datetime) -> datetime:
    """When a parcel that has not come is looked for: the courier's days after hand-over, weekends not counted."""
    at, days = handed_over_at, _DAYS.get(carrier or "", _LONGEST)
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at
