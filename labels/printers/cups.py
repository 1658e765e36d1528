"""An office printer behind CUPS, for labels as PDF; label printers are spoken to directly, for raw queues are gone."""

import re
import subprocess
from dataclasses import dataclass
from typing import Self

from labels.printers.base import PrinterStatus, SendResult, SendState

_QUEUE = re.compile(r"[A-Za-z0-9_.-]{1,127}")
_PDF = b"%PDF"
_SAID = (("disabled", PrinterStatus.PAUSED), ("now printing", PrinterStatus.BUSY), ("idle", PrinterStatus.READY))


@dataclass(frozen=True, slots=True)
class CupsPrinter:
    """A queue by its name. `sent` says that CUPS took the page, not that it came out."""

    queue: str
    wait: float = 10.0
    path: str = "/usr/local/bin:/usr/bin:/bin"

    @classmethod
    def from_address(cls, text: str) -> Self:
        """The queue of that name; ValueError for what cannot be one."""
        if not _QUEUE.fullmatch(text) or text.startswith("-"):
            raise ValueError(f"{text!r} is no CUPS queue. Write a name that `lpstat -e` lists.")
        return cls(queue=text)

    def status(self) -> PrinterStatus:
        """What `lpstat -p` says of the queue; UNREACHABLE where there is none, or no CUPS."""
        try:
            told = self._run(["lpstat", "-p", self.queue])
        except (OSError, subprocess.TimeoutExpired):
            return PrinterStatus.UNREACHABLE
        if told.returncode:
            return PrinterStatus.UNREACHABLE
        words = told.stdout.decode(errors="replace")
        return next((status for word, status in _SAID if word in words), PrinterStatus.UNKNOWN)

    def send(self, label: bytes) -> SendResult:
        """Hand a PDF to `lp`, unscaled; anything else is refused, for CUPS 3 has no raw queues."""
        if not label.startswith(_PDF):
            return SendResult(SendState.REFUSED, "Nothing was sent. This printer takes pages: set its language to PDF.")
        command = ["lp", "-d", self.queue, "-o", "print-scaling=none", "-t", "label", "-"]
        try:
            told = self._run(command, label)
        except OSError:
            return SendResult(SendState.REFUSED, "Nothing was sent. CUPS is not installed at this desk.")
        except subprocess.TimeoutExpired:
            return SendResult(SendState.UNKNOWN, "CUPS did not say in time whether it took the page.")
        if told.returncode:
            return SendResult(SendState.REFUSED, f"Nothing was sent. CUPS says: {_first_line(told.stderr)}")
        return SendResult(SendState.SENT, "CUPS took the page.")

    def _run(self, command: list[str], content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        environment = {"LC_ALL": "C", "PATH": self.path}
        return subprocess.run(command, input=content, capture_output=True, timeout=self.wait, check=False,
                              env=environment)  # fmt: skip


def _first_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[0][:200] if lines else "nothing."
