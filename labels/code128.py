"""Code 128 symbols as modules, each read back before anyone draws it."""

from typing import cast

from barcode.codex import Code128

from labels.errors import BadSymbol

__all__ = ["STOP", "BadSymbol", "modules", "pattern", "read_modules", "values_of"]


class _LeadingPairKept(Code128):  # type: ignore[misc]  # python-barcode ships no types
    """python-barcode whose shortening of the first two characters leaves a leading 99 alone.

    Value 99 in second place is the digits 99, never a change of set, because the encoder always starts in set C
    (python-barcode issue 251: 0.16.1 drops the pair and prints a valid, wrong symbol).
    """

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        if encoded[1] == _TO_C:
            return encoded
        return cast("list[int]", super()._try_to_optimize(encoded))


def modules(payload: str) -> str:
    """The symbol without quiet zones, one character a module: 1 is a bar, 0 a space.

    Takes printable ASCII; raises BadSymbol for other text, and if the symbol does not read back as the payload.
    """
    if not payload or not all(" " <= character <= "~" for character in payload):
        raise BadSymbol("A bar code holds printable ASCII characters, at least one.")
    symbol = str(_LeadingPairKept(payload).build()[0])
    if read_modules(symbol) != payload:
        raise BadSymbol("The bar code does not read back as its code; it was not drawn.")
    return symbol


def read_modules(symbol: str) -> str:
    """The text in a run of modules (ISO/IEC 15417), start and stop, table and check character verified."""
    return _text(values_of(symbol))


def values_of(symbol: str) -> list[int]:
    """The values of a run of modules from its start character on, without check and stop, which are verified."""
    if len(symbol) < 35 or len(symbol) % 11 != 2 or not symbol.endswith(STOP):
        raise BadSymbol("The run of modules has no stop character in its place.")
    body = symbol[: -len(STOP)]
    values = [_value(body[at : at + 11]) for at in range(0, len(body), 11)]
    *content, check = values
    if (content[0] + sum(place * value for place, value in enumerate(content))) % 103 != check:
        raise BadSymbol("The check character does not fit.")
    return content


def pattern(value: int) -> str:
    """The eleven modules of a value from 0 to 105."""
    return _PATTERNS[value]


def _value(pattern: str) -> int:
    try:
        return _VALUES[pattern]
    except KeyError:
        raise BadSymbol("A character is not in the Code 128 table.") from None


def _text(values: list[int]) -> str:
    letter = _STARTS.get(values[0])
    if letter is None:
        raise BadSymbol("The symbol does not begin with a start character.")
    text = ""
    for value in values[1:]:
        change = _CHANGES[letter].get(value)
        if change is None:
            text += _character(letter, value)
        letter = change or letter
    return text


def _character(letter: str, value: int) -> str:
    if letter == "C" and value < 100:
        return f"{value:02d}"
    if letter == "B" and value < 96:
        return chr(value + 32)
    if letter == "A" and value < 96:
        return chr(value + 32 if value < 64 else value - 64)
    raise BadSymbol("The symbol holds a function character, which our codes do not use.")


def _drawn(widths: str) -> str:
    return "".join("10"[place % 2] * int(width) for place, width in enumerate(widths))


_TO_C = 99
_STARTS = {103: "A", 104: "B", 105: "C"}
_CHANGES = {"A": {99: "C", 100: "B"}, "B": {99: "C", 101: "A"}, "C": {100: "B", 101: "A"}}
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232
"""
_PATTERNS = [_drawn(widths) for widths in _WIDTHS.split()]
_VALUES = {drawn: value for value, drawn in enumerate(_PATTERNS)}
STOP = _drawn("2331112")
