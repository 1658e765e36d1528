"""Made-up people for a demonstration: the same ones for the same number, none of them real."""

import random
from dataclasses import dataclass
from datetime import date

_FIRST = [
    "Ana",
    "Ben",
    "Carmen",
    "David",
    "Elena",
    "Frank",
    "Grace",
    "Hugo",
    "Ines",
    "James",
    "Keisha",
    "Luis",
    "Maria",
    "Noah",
    "Olga",
    "Pedro",
    "Quinn",
    "Rosa",
    "Sam",
    "Tala",
    "Uma",
    "Victor",
]
_LAST = [
    "Alvarez",
    "Brown",
    "Castillo",
    "Diaz",
    "Edwards",
    "Flores",
    "Garcia",
    "Harris",
    "Ito",
    "Johnson",
    "Kim",
    "Lopez",
    "Miller",
    "Nguyen",
    "Ortiz",
    "Park",
    "Quintero",
    "Rivera",
]


@dataclass(frozen=True)
class Made:
    """A person as they would say who they are, and as devices would measure them (cm, kg, mmHg, /min)."""

    first_name: str
    last_name: str
    born_on: date
    email: str
    language: str
    height: str
    weight: str
    pressure: tuple[tuple[str, str, str], ...]
    waist: str
    hip: str


def make(number: int) -> Made:
    """Person so and so."""
    dice = random.Random(number)  # noqa: S311 - made-up people, not secrets
    first, last = dice.choice(_FIRST), _LAST[number % len(_LAST)]
    systolic, diastolic, pulse = dice.randint(104, 138), dice.randint(64, 86), dice.randint(61, 88)
    readings = tuple(
        (str(systolic + dice.randint(-3, 3)), str(diastolic + dice.randint(-2, 2)), str(pulse + dice.randint(-2, 2)))
        for _ in range(3)
    )
    return Made(
        first_name=first, last_name=last,
        born_on=date(dice.randint(1944, 2004), dice.randint(1, 12), dice.randint(1, 28)),
        email=f"{first}.{last}.{number}@example.org".lower(), language=dice.choice(("en", "en", "es")),
        height=f"{dice.randint(1520, 1910) / 10:.1f}", weight=f"{dice.randint(520, 1080) / 10:.1f}", pressure=readings,
        waist=f"{dice.randint(700, 1060) / 10:.1f}", hip=f"{dice.randint(880, 1140) / 10:.1f}",
    )  # fmt: skip
