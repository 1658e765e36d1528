"""A SunTech Advantage module: says when a cycle is done, and gives its result when asked."""

import random
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from biobank.devices.simulators.play import Burst, Script, Simulator, needed

_QUESTION = re.compile(rb"\x3a(?:\x20\xa6|\x79\x05\x00\x48|\x79\x03\x00\x4a|\x79\x01\x00\x4c)")
_GET_CUFF, _GET_RESULT = bytes.fromhex("3a79050048"), bytes.fromhex("3a7903004a")
_START = bytes.fromhex("3a20a6")
_CYCLE_SECONDS = 2.0
_ANSWERING_SECONDS = 0.02


class Module:
    """The result of the last cycle, if there was one, and whom a cycle started by the host will find.

    A line `{"next": {...}}` puts an arm into the cuff; the cycle the host starts then takes two seconds here.
    """

    def __init__(self) -> None:
        self._result = bytes(21)
        self._asked = b""
        self._next: Script | None = None

    def play(self, script: Script, _moment: datetime) -> Iterator[Burst]:
        """A cycle that ends now, started by a person at the module; `error` is its number."""
        if isinstance(script.get("next"), dict):
            self._next = script["next"]
            _result(self._next)
            return iter(())
        return self._end(_result(script))

    def answer(self, data: bytes, _moment: datetime) -> Iterator[Burst]:
        self._asked += data
        while found := _QUESTION.search(self._asked):
            self._asked = self._asked[found.end() :]
            if found.group() == _START and self._next is not None:
                yield from self._cycle(self._next)
            if found.group() == _GET_CUFF:
                yield Burst(_frame(bytes(2)), _ANSWERING_SECONDS)
            if found.group() == _GET_RESULT:
                yield Burst(_frame(self._result), _ANSWERING_SECONDS)

    def _cycle(self, script: Script) -> Iterator[Burst]:
        """A cycle the host started; this short one is over before a stop could be heard."""
        self._next = None
        yield Burst(b"", _CYCLE_SECONDS)
        yield from self._end(_result(script))

    def _end(self, result: bytes) -> Iterator[Burst]:
        self._result = result
        yield Burst(_frame(b"K"))


def _result(script: Script) -> bytes:
    """The 21 bytes between head and check; raises BadScript for a line that lacks one."""
    systolic, diastolic, pulse = (
        0 if "error" in script else int(needed(script, key)) for key in ("systolic", "diastolic", "pulse")
    )
    mean = int(script.get("mean", diastolic + (systolic - diastolic) // 3))
    words = [value.to_bytes(2, "little") for value in (systolic, diastolic)]
    tests = bytes(6) + b"\x31\x07"
    result = b"".join(words) + b"\x1e\x01" + tests + bytes([pulse, 0]) + mean.to_bytes(2, "little")
    return result + bytes([int(script.get("error", 0)), 0, 0])


def _frame(content: bytes) -> bytes:
    """3E, the length of all, the content, and what makes the sum of all bytes 0 modulo 256."""
    body = bytes([0x3E, len(content) + 3]) + content
    return body + bytes([-sum(body) % 256])


def _someone(chance: random.Random) -> dict[str, Any]:
    systolic = chance.randrange(95, 165)
    return {"systolic": systolic, "diastolic": systolic - chance.randrange(30, 55), "pulse": chance.randrange(52, 100)}


SIMULATOR = Simulator(9600, '{"systolic": "115", "diastolic": "74", "pulse": "85"}', Module, _someone)
