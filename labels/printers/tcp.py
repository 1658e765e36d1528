"""A ZPL printer on the network, spoken to directly on its raw port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Self

from labels.printers.base import PrinterStatus, SendResult, SendState
from labels.printers.zebra import STATUS_REQUEST, is_complete, read_status

PORT = 9100
_SEND_WHEN_SILENT = "silent=send"
_LONGEST_ANSWER = 4096


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
                return self._ask(connection)
        except OSError:
            return PrinterStatus.UNREACHABLE

    def send(self, label: bytes) -> SendResult:
        """Ask, send, ask again: `sent` only if the printer answers afterwards that nothing is in the way."""
        try:
            with self._connection() as connection:
                before = self._ask(connection)
                if not self._may_send(before):
                    return SendResult(SendState.REFUSED, f"Nothing was sent. {before.advice}")
                return self._send_and_ask(connection, label)
        except OSError:
            return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")

    def _may_send(self, status: PrinterStatus) -> bool:
        return status.takes_labels or (status is PrinterStatus.UNKNOWN and self.send_when_silent)

    def _send_and_ask(self, connection: socket.socket, label: bytes) -> SendResult:
        written = self._write(connection, label)
        if written == 0:
            return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")
        if written < len(label):
            return SendResult(SendState.UNKNOWN, f"The printer stopped listening part way. {_LOOK}")
        after = self._ask(connection)
        if after.takes_labels:
            return SendResult(SendState.SENT, "The printer took the label.")
        return SendResult(SendState.UNKNOWN, f"{after.advice} {_LOOK}")

    def _write(self, connection: socket.socket, label: bytes) -> int:
        end, written = monotonic() + self.write_wait, 0
        try:
            while written < len(label):
                connection.settimeout(max(0.001, end - monotonic()))
                written += connection.send(label[written:])
        except OSError:
            return written
        return written

    def _ask(self, connection: socket.socket) -> PrinterStatus:
        end, answer = monotonic() + self.answer_wait, b""
        try:
            connection.settimeout(self.answer_wait)
            connection.sendall(STATUS_REQUEST)
            while not is_complete(answer) and len(answer) < _LONGEST_ANSWER and (left := end - monotonic()) > 0:
                connection.settimeout(left)
                received = connection.recv(_LONGEST_ANSWER)
                if not received:
                    break
                answer += received
        except OSError:
            return PrinterStatus.UNKNOWN
        return read_status(answer)

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        with socket.create_connection((self.host, self.port), timeout=self.connect_wait) as connection:
            yield connection


_LOOK = "Look whether the label came out before printing it again."
