"""TaiDoc and FORA blood pressure monitors: eight-byte questions and answers about the records in their memory."""

import re
from datetime import datetime

from biobank.devices import vitals
from biobank.devices.events import DeviceClock, Event, Reading, Reason, Rejected
from biobank.devices.framing import Frame, Piece
from biobank.devices.noise import Noise
from biobank.devices.polling import Polling
from biobank.devices.protocol import DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.protocols import taidoc_asking as asking
from biobank.devices.sized import SizedFramer

_SIZE = asking.SIZE
_FROM_HOST = 0xA3
_MODEL, _CLOCK, _DATE, _VALUES = asking.MODEL, asking.CLOCK, asking.DATE, asking.VALUES
_SAYING = (_MODEL, _CLOCK, _DATE, _VALUES)
_CLIPPED = 255
_NO_FLAGS = (0xC0, 0xE0)


def _is_sound(frame: bytes) -> bool:
    return sum(frame) - frame[-1] & 0xFF == frame[-1]


class RecordFramer:
    """Sound frames of eight bytes; a record's date is joined to its values, and the meter's model before both."""

    def __init__(self) -> None:
        self._sized = SizedFramer(
            head=re.compile(rb"\x51[\x22-\x26\x2b\x33\x43\x50\x52\x54].{4}[\xa3\xa5]", re.DOTALL),
            begun=re.compile(rb"\x51(?:[\x22-\x26\x2b\x33\x43\x50\x52\x54].{0,4})?\Z", re.DOTALL),
            size=lambda _head: _SIZE,
            is_sound=_is_sound,
        )
        self._model = self._date = b""

    @property
    def noise(self) -> Noise:
        return self._sized.noise

    def feed(self, data: bytes) -> list[Piece]:
        joined: list[Piece] = []
        for piece in self._sized.feed(data):
            self._join(piece, joined)
        return joined

    def close(self) -> list[Piece]:
        return [*self._release(), *self._sized.close()]

    def resync(self) -> None:
        self._model = self._date = b""
        self._sized.resync()

    def _join(self, piece: Piece, joined: list[Piece]) -> None:
        if not isinstance(piece, Frame) or piece.data[6] == _FROM_HOST:
            joined.append(piece)
            return
        data = piece.data
        command = data[1]
        if command == _VALUES:
            joined.append(Frame(self._model + self._date + data))
            self._date = b""
            return
        if self._date:
            joined += self._release()
        if command == _DATE:
            self._date = data
            return
        if command == _MODEL:
            self._model = data
        joined.append(piece)

    def _release(self) -> list[Piece]:
        """A date whose values did not follow stands for itself."""
        released, self._date = [Frame(self._date)] if self._date else [], b""
        return [*released]


def decode(frame: bytes) -> Event | None:
    """A record of the memory, or the meter's clock; other answers give None.

    Sources: glucometerutils td42xx and the glucometers-tech page, advmeds-bluetooth-lib. Only the TD-3128 is
    certain to send blood pressure in this layout: records of a meter that names another model are refused.
    """
    if frame[1] not in _SAYING or frame[6] == _FROM_HOST:
        return None
    parts = {frame[at + 1]: frame[at : at + _SIZE] for at in range(0, len(frame), _SIZE)}
    if _MODEL in parts and parts[_MODEL][2:4] not in asking.KNOWN_MODELS:
        model = f"TD-{parts[_MODEL][3]:02X}{parts[_MODEL][2]:02X}"
        return _unsupported(f"{model} is not a blood pressure meter whose records are certain")
    if _CLOCK in parts:
        told = _moment(parts[_CLOCK])
        return None if told is None else DeviceClock(told)
    if _VALUES in parts:
        return _record(parts[_VALUES], parts.get(_DATE))
    return _dated(parts[_DATE]) if _DATE in parts else None


def _dated(date: bytes) -> Event:
    told = _moment(date)
    return _no_such_time() if told is None else Reading((), device_time=told)


def _record(values: bytes, date: bytes | None) -> Event:
    told = None
    if date is not None:
        told = _moment(date)
        if told is None:
            return _no_such_time()
        if date[4] & _NO_FLAGS[0] or date[5] & _NO_FLAGS[1]:
            return _unsupported("the record carries a mark that may mean another kind of measurement")
    systolic, mean, diastolic, pulse = values[2:6]
    if systolic == _CLIPPED:
        return Rejected(
            Reason.OUT_OF_RANGE, "The systolic pressure is at the top of one byte: read it from the display."
        )
    return vitals.pressure(systolic=systolic, diastolic=diastolic, mean=mean, pulse=pulse, device_time=told)


def _moment(frame: bytes) -> str | None:
    """Local ISO text of the date word (year from 2000 in bits 15-9, month 8-5, day 4-0), minute and hour."""
    word = frame[2] | frame[3] << 8
    try:
        # The meter knows minutes of local time and no zone.
        moment = datetime(2000 + (word >> 9), word >> 5 & 15, word & 31, frame[5] & 31, frame[4] & 63)  # noqa: DTZ001
    except ValueError:
        return None
    return moment.isoformat(timespec="minutes")


def _no_such_time() -> Rejected:
    return Rejected(Reason.MALFORMED, "The record's date does not exist: set the meter's clock and measure again.")


def _unsupported(why: str) -> Rejected:
    return Rejected(
        Reason.UNSUPPORTED_FORMAT, f"The meter's record is not read: {why}. Type the values from its display."
    )


PROTOCOL = DeviceProtocol(
    name="taidoc",
    title="TaiDoc TD-3128 and FORA kin, blood pressure",
    settings=Settings(baud=19200),
    evidence=Evidence.OPEN_SOURCE,
    sources=("glucometerutils td42xx with tests", "glucometers-tech protocol page", "advmeds-bluetooth-lib, TD-3128"),
    manner=Manner.REMEMBERED,
    framer=RecordFramer,
    decode=decode,
    polling=Polling(asking.COMMANDS, asking.MemoryConversation),
    note="19200 baud is not confirmed for RS-232: take it from the meter's sheet. "
    "Records made before it was plugged in are refused.",
)
