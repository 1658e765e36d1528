"""Every trouble that a protocol or a port can tell is one of the sentences that pages can translate."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import biobank.devices
from biobank.stations.device_notices import NOTICES
from biobank.web.languages import _pattern

CALLED = ("Rejected", "DeviceError", "PortError")
# A person types these at the page or the command line; no port tells them.
TYPED = "manual.py"


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def told() -> Iterator[str]:
    for file in sorted(Path(biobank.devices.__file__).parent.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        for call in calls if file.name != TYPED else ():
            if isinstance(call.func, ast.Name) and call.func.id in CALLED:
                yield from (text for text in map(_text, call.args) if text and " " in text)


@pytest.mark.parametrize("text", sorted(set(told())))
def test_a_trouble_is_a_sentence_that_can_be_translated(text: str) -> None:
    assert any(_pattern(notice).fullmatch(text) for notice in NOTICES)


def test_troubles_are_found_at_all() -> None:
    assert len(set(told())) > 15
