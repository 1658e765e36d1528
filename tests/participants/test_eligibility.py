from dataclasses import replace
from datetime import date

import pytest

from biobank.participants.eligibility import Condition, EligibilityAnswers, age_on, assess, contact_advice

TODAY = date(2026, 11, 20)
LONG_AGO = date(1980, 5, 17)
MAY_TAKE_PART = EligibilityAnswers(
    lives_in_united_states=True, can_consent_alone=True, is_incarcerated=False, has_consent_on_file=True
)


def codes(answers: EligibilityAnswers = MAY_TAKE_PART, *, born_on: date = LONG_AGO, today: date = TODAY) -> list[str]:
    return [refusal.code for refusal in assess(answers, born_on=born_on, today=today)]


def test_an_adult_who_meets_every_condition_may_take_part() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("born_on", "found"),
    [
        (date(2008, 11, 19), []),
        (date(2008, 11, 20), []),
        (date(2008, 11, 21), ["under-18"]),
        (TODAY, ["under-18"]),
        (date(2026, 11, 21), ["birth-date"]),
    ],
)
def test_a_person_may_take_part_from_the_18th_birthday_on(born_on: date, found: list[str]) -> None:
    assert codes(born_on=born_on) == found


@pytest.mark.parametrize(("today", "age"), [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18)])
def test_who_was_born_on_february_29_turns_18_on_march_1(today: date, age: int) -> None:
    assert age_on(date(2008, 2, 29), today) == age
    assert codes(born_on=date(2008, 2, 29), today=today) == ([] if age == 18 else ["under-18"])


def test_who_was_born_on_february_29_has_a_birthday_in_a_leap_year() -> None:
    assert age_on(date(2008, 2, 29), date(2028, 2, 29)) == 20


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"lives_in_united_states": False}, Condition.RESIDENCE),
        ({"can_consent_alone": False}, Condition.CONSENTS_FOR_SELF),
        ({"is_incarcerated": True}, Condition.FREE),
        ({"has_consent_on_file": False}, Condition.CONSENT_ON_FILE),
    ],
)
def test_each_condition_refuses_by_its_own_code(answer: dict[str, bool], code: Condition) -> None:
    assert codes(replace(MAY_TAKE_PART, **answer)) == [code]


def test_every_condition_that_is_not_met_is_named() -> None:
    nothing = EligibilityAnswers(
        lives_in_united_states=False, can_consent_alone=False, is_incarcerated=True, has_consent_on_file=False
    )
    assert codes(nothing, born_on=date(2015, 1, 1)) == [
        "under-18", "not-in-united-states", "cannot-consent", "incarcerated", "no-consent",
    ]  # fmt: skip


def test_a_refusal_speaks_both_languages() -> None:
    (refusal,) = assess(MAY_TAKE_PART, born_on=TODAY, today=TODAY)
    assert (refusal.key, refusal.to("en")[:4], refusal.to("es_US")[:4]) == ("eligibility.under-18", "Only", "Solo")


@pytest.mark.parametrize(
    ("email", "phone", "is_advised"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_one_way_to_reach_the_participant_is_enough(email: bool, phone: bool, is_advised: bool) -> None:
    assert (contact_advice(has_email=email, has_phone=phone) is not None) is is_advised
    assert (contact_advice(has_email=email, has_phone=phone, locale="es") is not None) is is_advised
