from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.measurements.units import BadQuantity, Quantity, tenths, to_canonical, together


@pytest.mark.parametrize(
    ("text", "unit", "value", "canonical"),
    [
        ("100.2", "lb", "45.4", "kg"),
        ("160.6", "lb", "72.8", "kg"),
        ("72850", "g", "72.9", "kg"),
        ("68", "in", "172.7", "cm"),
        ("1727", "mm", "172.7", "cm"),
        ("1.727", "m", "172.7", "cm"),
        ("5.5", "ft", "167.6", "cm"),
        ("172.7", "cm", "172.7", "cm"),
        ("118", "mmHg", "118", "mmHg"),
        ("64", "/min", "64", "/min"),
    ],
)
def test_a_measure_is_converted_exactly(text: str, unit: str, value: str, canonical: str) -> None:
    assert to_canonical(text, unit) == Quantity(Decimal(value), canonical, text, unit)


def test_feet_and_inches_are_rounded_once() -> None:
    assert together([("5", "ft"), ("8", "in")]) == Quantity(Decimal("172.7"), "cm", "5 8", "ft in")


def test_what_was_typed_is_kept_beside_the_value() -> None:
    found = to_canonical(" 100.2 ", "lb")
    assert (found.typed, found.typed_unit) == ("100.2", "lb")


@pytest.mark.parametrize("text", ["", "1e2", "-1", "1,5", "NaN", "9" * 30, "1.", "٣"])
def test_anything_but_digits_with_a_point_is_refused(text: str) -> None:
    with pytest.raises(BadQuantity, match="digits with a point"):
        to_canonical(text, "kg")


def test_an_unknown_unit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadQuantity, match=r"stone.*kg, g, lb"):
        to_canonical("11", "stone")


@pytest.mark.parametrize("parts", [[], [("5", "ft"), ("8", "lb")], [("118", "mmHg"), ("2", "mmHg")]])
def test_units_that_do_not_belong_together_are_refused(parts: list[tuple[str, str]]) -> None:
    with pytest.raises(BadQuantity, match="belong together"):
        together(parts)


def test_every_tenth_of_a_pound_lands_on_the_nearest_tenth_of_a_kilogram() -> None:
    for n in range(500, 6001):
        exact = Fraction(n, 10) * Fraction("0.45359237")
        error = Fraction(to_canonical(f"{n // 10}.{n % 10}", "lb").value) - exact
        assert -Fraction(1, 20) < error <= Fraction(1, 20), n


@given(st.fractions(min_value=0, max_value=1000))
def test_rounding_is_half_up_to_the_tenth(exact: Fraction) -> None:
    error = Fraction(tenths(exact)) - exact
    assert -Fraction(1, 20) < error <= Fraction(1, 20)
