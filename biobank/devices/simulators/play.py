"""What every simulator is: lines of a script and questions in, bytes and silences out."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Script = Mapping[str, Any]


class BadScript(ValueError):
    """A line of the script cannot be played; the text says what it lacks."""


@dataclass(frozen=True)
class Burst:
    """Bytes sent without a pause, after `after` seconds of silence; with `unplug` the cable is pulled and put back."""

    data: bytes
    after: float = 0.0
    unplug: bool = False


class Device(Protocol):
    """A device on its cable, with what it remembers; moments are local times."""

    def play(self, script: Script, moment: datetime) -> Iterable[Burst]:
        """What it sends by itself for a line of the script; raises BadScript before anything is sent."""

    def answer(self, data: bytes, moment: datetime) -> Iterable[Burst]:
        """What it answers to bytes from the host, in whatever pieces they come."""


class Speaking:
    """A device that speaks by itself and hears nothing."""

    def __init__(self, play: Callable[[Script, datetime], list[Burst]]) -> None:
        self._play = play

    def play(self, script: Script, moment: datetime) -> list[Burst]:
        return self._play(script, moment)

    def answer(self, _data: bytes, _moment: datetime) -> list[Burst]:
        return []


@dataclass(frozen=True)
class Simulator:
    """A kind of device: its speed, a line to try, how one is plugged in, and a person or label made up by chance."""

    baud: int
    example: str
    device: Callable[[], Device]
    someone: Callable[[random.Random], Script]


def needed(script: Script, key: str) -> str:
    """The text of a key; raises BadScript when the script lacks it."""
    if key not in script:
        raise BadScript(f"The line needs {key!r}.")
    return str(script[key])


def tenths(chance: random.Random, low: int, high: int) -> str:
    """A number with one decimal between two whole ones."""
    whole, tenth = divmod(chance.randrange(low * 10, high * 10), 10)
    return f"{whole}.{tenth}"
