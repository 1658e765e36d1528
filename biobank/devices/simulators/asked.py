"""Scales that speak only when asked: what is on the platform changes by the script, and each question is answered."""

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from biobank.devices.simulators import faults
from biobank.devices.simulators.platform import Shown, shown
from biobank.devices.simulators.play import Burst, Script

_STANDING_SECONDS = 4.0
_MOVING_SECONDS = 0.5
_ANSWERING_SECONDS = 0.02


@dataclass(frozen=True)
class Platform:
    """What the scale would answer about now."""

    weight: str = "0.0"
    locked: bool = True
    unit: str = "kg"
    over: bool = False


class AskedScale:
    """A scale with a grammar of questions; `reply` gives the bytes for one, empty for silence.

    A line of the script puts a person on for `seconds` (4), `overload` too much; then the platform is empty again.
    """

    def __init__(self, questions: re.Pattern[bytes], reply: Callable[[bytes, Platform], bytes]) -> None:
        self._questions, self._reply = questions, reply
        self._platform = Platform()
        self._fault: object = None
        self._asked = b""
        self._chance = random.Random(1)  # noqa: S311 - noise must be the same at every run

    def play(self, script: Script, _moment: datetime) -> Iterable[Burst]:
        unit = str(script.get("unit", "kg"))
        if script.get("overload"):
            steps = [(Platform("0.0", unit=unit, over=True), float(script.get("seconds", _STANDING_SECONDS)))]
        else:
            steps = [_step(one, script, unit) for one in shown({**script, "frames": 1, "silent": True})]
        faults.spoil([], script.get("fault"), self._chance)
        return self._stand(steps, script)

    def answer(self, data: bytes, _moment: datetime) -> Iterator[Burst]:
        self._asked += data
        while found := self._questions.search(self._asked):
            self._asked = self._asked[found.end() :]
            reply = self._reply(found.group(), self._platform)
            bursts = [Burst(reply, _ANSWERING_SECONDS)] if reply else []
            yield from faults.spoil(bursts, self._fault, self._chance)

    def _stand(self, steps: list[tuple[Platform, float]], script: Script) -> Iterator[Burst]:
        self._fault = script.get("fault")
        for platform, seconds in steps:
            self._platform = platform
            yield Burst(b"", seconds)
        self._fault = None
        self._platform = Platform(unit=self._platform.unit)


def _step(one: Shown, script: Script, unit: str) -> tuple[Platform, float]:
    standing = float(script.get("seconds", _STANDING_SECONDS))
    return Platform(one.weight, one.locked, unit), standing if one.locked else _MOVING_SECONDS
