"""What every simulator is: lines of a script in, bytes and silences out."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Script = Mapping[str, Any]


class BadScript(ValueError):
    """A line of the script cannot be played; the text says what it lacks."""


@dataclass(frozen=True)
class Burst:
    """Bytes sent without a pause, after `after` seconds of silence."""

    data: bytes
    after: float = 0.0


@dataclass(frozen=True)
class Simulator:
    """A device: what it sends for a line of the script at a local time, and a person or label made up by chance."""

    baud: int
    example: str
    play: Callable[[Script, datetime], list[Burst]]
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
