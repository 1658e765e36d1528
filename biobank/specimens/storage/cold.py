"""How cold a place is: the kinds of cold and warm store, each with the range it must keep."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from biobank.errors import Phrase


class Cold(StrEnum):
    """The kinds of store that there are."""

    ROOM = "room"
    REFRIGERATOR = "refrigerator"
    FREEZER = "freezer"
    ULTRA_LOW = "ultra_low"
    VAPOUR = "vapour"
    LIQUID_NITROGEN = "liquid_nitrogen"


@dataclass(frozen=True, slots=True)
class Range:
    """What a kind of store must keep, in degrees Celsius; `least` is None where only the upper limit counts."""

    words: Phrase
    least: Decimal | None
    most: Decimal
    is_frozen: bool

    @property
    def text(self) -> str:
        """The range as it stands on a door: `-85 to -60 °C`."""
        return f"< {self.most} °C" if self.least is None else f"{self.least} to {self.most} °C"

    def holds(self, celsius: Decimal) -> bool:
        """Whether a temperature lies in the range, its ends included."""
        return (self.least is None or celsius >= self.least) and celsius <= self.most


# The frozen ranges are those of SPREC's seventh element; the room is that of its third.
RANGES = {
    Cold.ROOM: Range(Phrase("Room temperature"), Decimal(18), Decimal(28), is_frozen=False),
    Cold.REFRIGERATOR: Range(Phrase("Refrigerator"), Decimal(2), Decimal(10), is_frozen=False),
    Cold.FREEZER: Range(Phrase("Freezer"), Decimal(-35), Decimal(-18), is_frozen=True),
    Cold.ULTRA_LOW: Range(Phrase("Ultra-low freezer"), Decimal(-85), Decimal(-60), is_frozen=True),
    Cold.VAPOUR: Range(Phrase("Nitrogen vapour"), None, Decimal(-135), is_frozen=True),
    Cold.LIQUID_NITROGEN: Range(Phrase("Liquid nitrogen"), None, Decimal(-196), is_frozen=True),
}


def is_frozen(cold: str | None) -> bool:
    """Whether what lies in a store of this kind is frozen; nothing is presumed of a kind not known."""
    return cold in set(Cold) and RANGES[Cold(cold)].is_frozen
