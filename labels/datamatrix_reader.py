"""A reader of Data Matrix modules that shares no table and no step with the writer, to prove its symbols.

Where the writer walks the diagonals of ISO/IEC 16022 annex F, this counts them out; where the writer divides by
logarithms, this sums the powers of the field bit by bit.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from labels.errors import BadSymbol

Place = tuple[int, int]

_CORRECTION = {10: 5, 12: 7, 14: 10, 16: 12, 18: 14, 20: 18, 22: 20, 24: 24, 26: 28}
_PAD = 129


def read_matrix(rows: Sequence[str]) -> str:
    """The text in a square symbol without quiet zone; BadSymbol unless border, codewords and text are flawless."""
    side = len(rows)
    if side not in _CORRECTION or any(len(row) != side or set(row) - {"0", "1"} for row in rows):
        raise BadSymbol("These are no rows of a square Data Matrix of 10 to 26 modules.")
    _require_border(rows)
    inside = [row[1:-1] for row in rows[1:-1]]
    codewords = [int("".join([inside[row][column] for row, column in shape]), 2) for shape in _shapes(side - 2)]
    if any(_syndrome(codewords, power) for power in range(1, _CORRECTION[side] + 1)):
        raise BadSymbol("The error correction does not fit.")
    return _text(codewords[: len(codewords) - _CORRECTION[side]])


def _require_border(rows: Sequence[str]) -> None:
    left, right = ("".join(row[edge] for row in rows) for edge in (0, -1))
    solid, broken = "1" * len(rows), "10" * (len(rows) // 2)
    if (left, rows[-1], rows[0], right[::-1]) != (solid, solid, broken, broken):
        raise BadSymbol("The border is not that of a Data Matrix.")


@cache
def _shapes(inner: int) -> tuple[tuple[Place, ...], ...]:
    """The eight modules of each codeword, highest bit first."""
    return tuple(tuple(_shape(inner, anchor)) for anchor in _anchors(inner))


def _anchors(inner: int) -> Iterator[Place]:
    """The place of each codeword's last bit, in the order of the codewords; the corner's is given as (inner, 0)."""
    covered: set[Place] = set()
    for total in range(4, 2 * inner - 1, 4):
        rising = total % 8 == 4
        on_diagonal = [row for row in range(inner) if 0 <= total - row < inner]
        rows = [row for row in on_diagonal if (2 * row - total) % 4 == (0 if rising else 2)]
        corner = [(inner, 0)] if total == _CORNER_BEFORE.get(inner) else []
        for anchor in corner + [(row, total - row) for row in (reversed(rows) if rising else rows)]:
            if anchor not in covered:
                covered.update(_shape(inner, anchor))
                yield anchor


def _shape(inner: int, anchor: Place) -> list[Place]:
    if anchor == (inner, 0):
        return _corner(inner)
    row, column = anchor
    return [_inside(inner, row - up, column - back) for up, back in _FROM_LAST]


def _corner(inner: int) -> list[Place]:
    """The codeword that lies in three corners, lower left first."""
    long, short = [(inner - 1, column) for column in range(3)], [(row, 0) for row in range(inner - 3, inner)]
    below, above, right = (long, 2, 3) if inner % 8 == 4 else (short, 4, 1)
    top = [(0, inner - back) for back in range(above, 0, -1)]
    return below + top + [(row, inner - 1) for row in range(1, 1 + right)]


def _inside(inner: int, row: int, column: int) -> Place:
    """A module past the upper or left edge comes in again below or right, slipped as the size demands."""
    slip = {0: 0, 2: -2, 4: 4, 6: 2}[inner % 8]
    if row < 0:
        return _inside(inner, row + inner, column + slip)
    return (row, column) if column >= 0 else _inside(inner, row + slip, column + inner)


def _syndrome(codewords: Sequence[int], power: int) -> int:
    """The codewords as a polynomial at 2 to the power: 0 for every power the symbol corrects by."""
    times = _times(power)
    total = 0
    for codeword in codewords:
        total = times[total] ^ codeword
    return total


@cache
def _times(power: int) -> tuple[int, ...]:
    """Every element of GF(256) of polynomial 0x12D times 2 to the power."""
    row = list(range(256))
    for _ in range(power):
        row = [value << 1 if value < 128 else value << 1 ^ 0x12D for value in row]
    return tuple(row)


def _text(codewords: Sequence[int]) -> str:
    text = ""
    for place, codeword in enumerate(codewords):
        if codeword == _PAD:
            _require_padding(codewords[place:], place)
            return text
        text += _characters(codeword)
    return text


def _characters(codeword: int) -> str:
    if 1 <= codeword <= 128:
        return chr(codeword - 1)
    if 130 <= codeword <= 229:
        return f"{codeword - 130:02d}"
    raise BadSymbol("A codeword stands for no character of ours.")


def _require_padding(codewords: Sequence[int], before: int) -> None:
    for position, codeword in enumerate(codewords[1:], start=before + 2):
        # Undoing annex B.1: without its spread every codeword after the first pad is a pad.
        if (codeword - 149 * position % 253 - 1 - _PAD) % 254:
            raise BadSymbol("What follows the text is no padding.")


_FROM_LAST = ((2, 2), (2, 1), (1, 2), (1, 1), (1, 0), (0, 2), (0, 1), (0, 0))
_CORNER_BEFORE = {12: 12, 14: 12, 20: 20, 22: 20}
"""The diagonal, as the sum of row and column, before which sizes with a corner codeword have it."""
