"""The cross-check of a height by the body mass index that came in the same frame."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

_METRES = {"cm": Decimal("0.01"), "in": Decimal("0.0254")}
_KILOGRAMS = {"kg": Decimal(1), "lb": Decimal("0.45359237")}
_TOLERANCE = Decimal("0.3")
_WHOLE = Decimal(1)

CONTRADICTS = "height-contradicts-bmi"


def agrees(*, weight: Decimal, weight_unit: str, height: Decimal, height_unit: str, bmi: Decimal) -> bool:
    """Whether weight and height give the printed index within 0.3, or within its rounding when printed whole.

    Makers print samples whose own numbers disagree (devices reference, 3.1), so the unit of a height is proven only
    by its index.
    """
    metres = height * _METRES[height_unit]
    computed = weight * _KILOGRAMS[weight_unit] / (metres * metres)
    if abs(computed - bmi) <= _TOLERANCE:
        return True
    printed_whole = bmi == bmi.to_integral_value() and bmi.as_tuple().exponent == 0
    return printed_whole and bmi in (computed.quantize(_WHOLE, ROUND_HALF_UP), computed.quantize(_WHOLE, ROUND_FLOOR))
