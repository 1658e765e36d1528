"""Each promise and each requirement names a test that is there, or says why it has none."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "docs" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def _tests_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def _absent(rows: list[dict[str, str]]) -> list[str]:
    named = [name for row in rows for name in row["tests"].split()]
    return [name for name in named if name.partition("::")[2] not in _tests_in(name.partition("::")[0])]


@pytest.mark.parametrize("name", ["promises.csv", "asvs.csv"])
def test_every_promise_names_tests_that_are_there(name: str) -> None:
    rows = _rows(name)
    assert len(rows) > 10
    assert _absent(rows) == []


@pytest.mark.parametrize(("name", "note"), [("promises.csv", "not reached"), ("asvs.csv", "note")])
def test_what_has_no_test_says_why(name: str, note: str) -> None:
    assert [row for row in _rows(name) if not row["tests"] and not row[note]] == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert _absent([{"tests": "tests/house/test_promises.py::test_nothing_of_the_kind"}]) != []
