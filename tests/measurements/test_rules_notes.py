import pytest

from biobank.measurements.rules import assess
from tests.measurements.entries import ADULT, an_entry, errors, warnings


@pytest.mark.parametrize(("length", "found"), [(10_000, []), (10_001, [("notes", "above-limit")])])
def test_notes_hold_ten_thousand_characters(length: int, found: list[tuple[str, str]]) -> None:
    assert errors(notes="x" * length) == found


@pytest.mark.parametrize(
    "notes",
    ["write to ana@example.org", "call 555-201-0199", "call (555) 201 0199", "born 02/29/1980", "born 1980-02-29",
     "lives at 12 North Elm Street"],
)  # fmt: skip
def test_notes_that_seem_to_identify_the_participant_warn(notes: str) -> None:
    assert warnings(notes=notes) == [("notes", "verify")]


@pytest.mark.parametrize(
    "notes", ["Cuff slipped, reading 2 repeated.", "98.5 then 99.0 then 98.7", "Left arm: cast.", ""]
)
def test_ordinary_notes_do_not_warn(notes: str) -> None:
    assert warnings(notes=notes) == []


def test_a_note_on_a_modification_is_read_too() -> None:
    found = warnings(modifications={"hip": ["other", None, None]}, modification_notes={"hip": "ana@example.org"})
    assert found == [("modification_notes.hip", "verify")]


@pytest.mark.parametrize("notes", ["ANA LIMA says hello", "ana  lima", "she gave 5552010199 as number"])
def test_notes_with_what_the_vault_knows_warn(notes: str) -> None:
    known = ("Ana Lima", "+1 555 201 0199"[3:])
    result = assess(ADULT, an_entry(notes=notes), personal_details=known)
    assert {finding.field for finding in result.warnings} == {"notes"}


def test_a_name_inside_another_word_does_not_warn() -> None:
    assert assess(ADULT, an_entry(notes="banana"), personal_details=("Ana", "", " ")).warnings == ()


def test_no_warning_repeats_what_the_notes_say() -> None:
    (warning,) = assess(ADULT, an_entry(notes="ana@example.org")).warnings
    assert "example" not in warning.text.en + warning.text.es
