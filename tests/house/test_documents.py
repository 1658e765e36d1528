"""What the documentation says is what the program does."""

import re
from pathlib import Path

import pytest

from biobank import catalogue, documents

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["settings.md", "routes.md", "entities.md", "openapi.json"])
def test_generated_documents_are_fresh(name: str) -> None:
    assert (DOCS / name).read_text() == documents.pages()[name], "run `make docs`"


def test_every_word_has_its_spanish() -> None:
    assert catalogue.untranslated() == []


def test_the_compiled_catalogue_is_fresh() -> None:
    compiled = catalogue.SPANISH.with_suffix(".mo")
    assert catalogue.compiled(catalogue.spanish()) == compiled.read_bytes(), "run `make catalogue`"


def test_spanish_keeps_the_places_of_each_sentence() -> None:
    assert catalogue.misplaced() == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_command_that_is_told_is_there(name: str) -> None:
    told = set(re.findall(r"\bmake ((?:[a-z-]+ ?)+)$|`make ([a-z-]+)", (DOCS.parent / name).read_text(), re.MULTILINE))
    there = re.findall(r"^([a-z-]+):", (DOCS.parent / "Makefile").read_text(), re.MULTILINE)
    assert told
    assert {word for groups in told for word in " ".join(groups).split()} <= set(there)
