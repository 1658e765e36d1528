"""From bytes to events with one protocol: the framer and the decoder, joined."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from biobank.devices.events import DeviceClock, Event, Said
from biobank.devices.framing import Frame, Piece
from biobank.devices.protocol import DeviceProtocol

_KNOWN_FRAMES = 16


class Heard(NamedTuple):
    """An event, with the frame it came from (the subject's identifier blanked) where there was one."""

    event: Event
    raw: bytes = b""


class Decoder:
    """Bytes in, events out, for as long as a port is open."""

    def __init__(self, protocol: DeviceProtocol) -> None:
        self._protocol = protocol
        self._framer = protocol.framer()
        self._known: dict[bytes, Heard | None] = {}
        self.frames = 0

    @property
    def noise(self) -> int:
        """How many bytes so far belonged to no frame."""
        return self._framer.noise.total

    @property
    def hint(self) -> str:
        """What the noise of the moment looks like: wrong serial settings, or nothing known."""
        return self._framer.noise.hint()

    def feed(self, data: bytes) -> list[Heard]:
        return self._hear(self._framer.feed(data))

    def close(self) -> list[Heard]:
        return self._hear(self._framer.close())

    def resync(self) -> None:
        self._framer.resync()

    def _hear(self, pieces: list[Piece]) -> list[Heard]:
        heard = []
        for piece in pieces:
            if isinstance(piece, Frame):
                self.frames += 1
                said = self._read(piece.data)
            else:
                said = Heard(piece)
            if said is not None:
                heard.append(said)
        return heard

    def _read(self, data: bytes) -> Heard | None:
        """What a frame says; scales repeat themselves, and the same bytes say the same."""
        if data in self._known:
            return self._known[data]
        event = self._protocol.decode(data)
        said = None if event is None else Heard(event, self._protocol.blank(data))
        if len(self._known) >= _KNOWN_FRAMES:
            self._known.clear()
        self._known[data] = said
        return said


def decode_stream(protocol: DeviceProtocol, chunks: Iterable[bytes]) -> Iterator[Said]:
    """Every event of a recorded stream in order; no rule of capture is applied."""
    decoder = Decoder(protocol)
    for chunk in chunks:
        yield from _said(decoder.feed(chunk))
    yield from _said(decoder.close())


def _said(heard: list[Heard]) -> Iterator[Said]:
    return (one.event for one in heard if not isinstance(one.event, DeviceClock))
