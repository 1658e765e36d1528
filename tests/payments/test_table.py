"""The table of what payments must survive names tests that exist, and every seeded bug still fits the code."""

import re
from pathlib import Path

import pytest

from tests.payments.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def _exists(file: str, name: str) -> bool:
    return f"def {name}(" in (ROOT / "tests/payments" / file).read_text()


def test_every_test_that_the_table_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs/payment-tests.md").read_text())
    assert len(named) > 20
    assert [pair for pair in named if not _exists(*pair)] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_seeded_bug_still_finds_its_place_and_its_test(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert _exists(*mutant.test.split("::"))
