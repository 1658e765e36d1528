"""Data Matrix: every symbol reads back, in our reader and in one that knows nothing of ours."""

import random
import string
from collections.abc import Callable

import pytest
from PIL import Image

from labels import Kind, mint
from labels.datamatrix import Matrix, encode, matrix
from labels.datamatrix_reader import read_matrix
from labels.ecc200 import SIZES, correction_codewords, fixed_corner, places
from labels.errors import BadSymbol

PRINTABLE = "".join(map(chr, range(32, 127)))
ALPHABETS = (PRINTABLE, string.digits, string.ascii_uppercase + string.digits)
Decode = Callable[[Image.Image], list[str]]


def picture(symbol: Matrix) -> Image.Image:
    """The symbol, three pixels a module, with its quiet zone."""
    clear = "0" * (len(symbol) + 4)
    bits = "".join([clear, clear, *(f"00{row}00" for row in symbol), clear, clear])
    square = Image.frombytes("L", (len(clear),) * 2, bytes(255 * (bit == "0") for bit in bits))
    return square.resize((len(clear) * 3,) * 2, Image.Resampling.NEAREST)


def symbol_of(*codewords: int) -> Matrix:
    """A 10 by 10 symbol of three data codewords, whatever they mean."""
    dark = set(fixed_corner(8))
    for codeword, shape in zip([*codewords, *correction_codewords(list(codewords), 5)], places(8), strict=True):
        dark.update(place for bit, place in enumerate(shape) if codeword & 0x80 >> bit)
    inside = ["".join("01"[(row, column) in dark] for column in range(8)) for row in range(8)]
    return ("10" * 5, *(f"1{row}{'10'[at % 2]}" for at, row in enumerate(inside)), "1" * 10)


def test_five_thousand_payloads_read_back(decode: Decode) -> None:
    chosen = random.Random(16022)
    payloads = {"".join(chosen.choices(chosen.choice(ALPHABETS), k=chosen.randint(1, 44))) for _ in range(5100)}
    assert len(payloads) >= 5000
    assert [payload for payload in payloads if decode(picture(matrix(payload))) != [payload]] == []


@pytest.mark.parametrize("size", SIZES)
def test_each_size_is_used_to_the_last_codeword(size: object, decode: Decode) -> None:
    wanted = next(one for one in SIZES if one == size)
    payload = "A" * wanted.data
    assert len(matrix(payload)) == wanted.side
    assert decode(picture(matrix(payload))) == [payload]


def test_the_example_of_the_standard_has_its_codewords() -> None:
    # ISO/IEC 16022 annex O: 123456.
    assert encode("123456") == [142, 164, 186]
    assert correction_codewords([142, 164, 186], 5) == [114, 25, 5, 88, 102]


@pytest.mark.parametrize("kind", list(Kind))
def test_our_codes_take_fourteen_modules(kind: Kind) -> None:
    assert len(matrix(mint(kind))) == 14


@pytest.mark.parametrize("payload", ["", "é", "S\t1", "\x7f", "A" * 45, "1" * 89])
def test_what_does_not_go_into_a_symbol_is_refused(payload: str) -> None:
    with pytest.raises(BadSymbol):
        matrix(payload)


@pytest.mark.parametrize("payload", ["S123456789050", "A" * 44, "1"])
def test_any_one_module_flipped_is_noticed(payload: str) -> None:
    symbol = matrix(payload)
    unused = {len(symbol) - 2, len(symbol) - 3} if fixed_corner(len(symbol) - 2) else set()
    flips = [(row, at) for row in range(len(symbol)) for at in range(len(symbol)) if not {row, at} <= unused]
    assert [flip for flip in flips if _reads(symbol, *flip)] == []


@pytest.mark.parametrize("rows", [[], ["1"], ["10"] * 10, ["1" * 10] * 10, ["2" * 10] * 10, ["10" * 4] * 8])
def test_what_is_no_symbol_is_refused(rows: list[str]) -> None:
    with pytest.raises(BadSymbol):
        read_matrix(rows)


@pytest.mark.parametrize("codewords", [(230, 66, 67), (66, 129, 66), (0, 66, 67), (66, 255, 67)])
def test_other_encodations_and_false_padding_are_refused(codewords: tuple[int, ...]) -> None:
    with pytest.raises(BadSymbol):
        read_matrix(symbol_of(*codewords))


def test_a_plain_text_reads_by_its_codewords() -> None:
    assert read_matrix(symbol_of(66, 142, 129)) == "A12"


def _reads(symbol: Matrix, row: int, at: int) -> bool:
    flipped = [*symbol]
    flipped[row] = symbol[row][:at] + "10"[int(symbol[row][at])] + symbol[row][at + 1 :]
    try:
        read_matrix(flipped)
    except BadSymbol:
        return False
    return True
