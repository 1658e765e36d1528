"""How a device that speaks only when asked is asked: its read commands, and when the next one is due."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Conversation(Protocol):
    """One conversation, from the opening of the port to its loss; `at` is a monotonic time in seconds."""

    def due(self, at: float) -> bytes | None:
        """The command to send now, or None."""

    def hear(self, data: bytes) -> None:
        """Take the next bytes the device sent."""

    def acted(self, act: str, at: float) -> None:
        """A person's command was sent just now."""


@dataclass(frozen=True)
class Polling:
    """Every command that may ever be sent to a device, all of which only read, and how a conversation begins."""

    commands: tuple[bytes, ...]
    begin: Callable[[], Conversation]


class Repeating:
    """The same question again and again; whatever the device answers is for the decoder."""

    def __init__(self, command: bytes, every_seconds: float) -> None:
        self._command, self._every = command, every_seconds
        self._asked: float | None = None

    def due(self, at: float) -> bytes | None:
        if self._asked is not None and at - self._asked < self._every:
            return None
        self._asked = at
        return self._command

    def hear(self, data: bytes) -> None:
        """Nothing that is answered changes the next question."""

    def acted(self, act: str, at: float) -> None:
        """What only reads goes on reading."""


def repeat(command: bytes, every_seconds: float) -> Polling:
    """Ask one thing every so many seconds."""
    return Polling((command,), lambda: Repeating(command, every_seconds))
