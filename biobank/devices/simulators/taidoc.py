"""A TaiDoc TD-3128 with its memory: every measurement is a record, and questions of eight bytes are answered."""

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, needed

_QUESTION = re.compile(rb"\x51.{5}\xa3.", re.DOTALL)
_LOOKING_SECONDS = 3.0
_ANSWERING_SECONDS = 0.02
_MEMORY = 200
_ANSWERS = {0x22, 0x23, 0x24, 0x25, 0x26, 0x2B}


class Meter:
    """Records newest first, each a moment and four values of one byte: systolic, mean, diastolic, pulse."""

    def __init__(self) -> None:
        self._records: list[tuple[datetime, bytes]] = []
        self._model = "3128"
        self._asked = b""

    def play(self, script: Script, moment: datetime) -> Iterator[Burst]:
        """A measurement `minutes` from now on the meter's clock (0), held in memory; silence while it is fetched."""
        if "model" in script:
            self._model = str(script["model"])
            return iter([Burst(b"")])
        record = (moment + timedelta(minutes=int(script.get("minutes", 0))), _values(script))
        return self._measure(record)

    def answer(self, data: bytes, moment: datetime) -> Iterator[Burst]:
        self._asked += data
        while found := _QUESTION.search(self._asked):
            self._asked = self._asked[found.end() :]
            if found.group()[1] in _ANSWERS:
                yield Burst(_frame(found.group()[1], self._data(found.group(), moment)), _ANSWERING_SECONDS)

    def _measure(self, record: tuple[datetime, bytes]) -> Iterator[Burst]:
        self._records = [record, *self._records[: _MEMORY - 1]]
        yield Burst(b"", _LOOKING_SECONDS)

    def _data(self, question: bytes, moment: datetime) -> bytes:
        number = int.from_bytes(question[2:4], "little")
        if question[1] == 0x24:
            return bytes.fromhex(self._model)[::-1] + bytes(2)
        if question[1] == 0x23:
            return _stamp(moment)
        if question[1] == 0x2B:
            return len(self._records).to_bytes(2, "little") + bytes(2)
        if number >= len(self._records) or question[1] == 0x22:
            return bytes(4)
        return _stamp(self._records[number][0]) if question[1] == 0x25 else self._records[number][1]


def _values(script: Script) -> bytes:
    systolic, diastolic, pulse = (int(needed(script, key)) for key in ("systolic", "diastolic", "pulse"))
    mean = int(script.get("mean", diastolic + (systolic - diastolic) // 3))
    if not all(0 <= value <= 255 for value in (systolic, mean, diastolic, pulse)):
        raise BadScript("Every value has one byte: 0 to 255.")
    return bytes([systolic, mean, diastolic, pulse])


def _stamp(moment: datetime) -> bytes:
    """Year, month and day packed in two bytes, low one first; minute; hour."""
    day = (moment.year - 2000) * 512 + moment.month * 32 + moment.day
    return bytes([day % 256, day // 256, moment.minute, moment.hour])


def _frame(code: int, data: bytes) -> bytes:
    total = 0x51 + code + sum(data) + 0xA5
    return bytes([0x51, code]) + data + bytes([0xA5, total % 256])


def _someone(chance: random.Random) -> dict[str, Any]:
    systolic = chance.randrange(95, 165)
    return {"systolic": systolic, "diastolic": systolic - chance.randrange(30, 55), "pulse": chance.randrange(52, 100)}


SIMULATOR = Simulator(19200, '{"systolic": "120", "diastolic": "80", "pulse": "72"}', Meter, _someone)
