"""Passwords: argon2id by RFC 9106 or PBKDF2 where FIPS-approved algorithms are demanded, four hashes at a time."""

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from biobank.errors import UnsafeSettings

# OWASP's second choice: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# OWASP's count for PBKDF2-HMAC-SHA-256 (NIST SP 800-132).
_ROUNDS = 600_000
# Many attempts at once must not exhaust the memory.
_slots = BoundedSemaphore(4)
MINIMUM_LENGTH = 12


class Scheme(StrEnum):
    """How new passwords are hashed."""

    ARGON2ID = "argon2id"
    PBKDF2 = "pbkdf2-sha256"


_scheme = Scheme.ARGON2ID


def choose(name: str) -> None:
    """Make this the scheme of new hashes; kept ones are made anew when their person signs in."""
    global _scheme  # noqa: PLW0603 - one policy for the process is the point
    try:
        _scheme = Scheme(name)
    except ValueError:
        wanted = ", ".join(Scheme)
        raise UnsafeSettings(f"BIOBANK_PASSWORD_HASH={name!r} is not usable; it must be {wanted}.") from None


def _pbkdf2(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)


def _make(password: str, scheme: Scheme) -> str:
    if scheme is Scheme.ARGON2ID:
        return _hasher.hash(password)
    salt = secrets.token_bytes(16)
    parts = (base64.b64encode(part).decode() for part in (salt, _pbkdf2(password, salt, _ROUNDS)))
    return "$".join([scheme, str(_ROUNDS), *parts])


@cache
def _nobody(scheme: Scheme) -> str:
    """Verified when there is no such person, so that the answer takes as long as for one who exists."""
    return _make("nobody has this password", scheme)


def make_hash(password: str) -> str:
    """The hash to keep; it names its own algorithm and costs."""
    with _slots:
        return _make(password, _scheme)


def is_right(kept: str | None, password: str) -> bool:
    """Whether the password belongs to the kept hash. Takes as long when there is none."""
    with _slots:
        return _fits(kept or _nobody(_scheme), password) and kept is not None


def _fits(kept: str, password: str) -> bool:
    if kept.startswith(Scheme.PBKDF2):
        _, rounds, salt, hashed = kept.split("$")
        made = _pbkdf2(password, base64.b64decode(salt), int(rounds))
        return hmac.compare_digest(made, base64.b64decode(hashed))
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash is of another scheme or cost than new ones are."""
    if _scheme is Scheme.ARGON2ID:
        return not kept.startswith("$argon2") or _hasher.check_needs_rehash(kept)
    return not kept.startswith(f"{_scheme}${_ROUNDS}$")
