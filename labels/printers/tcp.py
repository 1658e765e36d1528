"""A ZPL printer on the network, spoken to directly on its raw port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Self

from labels.printers.base import PrinterStatus, SendResult, SendState
from labels.printers.conversation import ask_status, hand_over

PORT = 9100
_SEND_WHEN_SILENT = "silent=send"


@dataclass(frozen=True, slots=True)
class TcpPrinter:
    """A printer by host and port; the three waits are in seconds.

    A Zebra with an open lid or without paper or ribbon leaves `~HS` unanswered, so silence stops a label before its
    first byte. `send_when_silent` is for printers that never answer: their labels are sent, and a person says if they
    came out. The host comes from the list an administrator keeps, never from a request.
    """

    host: str
    port: int = PORT
    send_when_silent: bool = False
    connect_wait: float = 2.0
    write_wait: float = 5.0
    answer_wait: float = 1.0

    @classmethod
    def from_address(cls, address: str) -> Self:
        """The printer at `host` or `host:port`, an IPv6 address in brackets; ValueError if that is no address.

        `?silent=send` at the end tells that the printer never answers, and that its labels are to be sent all the same.
        """
        place, _, option = address.partition("?")
        if option not in {"", _SEND_WHEN_SILENT}:
            raise ValueError(
                f"A printer has no setting {option!r}. Write {place}?{_SEND_WHEN_SILENT}, or leave it out."
            )
        host, separator, port = place.rpartition(":")
        if not separator or place.endswith("]"):
            host, port = place, str(PORT)
        if ":" in host and not (host.startswith("[") and host.endswith("]")):
            raise ValueError(f"{address!r} is no printer address. Write an IPv6 address as [fe80::1]:9100.")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{address!r} is no printer address. Write it as 192.168.1.20:9100.")
        return cls(host=host.strip("[]"), port=int(port), send_when_silent=option == _SEND_WHEN_SILENT)

    def status(self) -> PrinterStatus:
        """What the printer answers now; UNKNOWN if it stays silent, UNREACHABLE if nothing listens."""
        try:
            with self._connection() as connection:
                return _Socket(connection, self.write_wait, self.answer_wait).ask()
        except OSError:
            return PrinterStatus.UNREACHABLE

    def send(self, label: bytes) -> SendResult:
        """Ask, send, ask again: `sent` only if the printer answers afterwards that nothing is in the way."""
        try:
            with self._connection() as connection:
                line = _Socket(connection, self.write_wait, self.answer_wait)
                return hand_over(line, label, send_when_silent=self.send_when_silent)
        except OSError:
            return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        with socket.create_connection((self.host, self.port), timeout=self.connect_wait) as connection:
            yield connection


@dataclass(frozen=True, slots=True)
class _Socket:
    """A connection as a line."""

    connection: socket.socket
    write_wait: float
    answer_wait: float

    def write(self, content: bytes) -> int:
        end, written = monotonic() + self.write_wait, 0
        try:
            while written < len(content):
                self.connection.settimeout(max(0.001, end - monotonic()))
                written += self.connection.send(content[written:])
        except OSError:
            return written
        return written

    def ask(self) -> PrinterStatus:
        return ask_status(self._say, self._hear, seconds=self.answer_wait)

    def _say(self, request: bytes) -> None:
        self.connection.settimeout(self.answer_wait)
        self.connection.sendall(request)

    def _hear(self, seconds: float) -> bytes:
        self.connection.settimeout(seconds)
        return self.connection.recv(_CHUNK)


_CHUNK = 4096
