"""Every trouble that a protocol or a port can tell is one of the sentences that pages can translate."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import biobank.devices
from biobank.devices import registry
from biobank.devices.events import Reason
from biobank.devices.notices import NOTICES, REASONS, SAYINGS, TITLES
from biobank.errors import Phrase, retold

SENTENCES = ("Rejected", "DeviceError", "PortError")
PARTS = ("malformed", "_malformed", "_out_of_range", "_Refused", "_unsupported")
# A person types these at the page or the command line; no port tells them.
TYPED = "manual.py"


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def told(names: tuple[str, ...]) -> Iterator[str]:
    for file in sorted(Path(biobank.devices.__file__).parent.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        for call in calls if file.name != TYPED else ():
            if isinstance(call.func, ast.Name) and call.func.id in names:
                yield from (text for text in map(_text, call.args) if text and " " in text)


def is_one_of(text: str, phrases: tuple[Phrase, ...]) -> bool:
    """Whether the sentence that a text is said from is one of the phrases."""
    asked: list[str] = []

    def say(sentence: str) -> str:
        asked.append(sentence)
        return sentence

    return retold(text, say, phrases) == text and asked[-1] in phrases


@pytest.mark.parametrize("text", sorted(set(told(SENTENCES))))
def test_a_trouble_is_a_sentence_that_can_be_translated(text: str) -> None:
    assert is_one_of(text, NOTICES)


@pytest.mark.parametrize("text", sorted(set(told(PARTS))))
def test_what_is_told_inside_a_sentence_can_be_translated(text: str) -> None:
    # `7` stands where a quantity's name does in the kiosk's refusal of its range.
    assert is_one_of(text.replace("7 7 is", "systolic 7 is"), REASONS)


def test_troubles_are_found_at_all() -> None:
    assert (len(set(told(SENTENCES))) > 15, len(set(told(PARTS))) > 15) == (True, True)


def test_a_reason_inside_a_sentence_is_said_in_the_readers_language_too() -> None:
    spanish = {
        "The scale's line cannot be read: %(why)s. Measure again.": "No se lee la línea: %(why)s. Mida otra vez.",
        "field %(field)s is not a number": "el campo %(field)s no es un número",
    }
    kept = "The scale's line cannot be read: field Hm is not a number. Measure again."
    assert (
        retold(kept, lambda sentence: spanish.get(sentence, sentence), NOTICES, REASONS)
        == "No se lee la línea: el campo Hm no es un número. Mida otra vez."
    )


@pytest.mark.parametrize("name", registry.available())
def test_a_kind_of_device_has_a_title_that_can_be_translated(name: str) -> None:
    # What is nothing but names of models is the same in every language.
    title = registry.load(name).title
    assert title in TITLES or title.startswith("Tanita SC-240")


@pytest.mark.parametrize("reason", Reason)
def test_why_a_frame_was_refused_can_be_translated(reason: Reason) -> None:
    assert reason in SAYINGS
