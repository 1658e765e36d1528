from decimal import Decimal

import pytest

from tests.measurements.entries import assessed, errors

THREE = {"systolic", "diastolic", "heart_rate", "hip", "waist"}


def first(field: str, value: object) -> dict[str, object]:
    """One odd value, where it cannot also break a rule between fields."""
    return {field: [value, None, None] if field in THREE else value}


@pytest.mark.parametrize(
    ("field", "last_accepted", "first_refused"),
    [
        ("systolic", "299", "300"),
        ("heart_rate", "299", "300"),
        ("height", "299.9", "300"),
        ("weight", "999.9", "1000"),
        ("hip", "299.9", "300.0"),
        ("waist", "299.9", "300"),
    ],
)
def test_a_value_is_refused_from_its_limit_on(field: str, last_accepted: str, first_refused: str) -> None:
    ref = f"{field}.1" if field in THREE else field
    assert (ref, "above-limit") not in errors(**first(field, last_accepted))
    assert (ref, "above-limit") in errors(**first(field, first_refused))


def test_a_diastolic_is_refused_from_its_limit_on() -> None:
    assert errors(systolic=[None, None, None], diastolic=["299", "300", None]) == [("diastolic.2", "above-limit")]


@pytest.mark.parametrize("value", ["0", "0.0", "-1", "-0", "-0.1"])
def test_a_value_must_be_above_zero(value: str) -> None:
    assert ("weight", "not-positive") in errors(weight=value)


@pytest.mark.parametrize(
    "value",
    ["", " ", "abc", "NaN", "Infinity", "1e2", "1E2", "1,5", "1.5.2", "+72", ".5", "72.", "72 ", "١٢", "７２", "0x48",
     "7_2", "9" * 41, True, 72.8, [], {}, ["72.8"]],
)  # fmt: skip
def test_only_digits_with_a_point_are_a_number(value: object) -> None:
    assert ("weight", "not-a-number") in errors(weight=value)


@pytest.mark.parametrize(("field", "value"), [("weight", "72.85"), ("height", "172.75"), ("weight", "1." + "1" * 99)])
def test_no_more_than_one_decimal_is_kept(field: str, value: str) -> None:
    assert (field, "too-precise") in errors(**{field: value})


def test_blood_pressure_is_kept_in_whole_numbers() -> None:
    assert errors(systolic=["118.5", "120", "122"]) == [("systolic.1", "too-precise")]


def test_zeros_after_the_kept_decimal_make_a_value_no_finer() -> None:
    assert assessed(systolic=["118.0", "120.0", "122.0"], weight="72.80").as_json() == assessed().as_json()


@pytest.mark.parametrize("value", [72, Decimal("72"), "72", "072"])
def test_a_whole_number_may_come_as_a_number(value: object) -> None:
    assert assessed(weight=value).bmi == Decimal("24.1")


@pytest.mark.parametrize(
    "value",
    [10**40, 10**5000, -(10**5000), "9" * 1_000_000, Decimal("1e999999"), Decimal("NaN")],
    ids=["41 digits", "5,001 digits", "below zero", "a million digits", "exponent", "nan"],
)
def test_a_number_too_large_to_print_is_refused_without_effort(value: object) -> None:
    assert ("weight", "not-a-number") in errors(weight=value)


def test_a_refused_value_is_still_to_be_measured() -> None:
    assert assessed(weight="abc").missing == ("weight",)
