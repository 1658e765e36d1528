"""Passwords: argon2id by RFC 9106, four at a time so that many attempts cannot exhaust the memory."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second choice: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
_slots = BoundedSemaphore(4)
MINIMUM_LENGTH = 12
# Verified when there is no such person, so that the answer takes as long as for one who exists.
_NOBODY = _hasher.hash("nobody has this password")


def make_hash(password: str) -> str:
    """The hash to keep; it names its own algorithm and costs."""
    with _slots:
        return _hasher.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether the password belongs to the kept hash. Takes as long when there is none."""
    with _slots:
        try:
            return _hasher.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
