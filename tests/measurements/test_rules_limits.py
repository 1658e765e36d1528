from decimal import Decimal

import pytest

from tests.measurements.entries import assessed, errors, warnings


@pytest.mark.parametrize(("diastolic", "is_refused"), [("117", False), ("118", True), ("119", True)])
def test_a_diastolic_must_be_below_the_systolic_of_its_reading(diastolic: str, is_refused: bool) -> None:
    found = errors(systolic=["118", "150", "150"], diastolic=[diastolic, "80", "80"])
    assert (("diastolic.1", "not-below-systolic") in found) is is_refused


def test_a_diastolic_is_compared_with_no_other_reading() -> None:
    assert errors(systolic=["118", "120", "122"], diastolic=["100", "119", "121"]) == []


def test_a_refused_systolic_does_not_refuse_the_diastolic() -> None:
    assert errors(systolic=["abc", "120", "122"]) == [("systolic.1", "not-a-number")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("systolic", "181", "high"), ("systolic", "180", None), ("systolic", "201", "high"), ("systolic", "100", None),
        ("systolic", "99", "low"), ("heart_rate", "100", None), ("heart_rate", "101", "high"),
        ("heart_rate", "60", None), ("heart_rate", "59", "low"),
    ],
)  # fmt: skip
def test_a_reading_warns_beyond_its_range_and_not_at_it(field: str, value: str, code: str | None) -> None:
    found = dict(warnings(**{field: [value, "90", "90"], "diastolic": [None, None, None]}))
    assert found.get(f"{field}.1") == code


@pytest.mark.parametrize(
    ("value", "code"), [("110", None), ("111", "high"), ("121", "high"), ("60", None), ("59", "low")]
)
def test_a_diastolic_warns_beyond_its_range_and_not_at_it(value: str, code: str | None) -> None:
    assert dict(warnings(systolic=["170", "170", "170"], diastolic=[value, "80", "80"])).get("diastolic.1") == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.7", "metres"), ("2.2", "metres"), ("2.3", None), ("3", None), ("3.1", "feet"), ("7.4", "feet"),
        ("7.5", None), ("36", None), ("36.1", "inches"), ("68", "inches"), ("89.8", "inches"), ("89.9", None),
        ("228", None),
        ("228.1", "verify"),
    ],
)  # fmt: skip
def test_a_height_in_another_unit_is_recognised(value: str, code: str | None) -> None:
    assert dict(warnings(height=value)).get("height") == code


@pytest.mark.parametrize(
    ("value", "code"), [("29.9", "verify"), ("30", None), ("30.0", None), ("199.5", None), ("199.6", "verify")]
)
def test_a_rare_weight_is_to_be_verified(value: str, code: str | None) -> None:
    assert dict(warnings(weight=value)).get("weight") == code


def test_a_weight_before_pregnancy_warns_like_a_weight() -> None:
    found = warnings(pregnant=True, weight_before_pregnancy="29.9", hip=None, waist=None)
    assert found == [("weight_before_pregnancy", "verify")]


@pytest.mark.parametrize("field", ["hip", "waist"])
@pytest.mark.parametrize(("value", "code"), [("49.9", "verify"), ("50", None), ("150", None), ("150.1", "verify")])
def test_a_rare_circumference_is_to_be_verified(field: str, value: str, code: str | None) -> None:
    assert dict(warnings(**{field: [value, value, None]})).get(f"{field}.2") == code


def test_one_value_warns_once() -> None:
    assert warnings(systolic=["210", "120", "122"]) == [("systolic.1", "high")]


def test_the_body_mass_index_is_rounded_half_up() -> None:
    assert assessed(height="200", weight="97.8").bmi == Decimal("24.5")  # 24.45


@pytest.mark.parametrize(("weight", "is_refused"), [("4.9", True), ("5.0", False), ("125.0", False), ("125.1", True)])
def test_a_body_mass_index_outside_5_to_125_is_refused(weight: str, is_refused: bool) -> None:
    assert (("bmi", "bmi-out-of-range") in errors(height="100", weight=weight)) is is_refused


@pytest.mark.parametrize(("weight", "warns"), [("14.9", True), ("15.0", False), ("50.0", False), ("50.1", True)])
def test_a_body_mass_index_outside_15_to_50_warns(weight: str, warns: bool) -> None:
    assert (("bmi", "bmi") in warnings(height="100", weight=weight)) is warns


def test_there_is_no_body_mass_index_without_a_height() -> None:
    assert assessed(height=None).bmi is None
