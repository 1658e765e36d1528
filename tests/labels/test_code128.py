"""Code 128: every symbol reads back, in our reader and in one that knows nothing of ours."""

import random
import string
from collections.abc import Callable

import pytest
from barcode.charsets.code128 import CODES, STOP
from PIL import Image

from labels import Kind, mint
from labels.code128 import BadSymbol, modules, read_modules

PAIRS = [f"{pair:02d}" for pair in range(100)]
PRINTABLE = "".join(map(chr, range(32, 127)))


def drawn(payload: str) -> Image.Image:
    """The symbol of a payload, three pixels a module, with its quiet zones."""
    bits = "0" * 10 + modules(payload) + "0" * 10
    row = Image.new("L", (len(bits), 1))
    row.putdata([0 if bit == "1" else 255 for bit in bits])
    return row.resize((len(bits) * 3, 60), Image.Resampling.NEAREST)


@pytest.mark.parametrize("pair", PAIRS)
def test_no_leading_pair_of_digits_is_lost(pair: str, decode: Callable[[Image.Image], list[str]]) -> None:
    payloads = [pair + tail for tail in ("00", "0000000012", "7", "AB", "9999")]
    assert [decode(drawn(payload)) for payload in payloads] == [[payload] for payload in payloads]


def test_two_nines_alone_are_no_empty_symbol() -> None:
    assert read_modules(modules("99")) == "99"


def test_any_printable_text_reads_back(decode: Callable[[Image.Image], list[str]]) -> None:
    chosen = random.Random(128)
    alphabets = (PRINTABLE[1:], string.digits, string.ascii_uppercase + string.digits)
    payloads = ["".join(chosen.choices(chosen.choice(alphabets), k=chosen.randint(4, 24))) for _ in range(300)]
    assert [payload for payload in payloads if decode(drawn(payload)) != [payload]] == []


def test_each_printable_character_reads_back_alone() -> None:
    assert [read_modules(modules(character)) for character in PRINTABLE] == list(PRINTABLE)


@pytest.mark.parametrize("kind", list(Kind))
def test_our_codes_take_the_fewest_modules(kind: Kind) -> None:
    # Start B, the letter, change to C, six pairs, check: ten characters of 11 modules and a stop of 13.
    assert len(modules(mint(kind))) == 10 * 11 + 13


@pytest.mark.parametrize("payload", ["", "é", "S\t1", "\x00", "\x7f"])
def test_text_outside_printable_ascii_is_refused(payload: str) -> None:
    with pytest.raises(BadSymbol):
        modules(payload)


def test_any_one_module_flipped_never_reads_as_another_text() -> None:
    symbol = modules("S123456789050")
    flipped = [symbol[:at] + "10"[int(symbol[at])] + symbol[at + 1 :] for at in range(len(symbol))]
    assert {_read(other) for other in flipped} <= {None}


@pytest.mark.parametrize("symbol", ["", "1", "0" * 123, "1" * 123, "11010000100" * 3])
def test_what_is_no_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(BadSymbol):
        read_modules(symbol)


def test_the_reader_knows_sets_our_writer_never_uses() -> None:
    # Start A, "A", change to C, 12, change to A, "B".
    assert read_modules(symbol_of(103, 33, 99, 12, 101, 34)) == "A12B"


@pytest.mark.parametrize("values", [(104, 102), (105, 102), (103, 98), (104, 97), (33, 33)])
def test_function_characters_and_false_starts_are_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(BadSymbol):
        read_modules(symbol_of(*values))


def symbol_of(*values: int) -> str:
    """The modules of symbol characters given by value, drawn with the table of python-barcode."""
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return "".join(CODES[value] for value in (*values, check)) + STOP + "11"


def _read(symbol: str) -> str | None:
    try:
        return read_modules(symbol)
    except BadSymbol:
        return None
