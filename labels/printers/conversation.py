"""Handing one label to a ZPL printer over a line that can be written and asked: the same for every kind of line."""

from collections.abc import Callable
from time import monotonic
from typing import Protocol

from labels.printers.base import PrinterStatus, SendResult, SendState
from labels.printers.zebra import STATUS_REQUEST, is_complete, read_status

LOOK = "Look whether the label came out before printing it again."
_LONGEST_ANSWER = 4096


class Line(Protocol):
    """An open line to a printer."""

    def write(self, content: bytes) -> int:
        """Write what the printer takes within its time; answers how many bytes it took, never raises for the line."""
        ...

    def ask(self) -> PrinterStatus:
        """What the printer answers to `~HS`; UNKNOWN if it stays silent."""
        ...


def hand_over(line: Line, label: bytes, *, send_when_silent: bool) -> SendResult:
    """Ask, send, ask again: `sent` only if the printer answers afterwards that nothing is in the way."""
    before = line.ask()
    if not (before.takes_labels or (before is PrinterStatus.UNKNOWN and send_when_silent)):
        return SendResult(SendState.REFUSED, f"Nothing was sent. {before.advice}")
    written = line.write(label)
    if written == 0:
        return SendResult(SendState.REFUSED, f"Nothing was sent. {PrinterStatus.UNREACHABLE.advice}")
    if written < len(label):
        return SendResult(SendState.UNKNOWN, f"The printer stopped listening part way. {LOOK}")
    after = line.ask()
    if after.takes_labels:
        return SendResult(SendState.SENT, "The printer took the label.")
    return SendResult(SendState.UNKNOWN, f"{after.advice} {LOOK}")


def ask_status(write: Callable[[bytes], object], read: Callable[[float], bytes], *, seconds: float) -> PrinterStatus:
    """Send `~HS` and read until the answer is whole or the time is over; `read` takes the seconds left."""
    end, answer = monotonic() + seconds, b""
    try:
        write(STATUS_REQUEST)
        while not is_complete(answer) and len(answer) < _LONGEST_ANSWER and (left := end - monotonic()) > 0:
            received = read(left)
            if not received:
                break
            answer += received
    except OSError:
        return PrinterStatus.UNKNOWN
    return read_status(answer)
