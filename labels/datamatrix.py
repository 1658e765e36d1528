"""Data Matrix ECC 200 symbols as modules, each read back before anyone draws it."""

from labels.datamatrix_reader import read_matrix
from labels.ecc200 import SIZES, Place, Size, correction_codewords, fixed_corner, places
from labels.errors import BadSymbol

Matrix = tuple[str, ...]

PAD = 129
_PAIR = 130


def matrix(payload: str) -> Matrix:
    """The symbol without its quiet zone, the smallest square that holds it: a text a row, 1 dark and 0 light.

    Takes printable ASCII of up to 44 codewords, a pair of digits counting as one; raises BadSymbol for other text, and
    if the symbol does not read back as the payload.
    """
    if not payload or not all(" " <= character <= "~" for character in payload):
        raise BadSymbol("A Data Matrix holds printable ASCII characters, at least one.")
    codewords = encode(payload)
    size = next((size for size in SIZES if size.data >= len(codewords)), None)
    if size is None:
        raise BadSymbol(f"A Data Matrix of ours holds {SIZES[-1].data} characters or twice as many digits. Shorten it.")
    symbol = _drawn(size, _padded(codewords, size.data))
    if read_matrix(symbol) != payload:
        raise BadSymbol("The Data Matrix does not read back as its code; it was not drawn.")
    return symbol


def encode(payload: str) -> list[int]:
    """The codewords of the ASCII encodation (ISO/IEC 16022 5.2.3): two digits in one where they stand together."""
    found, at = [], 0
    while at < len(payload):
        pair = payload[at : at + 2]
        if len(pair) == 2 and pair.isdigit():
            found.append(_PAIR + int(pair))
        else:
            found.append(ord(payload[at]) + 1)
        at += 2 if found[-1] >= _PAIR else 1
    return found


def _padded(codewords: list[int], room: int) -> list[int]:
    padded = list(codewords)
    if len(padded) < room:
        padded.append(PAD)
    while len(padded) < room:
        # The 253-state algorithm of annex B.1 spreads the rest, so that no pattern repeats.
        spread = PAD + 149 * (len(padded) + 1) % 253 + 1
        padded.append(spread if spread <= 254 else spread - 254)
    return padded


def _drawn(size: Size, data: list[int]) -> Matrix:
    codewords = data + correction_codewords(data, size.correction)
    dark: set[Place] = set(fixed_corner(size.inner))
    for codeword, shape in zip(codewords, places(size.inner), strict=True):
        dark.update(place for bit, place in enumerate(shape) if codeword & 0x80 >> bit)
    inside = range(size.inner)
    rows = ["".join("01"[(row, column) in dark] for column in inside) for row in inside]
    return _bordered(size.side, rows)


def _bordered(side: int, rows: list[str]) -> Matrix:
    """The rows within the solid lines left and below, and the broken ones above and right."""
    top, bottom = "10" * (side // 2), "1" * side
    return (top, *(f"1{row}{'10'[place % 2]}" for place, row in enumerate(rows)), bottom)
