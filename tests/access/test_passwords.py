"""Passwords: long, uncommon, unbreached; hashed by either scheme and moved to the chosen one."""

import hashlib
from collections.abc import Iterator

import pytest

from biobank.access import actions, entrance, passwords
from biobank.access.models import Staff
from biobank.access.password_rules import is_common, require_good, was_breached
from biobank.access.passwords import Scheme
from biobank.actor import Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Invalid, UnsafeSettings
from tests.access.factories import PASSWORD, staffed


@pytest.fixture
def fips() -> Iterator[None]:
    passwords.choose("pbkdf2-sha256")
    yield
    passwords.choose("argon2id")


@pytest.mark.parametrize(
    "password",
    ["password1234", "Sunshine!2024", "passwordpassword", "P@ssw0rd!!!!", "iloveyou1234", "qwertyuiop123",
     "aaaaaaaaaaaaaa", "abababababab", "123456789012", "monkeymonkey99"],
)  # fmt: skip
def test_a_common_password_is_seen_through_its_disguise(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", [PASSWORD, "walk in the park", "marmalade quartz 84 kite", "zgt4-bbq9-hw2m"])
def test_unrelated_words_are_welcome(password: str) -> None:
    require_good(password, username="carla")


def test_the_sign_in_name_is_no_password() -> None:
    with pytest.raises(Invalid, match="sign-in name"):
        require_good("xx-CARLA-reyes-xx", username="carla")


def test_a_breach_is_asked_by_five_digits_only() -> None:
    asked: list[str] = []
    digest = hashlib.sha1(b"a breached pass phrase", usedforsecurity=False).hexdigest().upper()

    def ranges(prefix: str) -> str:
        asked.append(prefix)
        return f"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n{digest[5:]}:42\r\n"

    assert was_breached("a breached pass phrase", ranges)
    assert not was_breached("another pass phrase", ranges)
    assert asked[0] == digest[:5]


def test_padding_of_the_service_is_no_breach() -> None:
    digest = hashlib.sha1(b"a padded pass phrase", usedforsecurity=False).hexdigest().upper()
    assert not was_breached("a padded pass phrase", lambda _prefix: f"{digest[5:]}:0")


def test_pbkdf2_takes_the_place_where_fips_demands_it(fips: None) -> None:
    kept = passwords.make_hash(PASSWORD)
    assert kept.startswith("pbkdf2-sha256$600000$")
    assert passwords.is_right(kept, PASSWORD)
    assert not passwords.is_right(kept, "wrong")
    assert not passwords.is_right(None, PASSWORD)


def test_a_kept_hash_moves_to_the_chosen_scheme_at_sign_in(
    databases: Databases, settings: Settings, fips: None
) -> None:
    passwords.choose(Scheme.ARGON2ID)
    carla = staffed(databases, carla=Role.CLINIC)["carla"]
    passwords.choose(Scheme.PBKDF2)
    actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")
    with databases.transaction(read_only=True) as tx:
        assert tx.session.get_one(Staff, carla.id).password_hash.startswith(Scheme.PBKDF2)


def test_an_unknown_scheme_stops_the_start() -> None:
    with pytest.raises(UnsafeSettings, match="argon2id"):
        passwords.choose("md5")


def test_one_box_takes_passwords_and_codes() -> None:
    given = ["123 456", "ABCDE-FGHJK", "correct horse battery"]
    found = [entrance.method_of({"secret": text}) for text in given]
    assert found == ["totp", "recovery", "password"]
