"""A ZPL printer on a serial port, with the flow control it is set to."""

from dataclasses import dataclass
from time import monotonic
from typing import Self

import serial

from labels.printers import address
from labels.printers.base import PrinterStatus, SendResult, SendState
from labels.printers.conversation import ask_status, hand_over

_BAUDS = ("9600", "19200", "38400", "57600", "115200")
_SETTINGS = address.SILENT | {"baud": _BAUDS, "flow": ("rtscts", "xonxoff", "none")}
_SLACK_SECONDS = 5.0
_BITS_A_BYTE = 10


@dataclass(frozen=True, slots=True)
class SerialPrinter:
    """A printer by its port. `flow` is rtscts, xonxoff or none: printer and port must agree, or long labels lose bytes.

    A label has the time its bytes take at this speed and five seconds more; an answer is waited for one second.
    """

    port: str
    baud: int = 9600
    flow: str = "rtscts"
    send_when_silent: bool = False
    answer_wait: float = 1.0
    slack: float = _SLACK_SECONDS

    @classmethod
    def from_address(cls, text: str) -> Self:
        """The printer at `/dev/serial/by-id/...?baud=9600&flow=rtscts`; ValueError if that is no address."""
        port, settings = address.split(text, _SETTINGS)
        return cls(port=port, baud=int(settings.get("baud", "9600")), flow=settings.get("flow", "rtscts"),
                   send_when_silent="silent" in settings)  # fmt: skip

    def status(self) -> PrinterStatus:
        """What the printer answers now; UNKNOWN if it stays silent, UNREACHABLE if the port is not there."""
        try:
            with self._open() as port:
                return _Port(port, self).ask()
        except (serial.SerialException, OSError):
            return PrinterStatus.UNREACHABLE

    def send(self, label: bytes) -> SendResult:
        """Ask, send, ask again."""
        try:
            port = self._open()
        except (serial.SerialException, OSError):
            return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")
        with port:
            return hand_over(_Port(port, self), label, send_when_silent=self.send_when_silent)

    def _open(self) -> serial.Serial:
        return serial.Serial(self.port, self.baud, timeout=self.answer_wait, write_timeout=self.slack, exclusive=True,
                             rtscts=self.flow == "rtscts", xonxoff=self.flow == "xonxoff")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Port:
    port: serial.Serial
    printer: SerialPrinter

    def write(self, content: bytes) -> int:
        """In small pieces, so that it is known how many left when the printer holds them up."""
        end = monotonic() + self.printer.slack + len(content) * _BITS_A_BYTE / self.printer.baud
        written = 0
        try:
            while written < len(content) and monotonic() < end:
                written += self.port.write(content[written : written + 256]) or 0
        except (serial.SerialException, OSError):
            # What was handed over before the line failed may have reached the printer: never call it nothing.
            return min(max(written, 1), len(content) - 1)
        return written

    def ask(self) -> PrinterStatus:
        try:
            self.port.reset_input_buffer()
            return ask_status(self.port.write, self._hear, seconds=self.printer.answer_wait)
        except (serial.SerialException, OSError):
            return PrinterStatus.UNKNOWN

    def _hear(self, seconds: float) -> bytes:
        self.port.timeout = seconds
        return bytes(self.port.read(max(1, self.port.in_waiting)))
