import pytest

from biobank.errors import Invalid
from biobank.measurements.rules import assess, fill_missing, missing_words
from tests.measurements.entries import ADULT, an_entry, assessed


def test_an_ordinary_visit_is_complete() -> None:
    assert assessed().is_clean
    assert missing_words(assessed()) == "Nothing is left to measure."


def test_an_empty_entry_misses_every_measure_but_a_third_circumference() -> None:
    missing = assess(ADULT, {}).missing
    assert len(missing) == 9 + 2 + 2 + 2
    assert "hip.3" not in missing


def test_the_clerk_reads_what_is_still_to_be_measured() -> None:
    result = assessed(hip=None, waist=["84.0", None, None])
    assert missing_words(result) == "Still to measure: hip, second waist."
    assert missing_words(result, "es_US") == "Falta medir: cadera, segunda lectura de cintura."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"systolic": None, "diastolic": None}, "Still to measure: blood pressure."),
        (
            {"systolic": ["118", None, "120"], "diastolic": ["78", None, "80"]},
            "Still to measure: second blood pressure.",
        ),
        ({"diastolic": ["78", "79", None]}, "Still to measure: third diastolic."),
        ({"heart_rate": None, "height": None}, "Still to measure: heart rate, height."),
        ({"hip": ["98.0", "99.1", None]}, "Still to measure: third hip."),
    ],
)
def test_readings_taken_together_are_named_together(changes: dict[str, object], words: str) -> None:
    assert missing_words(assessed(**changes)) == words


@pytest.mark.parametrize("code", ["refusal", "emergency"])
def test_one_action_fills_all_that_is_missing(code: str) -> None:
    filled = fill_missing(ADULT, {"height": "172.7"}, code)
    assert assess(ADULT, filled).is_clean
    assert "height" not in filled["modifications"]


def test_filling_leaves_the_entry_it_was_given_alone() -> None:
    entry = an_entry(hip=None, modifications={"hip": [None, None, None]})
    fill_missing(ADULT, entry, "refusal")
    assert entry["modifications"] == {"hip": [None, None, None]}


def test_filling_with_refusal_throws_no_value_away() -> None:
    entry = an_entry(diastolic=["78", None, "80"])
    filled = fill_missing(ADULT, entry, "refusal")
    assert assess(ADULT, filled).missing == ("diastolic.2",)


def test_filling_with_a_code_that_not_every_measure_has_is_refused() -> None:
    with pytest.raises(Invalid, match=r"'colostomy-bag' does not.*refusal or emergency"):
        fill_missing(ADULT, an_entry(), "colostomy-bag")


def test_an_entry_that_cannot_be_read_is_not_filled() -> None:
    assert fill_missing(ADULT, {"colour": "red"}, "refusal") == {"colour": "red"}
