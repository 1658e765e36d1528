"""Means of repeated measures and the body mass index, exact to the tenth."""

from collections.abc import Sequence
from decimal import Decimal
from math import lcm

from biobank.measurements.protocol import Field
from biobank.measurements.units import tenths_of

Values = Sequence[Decimal | None]


def mean(field: Field, values: Values, *, third_waived: bool = False) -> tuple[Decimal, int] | None:
    """The mean of a field's three places by its own rule, and of how many readings it is; None if there is none yet."""
    if field.mean == "two-closest":
        used = [] if needs_third(field, values) and values[2] is None and not third_waived else two_closest(values)
    else:
        used = second_and_third(values)
    whole, parts = _whole(used)
    return (tenths_of(sum(whole), parts * len(used)), len(used)) if used else None


def second_and_third(values: Values) -> list[Decimal]:
    """The second and third readings; the first never counts, and one of the two may stand alone."""
    return [value for value in values[1:3] if value is not None]


def two_closest(values: Values) -> list[Decimal]:
    """The two readings that lie closest, all three when they are equidistant, or whatever there is of fewer."""
    taken = sorted(value for value in values if value is not None)
    if len(taken) < 3:
        return taken
    (low, middle, high), _ = _whole(taken)
    if middle - low == high - middle:
        return taken
    return taken[:2] if middle - low < high - middle else taken[1:]


def needs_third(field: Field, values: Values) -> bool:
    """Whether the first two readings differ by more than the field allows."""
    first, second = values[0], values[1]
    if first is None or second is None or field.third_when_apart is None:
        return False
    (one, other, apart), _ = _whole([first, second, field.third_when_apart])
    return abs(one - other) > apart


def body_mass_index(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """kg/m² to one decimal, half up."""
    (weight, height), parts = _whole([weight_kg, height_cm])
    return tenths_of(weight * parts * 10_000, height * height)


def _whole(values: Sequence[Decimal]) -> tuple[list[int], int]:
    """The values as whole numbers of the same part, such as tenths: exact, whatever the decimal context."""
    ratios = [value.as_integer_ratio() for value in values]
    parts = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (parts // denominator) for numerator, denominator in ratios], parts
