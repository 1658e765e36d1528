"""Framers: bytes in, whole frames or refusals out, whatever the pieces the bytes came in, in bounded memory."""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from biobank.devices.events import Reason, Rejected
from biobank.devices.noise import Noise

_CHUNK = 4096
_LONGEST_START = 8
_UNPRINTABLE = re.compile(rb"[^\x20-\x7e]")
_TO_LAST_UNPRINTABLE = re.compile(rb"(?s:.*)[^\x20-\x7e\r\n]")


class Frame(NamedTuple):
    """The bytes of one whole frame."""

    data: bytes


Piece = Frame | Rejected


class Framer(Protocol):
    """What the port's loop and the decoder need of any framer."""

    @property
    def noise(self) -> Noise:
        """What belonged to no frame."""

    def feed(self, data: bytes) -> list[Piece]:
        """Take the next bytes; give the frames and refusals they complete, in order."""

    def close(self) -> list[Piece]:
        """The stream has ended or fallen silent: give at most one refusal for what is left, and start afresh."""

    def resync(self) -> None:
        """Forget what is held and trust nothing before the next boundary (the stream was joined half-way)."""


class DelimitedFramer:
    """Frames that begin with one of a few marks and end with another.

    `begun` matches a tail that may still become a start, `restart` a start that cannot stand inside a frame and
    `illegal` a byte that cannot. A broken frame is reported only if it was `committed`, else it counts as noise;
    bytes of `quiet` between frames do not count at all. No frame is longer than `limit` bytes. `whole` matches a
    frame in which nothing is wrong: the usual case, taken without a search.
    """

    def __init__(
        self,
        *,
        starts: re.Pattern[bytes],
        restart: re.Pattern[bytes],
        end: bytes,
        begun: re.Pattern[bytes],
        illegal: re.Pattern[bytes],
        limit: int,
        committed: re.Pattern[bytes],
        whole: re.Pattern[bytes],
        quiet: bytes = b"",
    ) -> None:
        self.noise = Noise()
        self._whole = whole
        self._starts, self._restart, self._end = starts, restart, end
        self._begun, self._illegal = begun, illegal
        self._committed, self._limit, self._quiet = committed, limit, quiet
        self._buffer = b""
        self._inside = False

    def feed(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        for chunk in chunks(data):
            self._buffer += chunk
            while self._step(pieces):
                pass
        return pieces

    def close(self) -> list[Piece]:
        rest, inside = self._buffer, self._inside
        self.resync()
        if (inside and self._committed.match(rest)) or (not inside and rest and not self.noise.run):
            self.noise.forget()
            return [unfinished(rest)]
        self._discard(rest)
        return list(self.noise.drain())

    def resync(self) -> None:
        self._buffer, self._inside = b"", False

    def _step(self, pieces: list[Piece]) -> bool:
        """Do one thing to the buffer; False when more bytes are needed."""
        return self._take(pieces) if self._inside else self._run(pieces) or self._seek()

    def _run(self, pieces: list[Piece]) -> bool:
        """Take the whole frames at the beginning of the buffer; True if there was one."""
        at = 0
        while found := self._whole.match(self._buffer, at):
            if self.noise.run:
                pieces += self.noise.drain()
            pieces.append(Frame(found.group()))
            at = found.end()
        self._buffer = self._buffer[at:]
        return at > 0

    def _seek(self) -> bool:
        found = self._starts.search(self._buffer)
        if found is None:
            held = self._begun.search(self._buffer)
            cut = held.start() if held else len(self._buffer)
        else:
            cut = found.start()
            self._inside = True
        self._discard(self._buffer[:cut])
        self._buffer = self._buffer[cut:]
        return found is not None

    def _take(self, pieces: list[Piece]) -> bool:
        end = self._buffer.find(self._end, 1)
        stop = len(self._buffer) if end < 0 else end
        broken = self._break(stop)
        if broken is not None:
            self._abandon(broken, pieces)
            return True
        if end < 0:
            return False
        size = end + len(self._end)
        pieces += [*self.noise.drain(), Frame(self._buffer[:size])]
        self._buffer, self._inside = self._buffer[size:], False
        return True

    def _break(self, stop: int) -> int | None:
        """Where the frame at hand stops making sense before `stop`, or None."""
        again = self._restart.search(self._buffer, 1, stop)
        wrong = self._illegal.search(self._buffer, 0, stop + 1)
        places = [found.start() for found in (again, wrong) if found]
        if stop > self._limit + _LONGEST_START:
            places.append(self._limit)
        return min(places, default=None)

    def _abandon(self, size: int, pieces: list[Piece]) -> None:
        piece, self._buffer, self._inside = self._buffer[:size], self._buffer[size:], False
        if not self._committed.match(piece):
            self._discard(piece)
        else:
            pieces += [*self.noise.drain(), _broken(piece)]

    def _discard(self, data: bytes) -> None:
        self.noise.add(data.translate(None, self._quiet))


class LineFramer:
    """Printable lines of `least` to `limit` bytes, ended by any of `terminators` (the longest first).

    Bytes of `quiet` at the start of a line do not count. `whole` matches such bytes and a line (group `line`) with
    its end: the usual case, taken without a search.

    `begun` tells an unfinished line from noise; after noise in the same line only a tail that is a whole `rescue`
    is believed; `foreign` matches, at the start of a line, another format that must be refused at once.
    """

    def __init__(
        self,
        *,
        terminators: re.Pattern[bytes],
        begun: re.Pattern[bytes],
        rescue: re.Pattern[bytes],
        foreign: re.Pattern[bytes] | None = None,
        least: int = 1,
        limit: int = 128,
        quiet: bytes = b"\r\n",
        whole: re.Pattern[bytes] | None = None,
    ) -> None:
        self.noise = Noise()
        self._quiet = quiet
        self._whole = whole or re.compile(
            rb"[%s]*(?P<line>[\x20-\x7e]{%d,%d})(?:%s)" % (re.escape(quiet), least, limit, terminators.pattern)
        )
        self._terminators, self._begun, self._rescue, self._foreign = terminators, begun, rescue, foreign
        self._least, self._limit = least, limit
        self._buffer = b""
        self._dirty = False

    def feed(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        for chunk in chunks(data):
            self._buffer += chunk
            while self._step(pieces):
                pass
        return pieces

    def close(self) -> list[Piece]:
        rest, dirty = self._buffer.strip(self._quiet), self._dirty
        self._buffer, self._dirty = b"", False
        if rest and not dirty and self._begun.match(rest):
            self.noise.forget()
            return [unfinished(rest)]
        self.noise.add(rest)
        return list(self.noise.drain())

    def resync(self) -> None:
        self._buffer, self._dirty = b"", True

    def _step(self, pieces: list[Piece]) -> bool:
        if not self._dirty:
            if self._run(pieces):
                return True
            self._buffer = self._buffer.lstrip(self._quiet)
        if self._foreign and not self._dirty and (other := self._foreign.match(self._buffer)):
            pieces += [*self.noise.drain(), Frame(other.group())]
            self._buffer = self._buffer[other.end() :]
            return True
        end = self._terminators.search(self._buffer)
        if end is None:
            self._shorten()
            return False
        line, self._buffer = self._buffer[: end.start()], self._buffer[end.end() :]
        pieces += self._line(line)
        return True

    def _run(self, pieces: list[Piece]) -> bool:
        """Take the whole lines at the beginning of the buffer; True if there was one."""
        at = 0
        while found := self._whole.match(self._buffer, at):
            if self.noise.run:
                pieces += self.noise.drain()
            pieces.append(Frame(found["line"]))
            at = found.end()
        self._buffer = self._buffer[at:]
        return at > 0

    def _line(self, line: bytes) -> list[Piece]:
        dirty, self._dirty = self._dirty, False
        if not dirty and self._least <= len(line) <= self._limit and not _UNPRINTABLE.search(line):
            return [*self.noise.drain(), Frame(line)]
        tail = self._rescue.search(line)
        if tail is None:
            self.noise.add(line)
            return []
        self.noise.add(line[: tail.start()])
        return [*self.noise.drain(), Frame(tail.group())]

    def _shorten(self) -> None:
        """What holds a byte no line has is noise already; past the limit so is all but a possible last frame."""
        if spoilt := _TO_LAST_UNPRINTABLE.match(self._buffer):
            self._drop(spoilt.end())
        if len(self._buffer) > 2 * self._limit:
            self._drop(len(self._buffer) - self._limit)

    def _drop(self, size: int) -> None:
        self.noise.add(self._buffer[:size])
        self._buffer, self._dirty = self._buffer[size:], True


def chunks(data: bytes) -> Iterator[bytes]:
    """Pieces small enough that a flood of noise is not copied over and over."""
    return (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))


def unfinished(data: bytes) -> Rejected:
    return Rejected(Reason.MALFORMED, f"A frame began and did not end ({len(data)} bytes): measure again.", len(data))


def _broken(data: bytes) -> Rejected:
    return Rejected(
        Reason.MALFORMED, f"A frame was cut off or damaged after {len(data)} bytes: measure again.", len(data)
    )
