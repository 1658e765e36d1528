"""Volumes as people type them, in millilitres or microlitres, and the slips that a rule can catch."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from biobank.errors import Invalid, Phrase

# Below a pipette's smallest useful stroke, and above the largest tube that is drawn, a slip of the unit is likelier.
LEAST_UL = Decimal(5)
MOST_UL = Decimal(50_000)
_PER_ML = Decimal(1000)


class Unit(StrEnum):
    """The unit a volume is typed in."""

    MILLILITRE = "mL"
    MICROLITRE = "uL"


class Vessel(StrEnum):
    """What a specimen is kept in (SPREC, seventh element); the primary is the tube it was collected in."""

    PRIMARY = "primary"
    CRYOTUBE = "cryotube"
    PP_TUBE_SMALL = "pp_tube_small"
    PP_TUBE = "pp_tube"
    PP_TUBE_LARGE = "pp_tube_large"
    STRAW = "straw"
    BAG = "bag"


@dataclass(frozen=True, slots=True)
class Kept:
    """A vessel in words, and the most that goes into it, in microlitres."""

    words: Phrase
    most_ul: Decimal


VESSELS = {
    Vessel.CRYOTUBE: Kept(Phrase("Cryotube, 2 mL"), Decimal(2000)),
    Vessel.PP_TUBE_SMALL: Kept(Phrase("Polypropylene tube, 0.5 mL"), Decimal(500)),
    Vessel.PP_TUBE: Kept(Phrase("Polypropylene tube, 2 mL"), Decimal(2000)),
    Vessel.PP_TUBE_LARGE: Kept(Phrase("Polypropylene tube, 10 mL"), Decimal(10_000)),
    Vessel.STRAW: Kept(Phrase("Straw, 0.5 mL"), Decimal(500)),
    Vessel.BAG: Kept(Phrase("Bag, 50 mL"), Decimal(50_000)),
}


def microlitres(text: str, unit: Unit) -> Decimal:
    """What was typed, in microlitres, exactly. Raises Invalid for what is no volume."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0 or value.as_tuple().exponent not in range(-4, 1):
        raise Invalid("Enter a volume such as 0.5, with at most four decimals.", code="not-a-volume")
    return value * _PER_ML if unit is Unit.MILLILITRE else value


def check(ul: Decimal, vessel: Vessel) -> None:
    """Refuse what the vessel cannot hold, or what no pipette would measure: most often the other unit was meant."""
    most = VESSELS[vessel].most_ul if vessel in VESSELS else MOST_UL
    if ul > most:
        raise Invalid("%(volume)s do not fit: this holds at most %(most)s. Did you mean microlitres (µL)?",
                      code="volume-too-large", volume=spoken(ul), most=spoken(most))  # fmt: skip
    if ul < LEAST_UL:
        raise Invalid("%(volume)s is less than a drop. Did you mean millilitres (mL)?", code="volume-too-small",
                      volume=spoken(ul))  # fmt: skip


def check_taken(volumes: list[Decimal], *, left: Decimal) -> None:
    """Refuse to take more out of a tube than is in it. `left` is in microlitres."""
    total = sum(volumes, Decimal(0))
    if total > left:
        raise Invalid("%(total)s are more than is left in this tube: %(left)s. Check the volumes and their unit.",
                      code="volume-exceeds-parent", total=spoken(total), left=spoken(left))  # fmt: skip


def spoken(volume: Decimal | str) -> str:
    """A volume in microlitres as a person says it: `500 µL`, `1.8 mL`."""
    ul = Decimal(volume)
    if ul < _PER_ML:
        return f"{_plain(ul)} µL"
    return f"{_plain(ul / _PER_ML)} mL"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
