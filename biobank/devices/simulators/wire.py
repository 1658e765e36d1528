"""A pseudo-terminal that stands for a device's cable, at the pace of its baud rate."""

import os
import select
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from biobank.devices.simulators.play import Burst

with suppress(ImportError):
    import termios
    import tty
    from fcntl import ioctl

# One lump every 10 ms: USB bridges deliver in lumps too, and a sleep a character would be slower than the wire.
_LUMP_SECONDS = 0.01
_BITS_A_CHARACTER = 10
_OPENING_SECONDS = 0.3
_DRAINING_LUMPS = 200
_INT_BYTES = 4
_UNPLUGGED_SECONDS = 1.0
_RECEIVING_SECONDS = 0.05
_READ_BYTES = 4096

Wait = Callable[[float], object]


def has_pseudo_terminals() -> bool:
    """Whether this system has what a simulated cable is made of: Linux and macOS do."""
    return hasattr(os, "openpty")


class Wire:
    """The device's end of a line whose other end is opened like a serial port at `path`.

    `link` is a symbolic link made to it and removed at the end. `wait` sleeps and may be interrupted.
    """

    path: str
    _device: int
    _far: int

    def __init__(self, *, baud: int, wait: Wait, link: Path | None = None) -> None:
        self._baud, self._wait, self._link = baud, wait, link
        self._turn = threading.Lock()
        self._plug_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pull()

    def send(self, bursts: Iterable[Burst]) -> None:
        """Send with the silences and the pace of the line; two threads do not send within one another's bursts."""
        for burst in bursts:
            self._wait(burst.after)
            with self._turn:
                if burst.unplug:
                    self._pull()
                    self._wait(_UNPLUGGED_SECONDS)
                    self._plug_in()
                self._pace(burst.data)

    def receive(self) -> bytes:
        """What the host has sent, waiting for it a twentieth of a second."""
        device = self._device
        try:
            ready, _, _ = select.select([device], [], [], _RECEIVING_SECONDS)
            return os.read(device, _READ_BYTES) if ready else b""
        except (OSError, ValueError):
            # The cable is being pulled, or nobody has opened the port yet.
            self._wait(_LUMP_SECONDS)
            return b""

    def await_reader(self) -> None:
        """Until a program has opened the port: what is sent before is thrown away by its opening."""
        os.close(self._far)
        hung_up = select.poll()
        hung_up.register(self._device, 0)
        while hung_up.poll(0):
            self._wait(_LUMP_SECONDS)
        self._far = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        self._wait(_OPENING_SECONDS)

    def _plug_in(self) -> None:
        self._device, self._far = os.openpty()
        # Without raw mode the terminal echoes to the device and turns CR into LF.
        tty.setraw(self._far)
        self.path = os.ttyname(self._far)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self.path)

    def _pull(self) -> None:
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self.path:
            self._link.unlink()
        os.close(self._far)
        os.close(self._device)

    def _pace(self, data: bytes) -> None:
        lump = max(1, int(self._baud / _BITS_A_CHARACTER * _LUMP_SECONDS))
        for start in range(0, len(data), lump):
            piece = data[start : start + lump]
            os.write(self._device, piece)
            self._wait(len(piece) * _BITS_A_CHARACTER / self._baud)

    def drain(self) -> None:
        """Until the reader has taken everything, 2 s at most: what is unread when the line goes is lost."""
        for _ in range(_DRAINING_LUMPS):
            if not int.from_bytes(ioctl(self._far, termios.FIONREAD, bytes(_INT_BYTES)), "little"):
                return
            self._wait(_LUMP_SECONDS)
