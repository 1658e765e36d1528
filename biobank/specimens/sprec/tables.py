"""The tables of a SPREC version as data: materials, containers, delays, spins and stores, each with its letters.

Sources: SPREC 2.0 (doi 10.1089/bio.2012.0012) and 3.0 (doi 10.1089/bio.2017.0109). Intervals of time begin with their
first instant and end before their last: exactly two hours are "2 to 4". Intervals of force are read as they are
printed: 6,000 g to 10,000 g holds both its ends.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from biobank.errors import NotFound
from biobank.specimens.tubes import Words

VERSIONS = ("2.0", "3.0")
NEWEST = VERSIONS[-1]


@dataclass(frozen=True, slots=True)
class Delay:
    """One row of a delay: from `least` up to, not including, `most` (None: without end), and a letter by warmth."""

    least: timedelta
    most: timedelta | None
    letters: Mapping[str, str | None]

    def holds(self, waited: timedelta) -> bool:
        return self.least <= waited and (self.most is None or waited < self.most)


@dataclass(frozen=True, slots=True)
class SpinRow:
    """One row of the centrifugations; letters by warmth, then by brake `on` or `off`."""

    minutes: tuple[int, int]
    force: str
    letters: Mapping[str, Mapping[str, str]]

    def holds(self, g: int, minutes: int) -> bool:
        return self.minutes[0] <= minutes <= self.minutes[1] and _FORCES[self.force](g)


_FORCES = {
    "< 1000": lambda g: g < 1000,
    "< 3000": lambda g: g < 3000,
    "3000-6000": lambda g: 3000 <= g < 6000,
    "6000-10000": lambda g: 6000 <= g <= 10_000,
    "> 10000": lambda g: g > 10_000,
}


@dataclass(frozen=True, slots=True)
class Tables:
    """One version. `rules` names these tables and the way they are read; it is kept beside every code."""

    version: str
    rules: str
    source: str
    degrees: Mapping[str, tuple[Decimal, Decimal]]
    materials: Mapping[str, Words]
    containers: Mapping[str, Words]
    types: Mapping[str, tuple[str, str]]
    tubes: Mapping[str, str | None]
    delays: tuple[Delay, ...]
    after: tuple[Delay, ...]
    first_spin: tuple[SpinRow, ...]
    second_spin: tuple[SpinRow, ...]
    stores: Mapping[str, Mapping[str, str]]
    by_program: Mapping[str, str]
    after_ultra_low: Mapping[str, str]

    def warmth(self, celsius: Decimal) -> str | None:
        """The class of a temperature: room, cold or warm; None for one that the tables do not name."""
        return next((name for name, (least, most) in self.degrees.items() if least <= celsius <= most), None)


@cache
def load(version: str = NEWEST) -> Tables:
    """Read a version. Raises NotFound for one that is not shipped."""
    if version not in VERSIONS:
        raise NotFound("There is no SPREC version %(version)s. Choose one of: %(known)s.", version=repr(version[:12]),
                       known=", ".join(VERSIONS))  # fmt: skip
    file = resources.files("biobank.specimens.sprec").joinpath("versions", f"{version}.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    return Tables(
        version=data["version"], rules=data["rules"], source=data["source"],
        degrees={name: (Decimal(least), Decimal(most)) for name, (least, most) in data["degrees"].items()},
        materials=_words(data["materials"]), containers=_words(data["containers"]),
        types={tube: (raw, spun) for tube, (raw, spun) in data["types"].items()}, tubes=data["tubes"],
        delays=tuple(_delay(row, ("room", "cold", "warm")) for row in data["delays"]),
        after=tuple(_delay(row, ("cold", "room")) for row in data["after"]),
        first_spin=tuple(_spin(row) for row in data["spins"]["first"]),
        second_spin=tuple(_spin(row) for row in data["spins"]["second"]),
        stores=data["stores"], by_program=data["by_program"], after_ultra_low=data["after_ultra_low"],
    )  # fmt: skip


def _words(table: Mapping[str, Mapping[str, str]]) -> dict[str, Words]:
    return {code: Words(**words) for code, words in table.items()}


def _delay(row: list[Any], warmths: tuple[str, ...]) -> Delay:
    least, most, *letters = row
    most_time = None if most is None else timedelta(hours=most)
    return Delay(timedelta(hours=least), most_time, dict(zip(warmths, letters, strict=True)))


def _spin(row: Mapping[str, Any]) -> SpinRow:
    least, most = row["minutes"]
    return SpinRow((least, most), row["g"], {"room": row["room"], "cold": row["cold"]})
