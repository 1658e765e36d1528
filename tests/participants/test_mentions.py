"""A person's own details in a text are found however they are written, and other people's are not."""

from datetime import date

import pytest

from biobank.participants.mentions import kinds_in
from biobank.participants.person import Contact, Person, PersonName

ROSA = Person(
    PersonName("Rosa María", "O'Núñez"),
    date(1979, 5, 7),
    Contact("Rosa.Nunez@example.org", "+1 (312) 555-0147", "12 N. Oak Street, Apt 4"),
)


@pytest.mark.parametrize("text", ["Rosa María O'Núñez", "mrs o'nunez said no", "O’NÚÑEZ", "ONunez, R.",
                                  "Rosa Maria did not want the cuff"])  # fmt: skip
def test_a_name_is_found_without_case_accents_or_signs(text: str) -> None:
    assert kinds_in(ROSA, text) == ("name",)


@pytest.mark.parametrize("text", [
    "05/07/1979", "5/7/79", "7.5.1979", "7-5-79", "1979-05-07", "1979/5/7", "19790507", "05071979", "050779",
    "May 7, 1979", "born 7 May 1979", "the 7th of May 1979", "7 de mayo de 1979", "MAY 7TH 79",
])  # fmt: skip
def test_a_birth_date_is_found_in_any_common_format(text: str) -> None:
    assert kinds_in(ROSA, text) == ("birth-date",)


@pytest.mark.parametrize("text", ["312-555-0147", "call 1 312 555 0147", "(312)5550147", "555-0147", "+13125550147"])
def test_a_phone_number_is_found_however_it_is_grouped(text: str) -> None:
    assert kinds_in(ROSA, text) == ("phone",)


def test_an_e_mail_address_is_found_in_any_case() -> None:
    assert "e-mail" in kinds_in(ROSA, "write to ROSA.NUNEZ@EXAMPLE.ORG")


@pytest.mark.parametrize("text", ["lives at 12 North Oak Street", "12 n oak st", "12 N. OAK"])
def test_a_street_is_found_with_its_usual_abbreviations(text: str) -> None:
    assert kinds_in(ROSA, text) == ("street",)


@pytest.mark.parametrize("text", [
    "", "cuff too small, prosthesis left", "120/78 at 14:05, 121/79 at 14:06", "seen on 05/08/1979", "312-555-0148",
    "nurse Rosa came in", "12 oaks", "May be measured again at 7", "12 cm above the north mark", "someone@example.org",
    "05 07 2026",
])  # fmt: skip
def test_ordinary_notes_are_left_alone(text: str) -> None:
    assert kinds_in(ROSA, text) == ()


def test_a_first_name_that_is_a_word_counts_only_as_a_name() -> None:
    will = Person(PersonName("Will", "Quartermaine"), date(1979, 5, 7), Contact())
    assert kinds_in(will, "will come back for the hip") == ()
    assert kinds_in(will, "asked Will to rest") == ("name",)


def test_several_kinds_are_named_together() -> None:
    assert kinds_in(ROSA, "O'Nunez 5/7/79 555 0147") == ("name", "birth-date", "phone")


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    assert kinds_in(ROSA, "1 " * 5_000) == ()
