import pytest

from biobank.measurements.protocol_parts import Deviations
from biobank.measurements.rules_entry import places, read
from biobank.measurements.rules_modifications import is_closed
from tests.measurements.entries import ADULT, an_entry, assessed, errors

NOTHING = [None, None, None]
ROWS = list(ADULT.deviations.values())
CLOSING = [(row, code) for row in ROWS for code in row.closing]
OPEN = [(row, code) for row in ROWS for code in row.codes if code not in row.closing and code != "other"]
DENIED = {"wheelchair-user": "wheelchair", "pregnancy": "pregnant"}
VALUES = {"blood_pressure": ("systolic", "diastolic", "heart_rate")}


def without(measure: str) -> dict[str, object]:
    """Every input of a measure left empty."""
    names = VALUES.get(measure, (measure,))
    return {name: NOTHING if ADULT.fields[name].replicates == 3 else None for name in names}


def everywhere(row: Deviations, code: str) -> dict[str, object]:
    return {row.measure: [code] * 3 if row.places == 3 else code}


@pytest.mark.parametrize(("row", "code"), [*CLOSING, *OPEN], ids=lambda part: getattr(part, "measure", part))
def test_every_code_stands_for_a_value_that_is_not_there(row: Deviations, code: str) -> None:
    condition = {DENIED[code]: None} if code in DENIED else {}
    result = assessed(**without(row.measure), **condition, modifications=everywhere(row, code))
    assert (result.complete, result.errors) == (True, ())


@pytest.mark.parametrize(("row", "code"), CLOSING, ids=lambda part: getattr(part, "measure", part))
def test_a_closing_code_refuses_a_value_beside_it(row: Deviations, code: str) -> None:
    found = errors(modifications=everywhere(row, code))
    assert found
    assert {error for _, error in found} == {"contradiction"}


@pytest.mark.parametrize(("row", "code"), OPEN, ids=lambda part: getattr(part, "measure", part))
def test_an_open_code_lets_a_value_stand_beside_it(row: Deviations, code: str) -> None:
    condition = {DENIED[code]: None} if code in DENIED else {}
    assert errors(**condition, modifications=everywhere(row, code)) == []


def test_a_refused_blood_pressure_closes_the_three_inputs_of_its_reading() -> None:
    found = errors(modifications={"blood_pressure": [None, "refusal", None]})
    assert [field for field, _ in found] == ["systolic.2", "diastolic.2", "heart_rate.2"]


def test_a_tick_on_a_closed_reading_is_a_contradiction() -> None:
    values = {name: ["118", None, "119"] for name in ("systolic", "heart_rate")} | {"diastolic": ["78", None, "79"]}
    found = errors(
        **values, irregular_rhythm=[False, True, False], modifications={"blood_pressure": [None, "refusal", None]}
    )
    assert found == [("irregular_rhythm.2", "contradiction")]


def test_a_code_that_cannot_balance_closes_both_weights() -> None:
    found = errors(
        pregnant=True,
        hip=None,
        waist=None,
        weight_before_pregnancy="70",
        modifications={"weight": "cannot-balance-on-scale"},
    )
    assert found == [("weight", "contradiction"), ("weight_before_pregnancy", "contradiction")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.measure)
def test_other_needs_a_note(row: Deviations) -> None:
    found = errors(modifications=everywhere(row, "other"))
    assert found
    assert {code for _, code in found} == {"note-required"}


@pytest.mark.parametrize(
    "notes", [{"hip": "wears a brace"}, {"hip.2": "wears a brace"}, {"hip": [None, "brace", None]}]
)
def test_a_note_may_stand_on_the_measure_or_on_its_place(notes: dict[str, object]) -> None:
    assert errors(modifications={"hip": [None, "other", None]}, modification_notes=notes) == []


@pytest.mark.parametrize("note", ["", "   ", None])
def test_an_empty_note_is_no_note(note: str | None) -> None:
    found = errors(modifications={"height": "other"}, modification_notes={"height": note})
    assert found == [("height", "note-required")]


@pytest.mark.parametrize(
    ("modifications", "field"),
    [({"height": "colostomy-bag"}, "height"), ({"hip": [None, "tired", None]}, "hip.2"), ({"weight": ""}, "weight")],
)
def test_a_code_of_another_measure_is_refused(modifications: dict[str, object], field: str) -> None:
    assert errors(modifications=modifications) == [(field, "unknown-code")]


@pytest.mark.parametrize("field", ["blood_pressure_location", "waist_location"])
@pytest.mark.parametrize("value", ["left-leg", "", 3, True, []])
def test_a_place_that_is_not_on_the_list_is_refused(field: str, value: object) -> None:
    assert errors(**{field: value}) == [(field, "unknown-code")]


def test_a_pregnant_participant_is_complete_without_hip_and_waist() -> None:
    result = assessed(pregnant=True, hip=None, waist=None)
    assert (result.complete, result.modifications) == (True, {"weight": "pregnancy"})


@pytest.mark.parametrize("flag", ["pregnant", "wheelchair"])
def test_a_waist_measured_all_the_same_is_a_contradiction(flag: str) -> None:
    assert errors(**{flag: True}, hip=None, waist=["84.0", None, None]) == [("waist.1", "contradiction")]


def test_a_wheelchair_user_needs_neither_height_nor_weight() -> None:
    result = assessed(wheelchair=True, height=None, weight=None, hip=None, waist=None)
    assert result.is_clean
    assert result.modifications == {"height": "wheelchair-user", "weight": "wheelchair-user"}


def test_a_wheelchair_wins_over_pregnancy_on_weight() -> None:
    result = assessed(wheelchair=True, pregnant=True, hip=None, waist=None, modifications={"weight": "pregnancy"})
    assert result.is_clean
    assert result.modifications["weight"] == "wheelchair-user"


def test_a_refusal_stays_a_refusal_in_pregnancy() -> None:
    result = assessed(pregnant=True, weight=None, hip=None, waist=None, modifications={"weight": "refusal"})
    assert (result.is_clean, result.modifications) == (True, {"weight": "refusal"})


@pytest.mark.parametrize(
    ("measure", "code"), [("weight", "pregnancy"), ("weight", "wheelchair-user"), ("height", "wheelchair-user")]
)
def test_a_code_that_the_answers_deny_is_a_contradiction(measure: str, code: str) -> None:
    assert errors(modifications={measure: code}) == [(measure, "contradiction")]


@pytest.mark.parametrize("pregnant", [False, None])
def test_a_weight_before_pregnancy_asks_for_a_pregnancy(pregnant: bool | None) -> None:
    assert errors(pregnant=pregnant, weight_before_pregnancy="70") == [("weight_before_pregnancy", "contradiction")]


def test_a_value_that_was_refused_for_a_contradiction_counts_nowhere() -> None:
    result = assessed(pregnant=True, hip=None, waist=["84.0", "84.1", None])
    assert "waist" not in result.means


@pytest.mark.parametrize(
    ("changes", "closed"),
    [
        ({}, {"weight_before_pregnancy"}),
        ({"pregnant": True}, {"hip.1", "hip.2", "hip.3", "waist.1", "waist.2", "waist.3"}),
        ({"modifications": {"hip": [None, "refusal", "emergency"]}}, {"weight_before_pregnancy", "hip.2"}),
        ({"modifications": {"weight": "cannot-balance-on-scale"}}, {"weight", "weight_before_pregnancy"}),
    ],
)
def test_the_places_where_nothing_may_be_entered_are_known(changes: dict[str, object], closed: set[str]) -> None:
    answers = read(ADULT, an_entry(**changes))
    assert {place.ref for row in ADULT.numbers for place in places(row) if is_closed(answers, place)} == closed
