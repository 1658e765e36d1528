"""What a specimen may be, as collected and as made of another: the codes of SPREC's first element that we use."""

from dataclasses import dataclass
from enum import StrEnum

from biobank.errors import Phrase


class Material(StrEnum):
    """The material, by its SPREC code (type of sample)."""

    WHOLE_BLOOD = "BLD"
    SERUM = "SER"
    PLASMA_SINGLE = "PL1"
    PLASMA_DOUBLE = "PL2"
    BUFFY_VIABLE = "BUF"
    BUFFY = "BFF"
    RED_CELLS = "RBC"
    URINE = "URN"
    SALIVA = "SAL"
    OTHER = "ZZZ"


@dataclass(frozen=True, slots=True)
class Made:
    """A material in words, the samples it can be made of, and whether a spin must come first."""

    words: Phrase
    of: frozenset[str]
    is_spun: bool


_BLOOD = frozenset({"blood"})
MATERIALS = {
    Material.SERUM: Made(Phrase("Serum"), _BLOOD, is_spun=True),
    Material.PLASMA_SINGLE: Made(Phrase("Plasma, spun once"), _BLOOD, is_spun=True),
    Material.PLASMA_DOUBLE: Made(Phrase("Plasma, spun twice"), _BLOOD, is_spun=True),
    Material.BUFFY: Made(Phrase("Buffy coat, not viable"), _BLOOD, is_spun=True),
    Material.BUFFY_VIABLE: Made(Phrase("Buffy coat, viable"), _BLOOD, is_spun=True),
    Material.RED_CELLS: Made(Phrase("Red cells"), _BLOOD, is_spun=True),
    Material.WHOLE_BLOOD: Made(Phrase("Whole blood"), _BLOOD, is_spun=False),
    Material.URINE: Made(Phrase("Urine"), frozenset({"urine"}), is_spun=False),
    Material.SALIVA: Made(Phrase("Saliva"), frozenset({"saliva"}), is_spun=False),
    Material.OTHER: Made(Phrase("Another material"), frozenset({"blood", "urine", "saliva"}), is_spun=False),
}
