"""The code keeps its rules: nothing is built into statements, shown as it came, drawn by chance or logged freely."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.house.code_rules import REASONS, RULES
from tests.house.test_house import OURS, ROOT, SOURCES, _name


@cache
def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def _reason(rule: str, name: str) -> str | None:
    found = [place for place in REASONS.get(rule, {}) if name == place or name.startswith(f"{place}/")]
    return found[0] if found else None


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_broken_only_for_a_reason(rule: str) -> None:
    check, _ = RULES[rule]
    broken = {_name(path) for path in OURS if any(check(_tree(path)))}
    assert {name for name in broken if _reason(rule, name) is None} == set()
    assert {_reason(rule, name) for name in broken} == set(REASONS.get(rule, {})), "a reason that nothing needs"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_notices_what_breaks_it(rule: str) -> None:
    check, bad = RULES[rule]
    assert list(check(ast.parse(f"x = 1\n{bad}\n"))) == [2]


def test_the_linters_security_rules_are_on_for_all_code_of_ours() -> None:
    lint = tomllib.loads((ROOT / "ruff.toml").read_text())["lint"]
    assert "S" in lint["select"]
    excepted = {place for place, rules in lint["per-file-ignores"].items() if "S" in rules}
    assert excepted == {"tests/**", "bench/**"}
    assert [rule for rule in lint["ignore"] if rule.startswith("S")] == ["S603", "S607"]


def test_each_finding_that_is_let_pass_says_why() -> None:
    silent = []
    for path in SOURCES:
        if "migrations" in path.parts or "simulators" in path.parts:
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if re.search(r"# noqa:[^-]*\bS\d{3}", line) and not re.search(r"# noqa:[A-Z0-9, ]+ - \w", line):
                silent.append(f"{_name(path)}:{number}")
    assert silent == []
