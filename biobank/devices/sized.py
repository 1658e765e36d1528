"""The framer of binary devices: frames with a mark, a known size and a check over all their bytes."""

import re
from collections.abc import Callable

from biobank.devices.events import Reason, Rejected
from biobank.devices.framing import Frame, Piece, chunks, unfinished
from biobank.devices.noise import Noise

# In a longer run of noise a failed check says nothing: any bytes look like a frame now and then.
_TRUSTED_RUN = 16


class SizedFramer:
    """Frames found by `head`, of `size(head)` bytes, believed when `is_sound`; `begun` matches a tail of a head.

    A frame whose check fails is reported unless it stands in a run of noise, and never repaired.
    """

    def __init__(
        self,
        *,
        head: re.Pattern[bytes],
        begun: re.Pattern[bytes],
        size: Callable[[bytes], int],
        is_sound: Callable[[bytes], bool],
    ) -> None:
        self.noise = Noise()
        self._head, self._begun, self._size, self._is_sound = head, begun, size, is_sound
        self._buffer = b""

    def feed(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        for chunk in chunks(data):
            self._buffer += chunk
            self._buffer = self._buffer[self._scan(pieces) :]
        return pieces

    def close(self) -> list[Piece]:
        rest = self._buffer
        self.resync()
        if rest and not self.noise.run:
            return [unfinished(rest)]
        self.noise.add(rest)
        return list(self.noise.drain())

    def resync(self) -> None:
        """Forget what is held: the check of the next frame proves its beginning."""
        self._buffer = b""

    def _scan(self, pieces: list[Piece]) -> int:
        """Take every frame there is; where the bytes still needed begin."""
        at = self._run(0, pieces)
        while found := self._head.search(self._buffer, at):
            start = found.start()
            end = start + self._size(found.group())
            if start > at:
                self.noise.add(self._buffer[at:start])
            if end > len(self._buffer):
                return start
            at = self._run(self._judge(start, end, pieces), pieces)
        held = self._begun.search(self._buffer, at)
        cut = held.start() if held else len(self._buffer)
        self.noise.add(self._buffer[at:cut])
        return cut

    def _run(self, at: int, pieces: list[Piece]) -> int:
        """Take the sound frames that stand one after another from here: the usual case; where they stop."""
        buffer, head, size, is_sound = self._buffer, self._head.match, self._size, self._is_sound
        if self.noise.run:
            return at
        while found := head(buffer, at):
            end = at + size(found.group())
            frame = buffer[at:end]
            if end > len(buffer) or not is_sound(frame):
                break
            pieces.append(Frame(frame))
            at = end
        return at

    def _judge(self, start: int, end: int, pieces: list[Piece]) -> int:
        """Take or refuse one frame; where to go on."""
        frame = self._buffer[start:end]
        if self._is_sound(frame):
            if self.noise.run:
                pieces += self.noise.drain()
            pieces.append(Frame(frame))
            return end
        if self.noise.run > _TRUSTED_RUN:
            self.noise.add(frame[:1])
            return start + 1
        again = self._head.search(self._buffer, start + 1, end) or self._begun.search(self._buffer, start + 1, end)
        stop = again.start() if again else end
        message = f"The check of a frame of {len(frame)} bytes failed: repeat the measurement."
        pieces += [*self.noise.drain(), Rejected(Reason.CHECKSUM, message, stop - start)]
        return stop
