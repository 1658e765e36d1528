"""Enrolment and its refusals, search, change, withdrawal."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.participants.actions import (
    LikelyDuplicate,
    NotEligible,
    by_clinic_code,
    change,
    enrol,
    participant_of,
    person_of,
    require_active,
    search,
    sweep_vault,
    withdraw,
)
from biobank.participants.models import ParticipantEvent, ParticipantStatus
from labels import Kind, mint, parse
from tests.participants.factories import ELIGIBLE, details, make_participant, make_site


def test_somebody_enrolled_has_a_random_code_and_a_dated_consent(tx: Tx, noon: datetime) -> None:
    participant = make_participant(tx)
    assert parse(participant.clinic_code).text == participant.clinic_code
    assert (participant.consented_on, participant.status) == (date(2026, 11, 20), ParticipantStatus.ACTIVE)


@pytest.mark.parametrize(
    "answer",
    [
        {"lives_in_united_states": False}, {"can_consent_alone": False}, {"is_incarcerated": True},
        {"has_consent_on_file": False},
    ],
)  # fmt: skip
def test_each_condition_that_is_not_met_refuses_the_enrolment(tx: Tx, answer: dict[str, bool]) -> None:
    with pytest.raises(NotEligible) as refused:
        enrol(tx, answers=replace(ELIGIBLE, **answer), site_id=make_site(tx).id, **details())
    assert len(refused.value.refusals) == 1


def test_a_birthday_starts_at_the_sites_midnight(tx: Tx) -> None:
    with clock.at(datetime(2026, 11, 21, 3, 0, tzinfo=UTC)):  # November 20, 21:00 in Chicago
        with pytest.raises(NotEligible):
            make_participant(tx, born_on=date(2008, 11, 21))
        assert make_participant(tx, make_site(tx, zone="UTC").id, born_on=date(2008, 11, 21))


def test_a_consent_of_tomorrow_is_refused(tx: Tx, noon: datetime) -> None:
    with pytest.raises(Invalid, match="in the future"):
        make_participant(tx, consented_on=date(2026, 11, 21))


def test_a_consent_form_that_does_not_exist_is_refused(tx: Tx) -> None:
    with pytest.raises(Invalid, match="no consent form of that version"):
        make_participant(tx, consent_version="1999-1")


ROSA = {"last_name": "Núñez", "email": "rosa@example.org", "phone": "312 555 0142"}


@pytest.mark.parametrize(
    "same", [{"last_name": "NUNEZ"}, {"email": "Rosa@Example.org"}, {"phone": "+1 (312) 555-0142"}]
)  # fmt: skip
def test_the_same_birth_date_with_one_same_detail_is_refused(tx: Tx, same: dict[str, str]) -> None:
    make_participant(tx, **ROSA)
    with pytest.raises(LikelyDuplicate, match="enrolled already; search instead"):
        make_participant(tx, **same)


def test_the_same_details_with_another_birth_date_are_another_person(tx: Tx) -> None:
    make_participant(tx, **ROSA)
    assert make_participant(tx, **ROSA, born_on=date(1981, 5, 17))


def test_a_twin_is_enrolled_once_a_reason_is_given_and_both_are_found(tx: Tx) -> None:
    make_participant(tx, **ROSA)
    make_participant(tx, last_name="Núñez", first_name="Ruth", distinct="twin")
    assert len(search(tx, "nunez", date(1980, 5, 17))) == 2


def test_one_person_enrolled_by_many_clerks_at_once_is_enrolled_once(databases: Databases) -> None:
    with databases.transaction() as tx:
        site_id = make_site(tx).id
    person = details(**ROSA)

    def attempt(_: int) -> bool:
        try:
            run_tx(databases, lambda tx: enrol(tx, answers=ELIGIBLE, site_id=site_id, **person))
        except LikelyDuplicate:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


@pytest.mark.parametrize("code", ["", "P123", "hello", "5012345678900"])
def test_what_is_not_a_card_is_refused_in_words(tx: Tx, code: str) -> None:
    with pytest.raises(Invalid):
        by_clinic_code(tx, code)


def test_a_card_that_nobody_has_says_what_to_do(tx: Tx) -> None:
    code = make_participant(tx).clinic_code
    assert by_clinic_code(tx, f"]C0{code.lower()}\r").clinic_code == code
    with pytest.raises(NotFound, match="search by last name and birth date"):
        by_clinic_code(tx, mint(Kind.PARTICIPANT))


def test_an_unknown_participant_is_not_found(tx: Tx) -> None:
    with pytest.raises(NotFound):
        participant_of(tx, uuid4())
    with pytest.raises(NotFound):
        person_of(tx, uuid4())


def test_after_a_withdrawal_everything_is_refused(tx: Tx) -> None:
    participant = make_participant(tx)
    withdraw(tx, participant.id, "own-wish")
    for act in (
        lambda: require_active(tx, participant.id),
        lambda: withdraw(tx, participant.id, "own-wish"),
        lambda: change(tx, participant.id, version=2, values={"language": "es"}),
    ):
        with pytest.raises(Conflict, match="has withdrawn"):
            act()


def test_a_withdrawal_needs_a_reason_of_the_list(tx: Tx) -> None:
    with pytest.raises(Invalid, match="from the list"):
        withdraw(tx, make_participant(tx).id, "because")


def test_a_change_keeps_what_it_does_not_name(tx: Tx) -> None:
    participant = make_participant(tx, **ROSA)
    change(tx, participant.id, version=1, values={"email": None, "language": "es"})
    contact = person_of(tx, participant.id).contact
    assert (contact.email, contact.phone, participant.language) == (None, ROSA["phone"], "es")


def test_a_new_phone_number_counts_for_duplicates(tx: Tx) -> None:
    change(tx, make_participant(tx).id, version=1, values={"phone": "312 555 7777"})
    with pytest.raises(LikelyDuplicate):
        make_participant(tx, phone="3125557777")


def test_a_change_over_somebody_elses_is_refused(tx: Tx) -> None:
    participant = make_participant(tx)
    change(tx, participant.id, version=1, values={"language": "es"})
    with pytest.raises(Conflict, match="changed this participant in the meantime"):
        change(tx, participant.id, version=1, values={"language": "en"})


def test_somebody_whom_a_crash_left_in_the_vault_alone_can_be_enrolled_again(databases: Databases) -> None:
    with databases.transaction() as tx, clock.at(clock.now() - timedelta(hours=2)):
        make_participant(tx, **ROSA)
        tx.vault.commit()
        tx.session.rollback()
    with databases.transaction() as tx:
        known = make_participant(tx)
        assert sweep_vault(tx) == 1
        assert make_participant(tx, **ROSA)
        assert person_of(tx, known.id)


def test_the_sweep_leaves_an_enrolment_alone_that_is_under_way(tx: Tx) -> None:
    make_participant(tx, **ROSA)
    tx.session.rollback()
    assert sweep_vault(tx) == 0


def test_a_participants_history_cannot_be_rewritten(databases: Databases) -> None:
    with databases.transaction() as tx:
        make_participant(tx)
    rewrite: Any = sa.update(ParticipantEvent).values(actor_name="Nobody")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
        tx.session.execute(rewrite)
