"""Passkeys: added by whoever is signed in, used once per challenge, from the right site, with the person verified."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from biobank import clock
from biobank.access import passkeys
from biobank.access.models import Staff
from biobank.access.passkeys import Asked, Place
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotSignedIn, Refused
from tests.access.authenticator import Authenticator
from tests.access.factories import staffed
from tests.conftest import NOON

HERE = Place("localhost", "http://localhost")


@pytest.fixture
def people(databases: Databases) -> dict[str, Actor]:
    return staffed(databases, carla=Role.CLINIC, fiona=Role.FINANCE)


@pytest.fixture
def work(databases: Databases, people: dict[str, Actor], noon: object) -> Iterator[Tx]:
    with databases.transaction(people["carla"]) as tx:
        yield tx


def _staff(tx: Tx, who: Actor) -> Staff:
    return tx.session.get_one(Staff, who.id)


def _add(tx: Tx, who: Actor, key: Authenticator, asked: Asked | None = None) -> None:
    asked = asked or passkeys.ask_to_add(tx, HERE, _staff(tx, who))
    assert who.id is not None
    passkeys.add(tx, HERE, who.id, credential=key.create(asked.options), challenge=asked.challenge, name="key")


@pytest.fixture
def key(work: Tx, people: dict[str, Actor]) -> Authenticator:
    """Carla's passkey, added."""
    made = Authenticator()
    _add(work, people["carla"], made)
    return made


def _use(tx: Tx, key: Authenticator, asked: Asked | None = None) -> object:
    asked = asked or passkeys.ask_to_prove(tx, HERE)
    return passkeys.use(tx, HERE, credential=key.get(asked.options), challenge=asked.challenge)


def test_a_passkey_says_whose_it_is(work: Tx, people: dict[str, Actor], key: Authenticator) -> None:
    assert _use(work, key) == people["carla"].id


def test_an_answer_counts_once(work: Tx, key: Authenticator) -> None:
    asked = passkeys.ask_to_prove(work, HERE)
    _use(work, key, asked)
    with pytest.raises(NotSignedIn, match="too long"):
        _use(work, key, asked)


def test_a_challenge_is_good_for_five_minutes(work: Tx, key: Authenticator) -> None:
    asked = passkeys.ask_to_prove(work, HERE)
    with clock.at(NOON + timedelta(minutes=5)), pytest.raises(NotSignedIn):
        _use(work, key, asked)


def test_a_challenge_for_one_thing_is_no_good_for_another(
    work: Tx, people: dict[str, Actor], key: Authenticator
) -> None:
    with pytest.raises(NotSignedIn):
        _use(work, key, passkeys.ask_to_add(work, HERE, _staff(work, people["fiona"])))


def test_a_forged_challenge_is_refused(work: Tx, key: Authenticator) -> None:
    asked = passkeys.ask_to_prove(work, HERE)
    with pytest.raises(NotSignedIn):
        _use(work, key, Asked(asked.options, "A" * len(asked.challenge)))


def test_a_key_that_did_not_verify_its_person_is_refused(work: Tx, key: Authenticator) -> None:
    key.verifies = False
    with pytest.raises(NotSignedIn):
        _use(work, key)


def test_an_answer_given_on_another_site_is_refused(work: Tx, key: Authenticator) -> None:
    key.origin = "https://biobank.evil.example"
    with pytest.raises(NotSignedIn):
        _use(work, key)


def test_a_counter_that_does_not_rise_tells_of_a_copy(work: Tx, key: Authenticator) -> None:
    _use(work, key)
    key.count -= 1
    with pytest.raises(NotSignedIn):
        _use(work, key)


def test_a_key_that_does_not_count_may_be_used_again(work: Tx, people: dict[str, Actor]) -> None:
    key = Authenticator(counts=False)
    _add(work, people["carla"], key)
    assert _use(work, key) == _use(work, key)


def test_an_unknown_key_and_a_wrong_signature_sound_alike(work: Tx, key: Authenticator) -> None:
    stranger = Authenticator()
    forged = Authenticator(id=key.id)
    said = set()
    for other in (stranger, forged):
        with pytest.raises(NotSignedIn) as refused:
            _use(work, other)
        said.add(str(refused.value))
    assert len(said) == 1


def test_somebody_elses_passkey_does_not_unlock(work: Tx, people: dict[str, Actor], key: Authenticator) -> None:
    fiona = people["fiona"].id
    asked = passkeys.ask_to_prove(work, HERE, fiona)
    with pytest.raises(NotSignedIn):
        passkeys.use(work, HERE, credential=key.get(asked.options), challenge=asked.challenge, staff_id=fiona)


def test_a_passkey_belongs_to_one_account(work: Tx, people: dict[str, Actor], key: Authenticator) -> None:
    with pytest.raises(Conflict):
        _add(work, people["fiona"], key)


def test_a_key_that_verifies_nobody_cannot_be_added(work: Tx, people: dict[str, Actor]) -> None:
    with pytest.raises(Invalid):
        _add(work, people["carla"], Authenticator(verifies=False))


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 3}', "[" * 5000, '{"id": "AAAA", "rawId": "AAAA"}'])
def test_what_is_no_answer_is_refused(work: Tx, key: Authenticator, answer: str) -> None:
    asked = passkeys.ask_to_prove(work, HERE)
    with pytest.raises(Refused):
        passkeys.use(work, HERE, credential=answer, challenge=asked.challenge)


@pytest.mark.parametrize(("domain", "has"), [("localhost", True), ("biobank.example.org", True), ("127.0.0.1", False),
                                             ("[::1]", False)])  # fmt: skip
def test_a_passkey_needs_a_name_not_a_number(domain: str, has: bool) -> None:
    assert Place(domain, "").has_passkeys is has
