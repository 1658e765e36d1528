"""The tube sets: which tubes a visit fills, in which order, and what each one needs.

Source: NIH All of Us tube sets 3.1 and 3.2. A set is data with a version; an order keeps the version it was made with.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from biobank.errors import NotFound

NEWEST = "3.2"


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in every language of the study."""

    en: str
    es: str

    def to(self, locale: str) -> str:
        """The words in the language of a locale such as `es_US`; English for any other."""
        return self.es if locale.lower().startswith("es") else self.en

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True, slots=True)
class Spin:
    """How a tube is processed: the product code by rotor, and when spinning is neither too soon nor too late."""

    swinging: str
    fixed: str
    not_before: timedelta
    not_after: timedelta


@dataclass(frozen=True, slots=True)
class CapColour:
    """A colour of a cap: its code for a style sheet and its words."""

    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class TubeType:
    """One tube of a set.

    `volume_ml` is None where the set names no volume; `draw_order` is None for a tube that is given alone, and then
    `only_without` names the tubes none of which could be given.
    """

    code: str
    words: Words
    short: Words
    cap: tuple[CapColour, ...]
    sample: str
    volume_ml: Decimal | None
    draw_order: int | None
    spin: Spin | None
    labels: int
    is_dna: bool
    only_without: tuple[str, ...]

    @property
    def must_spin(self) -> bool:
        return self.spin is not None

    def cap_words(self, locale: str) -> str:
        """The cap as a clerk says it: `red and gray`."""
        return self.cap_colours.to(locale)

    @property
    def cap_colours(self) -> Words:
        """The colours of the cap in both languages."""
        return Words(*(joint.join(colour.words.to(tongue) for colour in self.cap)
                       for tongue, joint in (("en", " and "), ("es", " y "))))  # fmt: skip


@dataclass(frozen=True, slots=True)
class TubeSet:
    """One version of the tubes, in draw order; tubes given alone come last."""

    version: str
    kept: str
    tubes: Mapping[str, TubeType]

    def tube(self, code: str) -> TubeType:
        """Raises NotFound for a code that is not in this set."""
        if code not in self.tubes:
            raise NotFound("Tube set %(version)s has no tube %(tube)s.", version=self.version, tube=repr(code[:20]))
        return self.tubes[code]

    @property
    def drawn(self) -> tuple[TubeType, ...]:
        """The tubes of an ordinary visit, in draw order."""
        return tuple(tube for tube in self.tubes.values() if tube.draw_order is not None)

    def instead_of(self, not_given: Collection[str]) -> tuple[TubeType, ...]:
        """The tubes to offer because none of those that they stand in for can be given."""
        alone = [tube for tube in self.tubes.values() if tube.only_without]
        return tuple(tube for tube in alone if set(tube.only_without) <= set(not_given))

    def of_product(self, product: str) -> TubeType | None:
        """The tube that a processed product's code (`1SST8`) came from."""
        spun = [tube for tube in self.tubes.values() if tube.spin and product in (tube.spin.swinging, tube.spin.fixed)]
        return spun[0] if spun else None


def available() -> tuple[str, ...]:
    """The versions shipped, oldest first."""
    found = [file.name.removesuffix(".json") for file in _folder().iterdir() if file.name.endswith(".json")]
    return tuple(sorted(found, key=lambda version: [int(part) for part in version.split(".")]))


@cache
def load(version: str = NEWEST) -> TubeSet:
    """Read a tube set. Raises NotFound for a version that is not shipped."""
    if version not in available():
        raise NotFound(
            "There is no tube set %(version)s. Choose one of: %(known)s.",
            version=repr(version[:20]),
            known=", ".join(available()),
        )
    data = json.loads(_folder().joinpath(f"{version}.json").read_text(encoding="utf-8"))
    colours = {code: CapColour(code, Words(**words)) for code, words in data["cap_colours"].items()}
    tubes = sorted(
        (_tube(row, colours) for row in data["tubes"]), key=lambda tube: tube.draw_order or len(data["tubes"])
    )
    return TubeSet(data["version"], data["kept"], {tube.code: tube for tube in tubes})


def _folder() -> Any:
    return resources.files("biobank.specimens").joinpath("tubesets")


def _tube(row: Mapping[str, Any], colours: Mapping[str, CapColour]) -> TubeType:
    return TubeType(
        code=row["code"],
        words=Words(**row["words"]),
        short=Words(**row["short"]),
        cap=tuple(colours[code] for code in row["cap"]),
        sample=row["sample"],
        volume_ml=Decimal(row["volume_ml"]) if row["volume_ml"] else None,
        draw_order=row.get("draw_order"),
        spin=_spin(row["spin"]) if "spin" in row else None,
        labels=row.get("labels", 1),
        is_dna=row.get("dna", False),
        only_without=tuple(row.get("only_without", ())),
    )


def _spin(row: Mapping[str, Any]) -> Spin:
    return Spin(
        row["swinging"],
        row["fixed"],
        not_before=timedelta(seconds=row["not_before_s"]),
        not_after=timedelta(seconds=row["not_after_s"]),
    )
