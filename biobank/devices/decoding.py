"""From bytes to events with one protocol: the framer and the decoder, joined."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from biobank.devices.events import Event
from biobank.devices.framing import Frame, Piece
from biobank.devices.protocol import DeviceProtocol


@dataclass(frozen=True)
class Heard:
    """An event, with the frame it came from (the subject's identifier blanked) where there was one."""

    event: Event
    raw: bytes = b""


class Decoder:
    """Bytes in, events out, for as long as a port is open."""

    def __init__(self, protocol: DeviceProtocol) -> None:
        self._protocol = protocol
        self._framer = protocol.framer()

    @property
    def noise(self) -> int:
        """How many bytes so far belonged to no frame."""
        return self._framer.noise.total

    def feed(self, data: bytes) -> list[Heard]:
        return self._hear(self._framer.feed(data))

    def close(self) -> list[Heard]:
        return self._hear(self._framer.close())

    def resync(self) -> None:
        self._framer.resync()

    def _hear(self, pieces: list[Piece]) -> list[Heard]:
        heard = []
        for piece in pieces:
            if not isinstance(piece, Frame):
                heard.append(Heard(piece))
            elif (event := self._protocol.decode(piece.data)) is not None:
                heard.append(Heard(event, self._protocol.blank(piece.data)))
        return heard


def decode_stream(protocol: DeviceProtocol, chunks: Iterable[bytes]) -> Iterator[Event]:
    """Every event of a recorded stream in order; no rule of capture is applied."""
    decoder = Decoder(protocol)
    for chunk in chunks:
        yield from (heard.event for heard in decoder.feed(chunk))
    yield from (heard.event for heard in decoder.close())
