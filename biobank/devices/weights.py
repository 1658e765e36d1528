"""A weight and its unit as scales print them; what is no weight is refused, and so is a unit nobody here knows."""

from decimal import Decimal, InvalidOperation

from biobank.devices.events import Measure, Reason, Rejected

_UNITS = ("kg", "g", "lb")
_COUNTS = ("pc", "pcs", "pce", "%")


def weighed(value: str, unit: str) -> Measure | Rejected:
    """The weight with every digit as sent; `value` may have spaces between its sign and its digits."""
    name = unit.strip().lower()
    if name in _COUNTS:
        return Rejected(
            Reason.NOT_A_MEASURE, "The scale is counting pieces or percent: set it to weigh, and measure again."
        )
    if name not in _UNITS:
        return Rejected(
            Reason.UNSUPPORTED_FORMAT,
            f"The unit {name or '(none)'} is not read: set the scale to kg and measure again.",
        )
    try:
        return Measure("weight", Decimal(value.replace(" ", "")), name)
    except InvalidOperation:
        return malformed("its weight is not a number")


def malformed(why: str) -> Rejected:
    """The refusal of a scale's line that cannot be read."""
    return Rejected(Reason.MALFORMED, f"The scale's line cannot be read: {why}. Measure again.")
