"""SunTech Advantage OEM blood pressure modules: frames with their own length, whose bytes add up to zero."""

import re

from biobank.devices import vitals
from biobank.devices.events import DeviceError, Event, Reason, Rejected
from biobank.devices.polling import Polling
from biobank.devices.protocol import Act, DeviceProtocol, Evidence, Manner, Settings
from biobank.devices.sized import SizedFramer

READ_RESULT = bytes.fromhex("3a7903004a")
# An adult's cycle; and its end, in the same bytes in three open-source drivers.
START_CUFF = bytes.fromhex("3a20a6")
STOP_CUFF = bytes.fromhex("3a7901004c")
_DONE = bytes.fromhex("3e044b73")
_RESULT_SIZE = 24
_STOPPING_SECONDS = 3.0
_FROM_HOST = 0x3A
_HOST_SIZES = {0x20: 3, 0x79: 5}


def framer() -> SizedFramer:
    """`3E` and a length of 4, 5 or 24, all bytes adding up to 0 modulo 256; a host's `3A` frames are passed over."""
    return SizedFramer(
        head=re.compile(rb"\x3e[\x04\x05\x18]|\x3a\x20\xa6|\x3a\x79[\x01\x03\x05]\x00"),
        begun=re.compile(rb"(?:\x3e|\x3a(?:\x20|\x79[\x01\x03\x05]?)?)\Z"),
        size=lambda head: _HOST_SIZES[head[1]] if head[0] == _FROM_HOST else head[1],
        is_sound=lambda frame: sum(frame) & 0xFF == 0,
    )


def decode(frame: bytes) -> Event | None:
    """Pressures, mean and heart rate of a result (the maker's worked example, as an open-source driver quotes it).

    Cuff pressures and acknowledgements say nothing and give None.
    """
    if len(frame) != _RESULT_SIZE:
        return None
    if frame[20]:
        return DeviceError(
            "device", f"The blood pressure module reports error {frame[20]}: check cuff and posture, measure again."
        )
    if frame[17]:
        return Rejected(
            Reason.UNSUPPORTED_FORMAT, "The module's result carries a byte no source explains: type the values."
        )
    return vitals.pressure(
        systolic=int.from_bytes(frame[2:4], "little"),
        diastolic=int.from_bytes(frame[4:6], "little"),
        mean=int.from_bytes(frame[18:20], "little"),
        pulse=frame[16],
    )


class ResultConversation:
    """Asks for the result once a cycle has ended here, so that an older one is never taken; starts no cycle."""

    def __init__(self) -> None:
        self._heard = b""
        self._wanted = False
        self._stopped_at: float | None = None

    def due(self, at: float) -> bytes | None:
        if not self._wanted:
            return None
        self._wanted = False
        # The end of a cycle that was stopped has no result of its own.
        stopped = self._stopped_at is not None and at - self._stopped_at < _STOPPING_SECONDS
        return None if stopped else READ_RESULT

    def acted(self, act: str, at: float) -> None:
        self._stopped_at = at if act == Act.STOP_CUFF else None

    def hear(self, data: bytes) -> None:
        self._heard += data
        self._wanted = self._wanted or _DONE in self._heard
        # Enough for an ending that came in pieces, too little to find the same one again.
        self._heard = b"" if self._wanted else self._heard[-len(_DONE) + 1 :]


PROTOCOL = DeviceProtocol(
    name="suntech",
    title="SunTech Advantage OEM NIBP module",
    settings=Settings(baud=9600),
    evidence=Evidence.OPEN_SOURCE,
    sources=("DesktopFX suntech tests, quoting SunTech's manual",),
    manner=Manner.ONCE_CHECKED,
    framer=framer,
    decode=decode,
    polling=Polling((READ_RESULT,), ResultConversation),
    acts={Act.START_CUFF: START_CUFF, Act.STOP_CUFF: STOP_CUFF},
    note="Started at the device, or by a click on the page. A SunTech 247 or CT40 may speak otherwise: not read.",
)
