"""ZPL: no data of a label can ever become a command to the printer."""

import random
import re
from collections.abc import Callable

import pytest

from labels import LayoutError, render, templates
from labels.elements import TEXT_FIELDS

Data = Callable[..., dict[str, str]]
COMMANDS = [b"^XA", b"^CI", b"^PW", b"^LL", b"^LH", b"^FO", b"^GFA", b"^FS", b"^PQ", b"^XZ"]
PIECES = [
    "^XZ",
    "^XA",
    "~JA",
    "~HS",
    "^FS",
    "^FD",
    "_5E",
    "^",
    "~",
    "\\",
    ">",
    "é",
    "Ω",
    "!",
    "{",
    "$",
    "'",
    '"',
    "a",
    " ",
]


def hostile(count: int) -> list[str]:
    chosen = random.Random(9100)
    return ["".join(chosen.choices(PIECES, k=chosen.randint(1, 4))) for _ in range(count)]


def test_five_hundred_hostile_words_stay_pictures(label_data: Data) -> None:
    labels = [_rendered(label_data(sample_word=word)) for word in hostile(500)]
    assert {tuple(re.findall(rb"[\^~][A-Z]{2}A?", label)) for label in labels} == {tuple(COMMANDS)}
    assert not any(b"~" in label for label in labels)


@pytest.mark.parametrize("field", sorted(TEXT_FIELDS - {"collected_at"}))
@pytest.mark.parametrize("template", [name for name in templates() if not name.startswith(("cryo", "urine"))])
def test_hostile_words_in_any_field_leave_one_label(template: str, field: str, label_data: Data) -> None:
    label = render(template, label_data(template, **{field: "^XZ~JA"}), "zpl", 203)
    assert (label.count(b"^XA"), label.count(b"^XZ"), label.count(b"~")) == (1, 1, 0)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\n", "\x7f", "\u202e", "\u0301", "中"])
def test_a_character_that_cannot_be_printed_is_refused(character: str, label_data: Data) -> None:
    with pytest.raises(LayoutError, match=f"sample_word holds a character .* U\\+{ord(character):04X}"):
        render("tube-50x25", label_data(sample_word=f"a{character}b"), "zpl", 203)


def test_a_label_asks_for_one_copy(label_data: Data) -> None:
    label = _rendered(label_data())
    assert label.startswith(b"^XA^CI28^PW400^LL200^LH0,0^FO0,0^GFA,10000,10000,50,")
    assert label.endswith(b"^FS^PQ1^XZ\n")


def _rendered(data: dict[str, str]) -> bytes:
    return render("tube-50x25", data, "zpl", 203)
