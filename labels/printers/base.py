"""What every printer answers, and the rule that no label is ever sent twice without a person's word."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class SendState(StrEnum):
    """How far a label got.

    Until its first byte has left, a failure is `refused`, and the label may be sent again by itself. From the first
    byte on, a failure is `unknown`: a person looks whether the label came out before anything is sent again.
    """

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendResult:
    """How far a label got, and in `detail` what the clerk should know or do."""

    state: SendState
    detail: str

    @property
    def may_be_sent_again(self) -> bool:
        """Whether sending again by itself cannot print the label twice."""
        return self.state is SendState.REFUSED


class PrinterStatus(StrEnum):
    """What a printer says of itself."""

    READY = "ready"
    BUSY = "busy"
    PAUSED = "paused"
    NO_MEDIA = "no-media"
    NO_RIBBON = "no-ribbon"
    HEAD_OPEN = "head-open"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"

    @property
    def advice(self) -> str:
        """What the clerk should do about it."""
        return _ADVICE[self]

    @property
    def takes_labels(self) -> bool:
        """Whether a label sent now will be printed without a hand at the printer."""
        return self in {PrinterStatus.READY, PrinterStatus.BUSY}


class Printer(Protocol):
    """A place labels can be sent to."""

    def status(self) -> PrinterStatus:
        """What the printer says of itself now."""
        ...

    def send(self, label: bytes) -> SendResult:
        """Hand over one label in the printer's language; never raises for what a printer or a network does."""
        ...


_ADVICE = {
    PrinterStatus.READY: "The printer is ready.",
    PrinterStatus.BUSY: "The printer is still printing.",
    PrinterStatus.PAUSED: "The printer is paused: press its pause button.",
    PrinterStatus.NO_MEDIA: "The printer is out of labels: load a new roll.",
    PrinterStatus.NO_RIBBON: "The printer is out of ribbon: load a new one.",
    PrinterStatus.HEAD_OPEN: "The printer's lid is open: close it.",
    PrinterStatus.UNKNOWN: "The printer does not answer: check paper, ribbon, lid.",
    PrinterStatus.UNREACHABLE: "The printer cannot be reached: check that it is switched on and connected.",
}
