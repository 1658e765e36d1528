"""The codes of an authenticator app, against the vectors of RFC 6238, and none counts twice."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.access import factors, totp
from biobank.access.factor_models import RecoveryCode, TotpFactor
from biobank.actor import Actor, Role
from biobank.db import Databases
from biobank.errors import Conflict, Invalid
from tests.access.factories import staffed
from tests.conftest import NOON

RFC_SECRET = b"12345678901234567890"
STEP = int(NOON.timestamp()) // totp.STEP_SECONDS


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    # The RFC prints eight digits; six digits are its last six.
    assert totp.code_at(RFC_SECRET, seconds // 30) == code[-6:]


@given(st.integers(4, 2**40), st.integers(-3, 3))
def test_a_code_fits_one_step_early_or_late_and_no_more(step: int, off: int) -> None:
    code = totp.code_at(RFC_SECRET, step + off)
    around = {totp.code_at(RFC_SECRET, step + near) for near in (-1, 0, 1)}
    assert (totp.matching_step(RFC_SECRET, code, step * 30 + 29) is not None) == (code in around)


def test_the_picture_tells_the_app_whose_account_it_is() -> None:
    address = totp.address(RFC_SECRET, "ann lee", "Biobank")
    secret = base64.b32encode(RFC_SECRET).decode()
    assert address == f"otpauth://totp/Biobank%3Aann%20lee?secret={secret}&issuer=Biobank"


@pytest.fixture
def carla(databases: Databases) -> Actor:
    return staffed(databases, carla=Role.CLINIC)["carla"]


@pytest.fixture
def secret(databases: Databases, carla: Actor, noon: object) -> bytes:
    """Carla's app, confirmed with the code of one step ago."""
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        drawn = factors.begin_totp(tx, carla.id)
        factors.confirm_totp(tx, carla.id, totp.code_at(drawn, STEP - 1))
    return drawn


def _use(databases: Databases, carla: Actor, code: str) -> bool:
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        return factors.use_totp(tx, carla.id, code)


def test_a_code_counts_once(databases: Databases, carla: Actor, secret: bytes) -> None:
    code = totp.code_at(secret, STEP)
    assert [_use(databases, carla, code), _use(databases, carla, code)] == [True, False]


def test_an_earlier_code_does_not_count_after_a_later_one(databases: Databases, carla: Actor, secret: bytes) -> None:
    assert _use(databases, carla, totp.code_at(secret, STEP + 1))
    assert not _use(databases, carla, totp.code_at(secret, STEP))


def test_the_code_that_confirmed_the_app_does_not_sign_in(databases: Databases, carla: Actor, secret: bytes) -> None:
    assert not _use(databases, carla, totp.code_at(secret, STEP - 1))


def test_an_app_that_was_never_confirmed_does_not_count(databases: Databases, carla: Actor, noon: object) -> None:
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        drawn = factors.begin_totp(tx, carla.id)
        assert not factors.use_totp(tx, carla.id, totp.code_at(drawn, STEP))
        with pytest.raises(Invalid):
            factors.confirm_totp(tx, carla.id, "000000" if totp.code_at(drawn, STEP) != "000000" else "111111")


def test_a_second_app_does_not_take_the_place_of_the_first(databases: Databases, carla: Actor, secret: bytes) -> None:
    assert carla.id is not None
    with databases.transaction(carla) as tx, pytest.raises(Conflict):
        factors.begin_totp(tx, carla.id)


def test_the_secret_is_sealed_in_the_database(databases: Databases, carla: Actor, secret: bytes) -> None:
    with databases.transaction(read_only=True) as tx:
        kept = tx.session.query(TotpFactor).one()
    assert secret not in kept.sealed
    assert base64.b32encode(secret) not in kept.sealed


def test_each_recovery_code_lets_in_once(databases: Databases, carla: Actor) -> None:
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        codes = factors.make_recovery_codes(tx, carla.id)
        assert len(set(codes)) == 10
        typed = codes[3].lower().replace("-", " ")
        assert [factors.use_recovery_code(tx, carla.id, typed) for _ in range(2)] == [True, False]
        assert all(code.replace("-", "") not in kept.code_hash for code in codes
                   for kept in tx.session.query(RecoveryCode))  # fmt: skip


def test_new_recovery_codes_make_the_old_ones_worthless(databases: Databases, carla: Actor) -> None:
    assert carla.id is not None
    with databases.transaction(carla) as tx:
        old = factors.make_recovery_codes(tx, carla.id)
        factors.make_recovery_codes(tx, carla.id)
        assert not factors.use_recovery_code(tx, carla.id, old[0])


def test_a_code_of_the_next_half_minute_but_one_is_too_early(databases: Databases, carla: Actor, secret: bytes) -> None:
    code = totp.code_at(secret, STEP + 2)
    assert not _use(databases, carla, code)
    with clock.at(NOON + timedelta(seconds=30)):
        assert _use(databases, carla, code)
