"""Print jobs come from the server to this desk's printers, and every step of each is told before the next is taken."""

import base64
import binascii
import hashlib
import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

from biobank.devices.backoff import Backoff
from biobank.devices.printer_watch import PrinterWatch
from biobank.devices.station import ConfigError, PrinterEntry
from biobank.devices.uplink import Refusal, Unreachable, Uplink
from biobank.devices.wording import one_line
from labels.printers.base import Printer, SendState

log = logging.getLogger(__name__)

GROUP = "biobank.printers"
# Less than the time-out of a request; and what the printers say is told this often.
WAIT_SECONDS = 4
IDLE_SECONDS = 0.3
_REPORTED = {SendState.SENT: "sent", SendState.REFUSED: "failed", SendState.UNKNOWN: "unknown"}


def load_printers(entries: Sequence[PrinterEntry]) -> dict[str, Printer]:
    """The printers of the settings by name; raises ConfigError naming the kinds there are, or what is wrong."""
    kinds = {point.name: point for point in entry_points(group=GROUP)}
    printers: dict[str, Printer] = {}
    for entry in entries:
        if entry.kind not in kinds:
            raise ConfigError(f"{entry.kind} is no kind of printer. Available: {', '.join(sorted(kinds))}.")
        try:
            printers[entry.name] = kinds[entry.kind].load().from_address(entry.address)
        except ValueError as error:
            raise ConfigError(f"Printer {entry.name}: {error}") from error
    return printers


class Printing:
    """One thread that claims jobs and prints them in order; a label is never sent twice by itself."""

    def __init__(self, printers: Mapping[str, Printer], uplink: Uplink) -> None:
        self._printers, self._uplink = printers, uplink
        self.watch = PrinterWatch(printers)
        self._backoff = Backoff(first=IDLE_SECONDS, limit=5.0)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for job in self._claim(stop):
                self._print(job, stop)

    def _claim(self, stop: threading.Event) -> list[Mapping[str, Any]]:
        """The next jobs, waited for at the server; where no place to wait was free there, after a moment."""
        told = self.watch.told()
        body = {"wait_seconds": WAIT_SECONDS} | ({"printers": told} if told else {})
        answer = self._post("print-jobs/claim", body, str(uuid.uuid4()), stop)
        if not answer or not answer.get("waited"):
            stop.wait(IDLE_SECONDS)
        jobs = answer.get("jobs") if answer else None
        return [job for job in jobs if isinstance(job, Mapping) and "id" in job] if isinstance(jobs, list) else []

    def _print(self, job: Mapping[str, Any], stop: threading.Event) -> None:
        printer = self._printers.get(str(job.get("printer")))
        label = _label(job)
        if printer is None:
            self._report(job, "failed", f"This desk has no printer called {job.get('printer')}.", stop)
        elif label is None:
            self._report(job, "failed", "The label arrived damaged and was not printed: print it again.", stop)
        elif self._report(job, "sending", "", stop):
            name = str(job["printer"])
            with self.watch.locks[name]:
                result = printer.send(label)
            self._report(job, _REPORTED[result.state], result.detail, stop)
            if result.state is not SendState.SENT:
                self.watch.look(name)

    def _report(self, job: Mapping[str, Any], state: str, detail: str, stop: threading.Event) -> bool:
        """Tell the server a job's state; True once it has taken it."""
        lease = str(job.get("lease", ""))
        body = {"state": state, "detail": one_line(detail), "lease": lease}
        key = f"print-{job['id']}-{lease}-{state}"
        return self._post(f"print-jobs/{job['id']}/state", body, key, stop) is not None

    def _post(self, action: str, body: Mapping[str, Any], key: str, stop: threading.Event) -> Mapping[str, Any] | None:
        """Post until the server answers; None when it refuses or the station stops."""
        while not stop.is_set():
            try:
                answer = self._uplink.post(action, body, key)
            except Unreachable as error:
                log.info("printing waits: %s", error)
                stop.wait(self._backoff.next())
            except Refusal as error:
                log.warning("%s was refused: %s", action, error)
                stop.wait(self._backoff.next())
                return None
            else:
                self._backoff.reset()
                return answer
        return None


def _label(job: Mapping[str, Any]) -> bytes | None:
    """The label's bytes, if they are what the server hashed."""
    try:
        content = base64.b64decode(str(job.get("content", "")), validate=True)
    except binascii.Error:
        return None
    return content if hashlib.sha256(content).hexdigest() == job.get("sha256") else None
