import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.measurements.rules import assess
from tests.measurements.entries import ADULT, an_entry, assessed

TYPED = st.one_of(
    st.none(),
    st.integers(min_value=-5, max_value=320).map(str),
    st.decimals(min_value=Decimal(0), max_value=Decimal(310), places=1).map(str),
    st.text(max_size=6),
)
CODES = [*sorted({code for row in ADULT.deviations.values() for code in row.codes}), "unheard-of"]
CODE = st.one_of(st.none(), st.sampled_from(CODES))
TICK = st.one_of(st.none(), st.booleans())
PLACES = st.lists(TYPED, min_size=3, max_size=3)
TICKS = st.lists(TICK, min_size=3, max_size=3)
THREE_CODES = st.lists(CODE, min_size=3, max_size=3)
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["systolic", "diastolic", "heart_rate", "hip", "waist"], PLACES),
        **dict.fromkeys(["height", "weight", "weight_before_pregnancy", "notes"], TYPED),
        **dict.fromkeys(["irregular_rhythm", "manual_heart_rate"], TICKS),
        **dict.fromkeys(["pregnant", "wheelchair"], TICK),
        "waist_location": st.one_of(st.none(), st.text(max_size=5)),
        "modifications": st.fixed_dictionaries(
            {}, optional={"blood_pressure": THREE_CODES, "height": CODE, "weight": CODE, "hip": THREE_CODES}
        ),
        "modification_notes": st.dictionaries(st.sampled_from(["hip", "hip.2", "weight"]), st.text(max_size=5)),
    },
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_the_assessment_of_an_ordinary_visit_is_what_the_command_prints() -> None:
    assert assessed().as_json() == {
        "complete": True,
        "missing": [],
        "errors": [],
        "warnings": [],
        "alerts": [],
        "means": {"systolic": "121.0", "diastolic": "79.5", "heart_rate": "64.5", "hip": "98.3", "waist": "84.2"},
        "mean_of": {"systolic": 2, "diastolic": 2, "heart_rate": 2, "hip": 2, "waist": 2},
        "bmi": "24.4",
        "modifications": {},
    }


def test_findings_are_said_in_both_languages() -> None:
    result = assessed(weight="abc")
    english, spanish = result.as_json()["errors"], result.as_json("es")["errors"]
    assert english[0]["message"].startswith("The weight is not a plain number.")
    assert spanish[0]["message"].startswith("En peso: no es un número simple.")


def test_errors_come_in_the_order_of_the_protocol() -> None:
    result = assessed(waist=["x", "85.2", "84.4"], systolic=["x", "120", "122"], height="x")
    assert [error.field for error in result.errors] == ["systolic.1", "height", "waist.1"]


@given(ENTRY)
def test_an_entry_of_the_right_shape_is_always_assessed(entry: dict[str, Any]) -> None:
    result = assess(ADULT, entry)
    assert json.loads(json.dumps(result.as_json())) == result.as_json("en")
    assert result.complete is (not result.missing)


@given(ENTRY)
def test_a_complete_entry_without_errors_counts_no_closed_place(entry: dict[str, Any]) -> None:
    result = assess(ADULT, entry)
    assert not (result.is_clean and entry.get("pregnant") and "waist" in result.means)


@given(st.dictionaries(st.sampled_from([*ADULT.fields, "modifications", "modification_notes", "colour"]), JSON))
def test_no_json_makes_the_rules_fall_over(entry: dict[str, Any]) -> None:
    assert not assess(ADULT, entry).is_clean


@given(st.lists(st.integers(min_value=1, max_value=2999), min_size=3, max_size=3))
def test_reading_a_circumference_never_gains_a_float_error(tenths: list[int]) -> None:
    typed = [f"{n // 10}.{n % 10}" for n in tenths]
    required = abs(tenths[0] - tenths[1]) > 10
    assert ("hip.3" in assess(ADULT, an_entry(hip=[*typed[:2], None])).missing) is required


def test_a_value_that_warns_is_kept_and_does_not_keep_a_visit_from_being_complete() -> None:
    result = assessed(systolic=["190", "120", "122"], height="230", weight="199.6")
    assert result.is_clean
    assert {finding.field for finding in result.warnings} >= {"systolic.1", "height", "weight"}


@pytest.mark.parametrize("name", ["manual_blood_pressure", "manual_heart_rate"])
def test_every_reading_can_be_marked_as_measured_by_hand(name: str) -> None:
    assert assessed(**{name: [True, False, True]}).is_clean
    assert assessed(**{name: [True, False, True, True]}).errors
