"""What a maker's tube is, where a kind of tube is made in more than one way: its words, its SPREC container."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from biobank.specimens.tubes import Words


@dataclass(frozen=True, slots=True)
class Product:
    """One way in which a kind of tube is made; `containers` are its SPREC codes by version."""

    code: str
    tube: str
    words: Words
    containers: Mapping[str, str]


@cache
def load() -> Mapping[str, Product]:
    """Every product that is told apart, by code."""
    file = resources.files("biobank.specimens.sprec").joinpath("products.json")
    rows = json.loads(file.read_text(encoding="utf-8"))["products"]
    return {row["code"]: Product(row["code"], row["tube"], Words(**row["words"]), row["containers"]) for row in rows}


def of_tube(kind: str) -> list[Product]:
    """The ways in which a kind of tube is made, where they are told apart."""
    return [product for product in load().values() if product.tube == kind]
