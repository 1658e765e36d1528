from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.measurements.rules_means import mean, two_closest
from tests.measurements.entries import ADULT, assessed

HIP = ADULT.fields["hip"]
TENTHS = st.decimals(min_value=Decimal("0.1"), max_value=Decimal("299.9"), places=1)


def test_the_first_blood_pressure_never_counts() -> None:
    result = assessed(systolic=["150", "120", "123"])
    assert (result.means["systolic"], result.mean_of["systolic"]) == (Decimal("121.5"), 2)


@pytest.mark.parametrize(("readings", "alone"), [(["118", None, "122"], "122.0"), (["118", "120", None], "120.0")])
def test_one_of_the_last_two_stands_alone_and_says_so(readings: list[str | None], alone: str) -> None:
    result = assessed(heart_rate=readings)
    assert (result.means["heart_rate"], result.mean_of["heart_rate"]) == (Decimal(alone), 1)


def test_there_is_no_mean_of_the_first_alone() -> None:
    assert "systolic" not in assessed(systolic=["118", None, None]).means


def test_systolic_and_diastolic_have_their_means_independently() -> None:
    result = assessed(systolic=["118", None, "122"], diastolic=["78", "79", None])
    assert (result.means["systolic"], result.means["diastolic"]) == (Decimal("122.0"), Decimal("79.0"))


@pytest.mark.parametrize(
    ("readings", "expected", "count"),
    [
        (["84.0", "85.2", "84.4"], "84.2", 2),
        (["84.0", "85.0", "86.0"], "85.0", 3),
        (["84.0", "86.0", "85.1"], "85.6", 2),
        (["98.0", "98.5", None], "98.3", 2),
        (["98.0", None, None], "98.0", 1),
    ],
)
def test_a_circumference_is_the_mean_of_the_two_closest(readings: list[str | None], expected: str, count: int) -> None:
    result = assessed(waist=readings)
    assert (result.means["waist"], result.mean_of["waist"]) == (Decimal(expected), count)


@pytest.mark.parametrize(
    ("second", "is_required"), [("64.3", False), ("64.4", False), ("64.5", True), ("62.4", False), ("62.3", True)]
)
def test_a_third_reading_is_required_when_the_first_two_differ_by_more_than_one(second: str, is_required: bool) -> None:
    result = assessed(hip=["63.4", second, None])
    assert ("hip.3" in result.missing) is is_required
    assert ("hip" not in result.means) is is_required


def test_no_two_readings_one_centimetre_apart_ask_for_a_third() -> None:
    # In binary floating point, 64.4 - 63.4 and many other pairs are more than one.
    pairs = [(Decimal(tenths) / 10, Decimal(tenths + 10) / 10) for tenths in range(500, 1500)]
    assert sum(float(high) - float(low) > 1 for low, high in pairs) >= 4
    asked = [low for low, high in pairs if "waist.3" in assessed(waist=[f"{low:.1f}", f"{high:.1f}", None]).missing]
    assert asked == []


def test_two_readings_stand_when_the_third_is_refused_by_the_participant() -> None:
    result = assessed(hip=["63.4", "66.0", None], modifications={"hip": [None, None, "refusal"]})
    assert (result.complete, result.mean_of["hip"]) == (True, 2)


@given(st.tuples(TENTHS, TENTHS, TENTHS))
def test_a_mean_is_the_exact_one_rounded_half_up(readings: tuple[Decimal, Decimal, Decimal]) -> None:
    used = two_closest(readings)
    exact = sum(map(Fraction, used), Fraction(0)) / len(used)
    found = mean(HIP, readings)
    assert found is not None
    assert -Fraction(1, 20) < Fraction(found[0]) - exact <= Fraction(1, 20)


@given(st.permutations(["63.4", "64.4", "65.4"]), st.integers(min_value=1, max_value=40))
def test_a_mean_depends_neither_on_order_nor_on_the_decimal_context(readings: list[str], precision: int) -> None:
    with localcontext() as context:
        context.prec = precision
        found = mean(HIP, [Decimal(value) for value in readings])
    assert found == (Decimal("64.4"), 3)


@given(st.tuples(TENTHS, TENTHS, TENTHS))
def test_no_pair_lies_closer_than_the_two_that_are_taken(readings: tuple[Decimal, Decimal, Decimal]) -> None:
    used = two_closest(readings)
    gaps = [abs(a - b) for at, a in enumerate(readings) for b in readings[at + 1 :]]
    assert min(abs(a - b) for at, a in enumerate(used) for b in used[at + 1 :]) == min(gaps)


@pytest.mark.parametrize(
    ("first", "second"), [("63.4", "64.4"), ("63.9", "64.9"), ("127.3", "128.3"), ("127.8", "128.8")]
)
@pytest.mark.parametrize("measure", ["hip", "waist"])
def test_four_pairs_one_centimetre_apart_that_floats_hold_for_more_ask_for_no_third(
    measure: str, first: str, second: str
) -> None:
    assert float(second) - float(first) > 1
    result = assessed(**{measure: [first, second, None]})
    assert (result.missing, result.mean_of[measure]) == ((), 2)
