"""A ZPL printer on USB, by the device file its kernel driver gives it, such as /dev/usb/lp0."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Self

from labels.printers import address
from labels.printers.base import PrinterStatus, SendResult, SendState
from labels.printers.conversation import ask_status, hand_over

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class UsbPrinter:
    """A printer by its device file; a write waits five seconds for the printer, an answer one."""

    device: str
    send_when_silent: bool = False
    write_wait: float = 5.0
    answer_wait: float = 1.0

    @classmethod
    def from_address(cls, text: str) -> Self:
        """The printer at `/dev/usb/lp0`; `?silent=send` for one that never answers. ValueError if that is no file."""
        device, settings = address.split(text, address.SILENT)
        if not device.startswith("/"):
            raise ValueError(f"{device!r} is no device file. Write it whole, such as /dev/usb/lp0.")
        return cls(device=device, send_when_silent="silent" in settings)

    def status(self) -> PrinterStatus:
        """What the printer answers now; UNKNOWN if it stays silent, UNREACHABLE if the file is not there."""
        try:
            with self._open() as line:
                return line.ask()
        except OSError:
            return PrinterStatus.UNREACHABLE

    def send(self, label: bytes) -> SendResult:
        """Ask, send, ask again."""
        try:
            with self._open() as line:
                return hand_over(line, label, send_when_silent=self.send_when_silent)
        except OSError:
            return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")

    @contextmanager
    def _open(self) -> Iterator["_File"]:
        number = os.open(self.device, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            yield _File(number, self)
        finally:
            os.close(number)


@dataclass(frozen=True, slots=True)
class _File:
    number: int
    printer: UsbPrinter

    def write(self, content: bytes) -> int:
        end, written = monotonic() + self.printer.write_wait, 0
        try:
            while written < len(content) and (left := end - monotonic()) > 0:
                if select.select([], [self.number], [], left)[1]:
                    written += os.write(self.number, content[written : written + _CHUNK])
        except OSError:
            return written
        return written

    def ask(self) -> PrinterStatus:
        return ask_status(self.write, self._hear, seconds=self.printer.answer_wait)

    def _hear(self, seconds: float) -> bytes:
        readable, _, _ = select.select([self.number], [], [], seconds)
        return os.read(self.number, _CHUNK) if readable else b""
