"""What the desk's printers say of themselves, asked every few seconds and shown before anything is sent."""

import threading
from collections.abc import Mapping
from typing import Any

from labels.printers.base import Printer, PrinterStatus

PERIOD_SECONDS = 4.0


class PrinterWatch:
    """The last word of each printer; a printer is asked and sent to by one thread at a time."""

    def __init__(self, printers: Mapping[str, Printer]) -> None:
        self._printers = printers
        self._statuses: dict[str, PrinterStatus] = {}
        self.locks = {name: threading.Lock() for name in printers}

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for name in self._printers:
                self.look(name)
            stop.wait(PERIOD_SECONDS)

    def look(self, name: str) -> None:
        """Ask one printer, unless it is being sent to."""
        if self.locks[name].acquire(blocking=False):
            try:
                self._statuses[name] = self._printers[name].status()
            finally:
                self.locks[name].release()

    def told(self) -> list[dict[str, Any]]:
        """Each printer that was asked, with what it said and whether a label may be sent to it."""
        return [
            {"name": name, "status": status.value, "takes_labels": self._takes(name, status)}
            for name, status in sorted(self._statuses.items())
        ]

    def _takes(self, name: str, status: PrinterStatus) -> bool:
        if status is PrinterStatus.UNKNOWN:
            return bool(getattr(self._printers[name], "send_when_silent", False))
        return status.takes_labels
