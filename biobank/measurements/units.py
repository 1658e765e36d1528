"""Exact conversion of what was typed or sent into the unit a measurement is kept in.

Factors are exact by definition: international yard and pound agreement of 1959 (NIST SP 811, appendix B).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from biobank.errors import Invalid

_PLAIN = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_INTO: dict[str, tuple[str, Fraction]] = {
    "kg": ("kg", Fraction(1)),
    "g": ("kg", Fraction(1, 1000)),
    "lb": ("kg", Fraction("0.45359237")),
    "oz": ("kg", Fraction("0.45359237") / 16),
    "cm": ("cm", Fraction(1)),
    "mm": ("cm", Fraction(1, 10)),
    "m": ("cm", Fraction(100)),
    "in": ("cm", Fraction("2.54")),
    "ft": ("cm", Fraction("30.48")),
    "mmHg": ("mmHg", Fraction(1)),
    "/min": ("/min", Fraction(1)),
}
_WHOLE = {"mmHg", "/min"}


class BadQuantity(Invalid):
    """What was typed is not a plain number in a unit we know; the message says what to enter instead."""

    code = "bad-quantity"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measure in its canonical unit beside the text and unit it came in.

    `value` has one decimal for kg and cm; mmHg and /min keep the digits they came with.
    """

    value: Decimal
    unit: str
    typed: str
    typed_unit: str


def tenths(exact: Fraction) -> Decimal:
    """Round to one decimal, half up. Exact whatever the decimal context, since it works on integers."""
    return tenths_of(exact.numerator, exact.denominator)


def tenths_of(numerator: int, denominator: int) -> Decimal:
    """The same of a positive denominator's ratio, without the making of a fraction."""
    return Decimal(f"{(20 * numerator + denominator) // (2 * denominator)}e-1")


def to_canonical(text: str, unit: str) -> Quantity:
    """Convert `text` in `unit` to kg, cm, mmHg or /min.

    Raises BadQuantity for anything but digits with a point, and for a unit not known here.
    """
    return together([(text, unit)])


def together(parts: Sequence[tuple[str, str]]) -> Quantity:
    """Convert a compound such as `[("5", "ft"), ("8", "in")]`, rounding once at the end.

    Raises BadQuantity for no parts, a part that is no plain number, or parts of different kinds.
    """
    kinds = {_factor(unit)[0] for _, unit in parts}
    if len(kinds) != 1 or (len(parts) > 1 and kinds & _WHOLE):
        raise BadQuantity("Enter one measure in units that belong together, such as feet and inches.")
    kind = kinds.pop()
    typed = " ".join(text.strip() for text, _ in parts)
    typed_unit = " ".join(unit for _, unit in parts)
    if kind in _WHOLE:
        return Quantity(Decimal(_plain(parts[0][0])), kind, typed, typed_unit)
    exact = sum((Fraction(_plain(text)) * _factor(unit)[1] for text, unit in parts), Fraction(0))
    return Quantity(tenths(exact), kind, typed, typed_unit)


def _factor(unit: str) -> tuple[str, Fraction]:
    if unit not in _INTO:
        raise BadQuantity(
            "The unit %(unit)s is not known. Use one of: %(known)s.", unit=repr(unit[:20]), known=", ".join(_INTO)
        )
    return _INTO[unit]


def _plain(text: str) -> str:
    trimmed = text.strip()
    if not _PLAIN.fullmatch(trimmed):
        raise BadQuantity("Enter digits with a point, such as 172.7. Commas, signs and exponents are not taken.")
    return trimmed
