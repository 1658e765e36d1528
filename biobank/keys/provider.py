"""What a key provider answers, and how it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from biobank.errors import Refused

KEY_BYTES = 32


class KeysUnavailable(Refused):
    """The keys cannot be reached now, so nothing sealed can be shown or kept."""

    status = 503
    code = "keys-unavailable"


class BadKey(Exception):
    """A wrapped key does not open: another master key, another place, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key under a master key; `master` is that key's id, kept beside the bytes."""

    master: str
    body: bytes


class KeyProvider(Protocol):
    """Named secrets and master keys. `place` is associated data: a wrapped key opens only where it was wrapped.

    Calls raise `KeysUnavailable` when the provider cannot be reached, `BadKey` for what does not open.
    """

    def secret(self, name: str) -> bytes:
        """The 32-byte secret of this name, drawn on first use where the provider can draw."""
        ...

    def current(self) -> str:
        """The id of the master key that wraps what is new."""
        ...

    def wrap(self, items: Sequence[tuple[bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (key, place) under the current master key."""
        ...

    def unwrap(self, items: Sequence[tuple[Wrapped, bytes]]) -> list[bytes]:
        """Open each (wrapped key, place) with the master key it names."""
        ...

    def rotate(self) -> str:
        """Draw a new master key, which is the current one from now on; answers its id."""
        ...

    def retire(self, master: str) -> None:
        """Destroy a master key that is not the current one: what it wrapped never opens again, in no backup either."""
        ...
