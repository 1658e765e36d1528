"""Commands that act on a person: fetched from the server, sent once within their few seconds, and reported."""

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from biobank.devices.crew import Crew
from biobank.devices.protocol import Act
from biobank.devices.telling import Telling
from biobank.devices.uplink import Refusal, Unreachable, Uplink

log = logging.getLogger(__name__)

PERIOD_SECONDS = 0.4
_REPORTS = 5
_GRACE_SECONDS = 3.0


class Acting:
    """One thread; a command is asked for once and sent once, whatever becomes of any answer."""

    def __init__(self, crew: Crew, uplink: Uplink) -> None:
        self._crew, self._uplink = crew, uplink

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(PERIOD_SECONDS):
            if self._crew.has_acts():
                self._act(stop)

    def _act(self, stop: threading.Event) -> None:
        asked_at = time.monotonic()
        try:
            commands = self._uplink.post("commands/claim", {}).get("commands", [])
        except (Unreachable, Refusal) as error:
            # Never asked again: what the server gave out is taken, and a person looks at the device.
            log.info("commands: %s", error)
            return
        for command in sorted(commands, key=lambda item: item.get("act") != Act.STOP_CUFF):
            state, detail = self._tell(command, asked_at)
            self._report(command, state, detail, stop)

    def _tell(self, command: Mapping[str, Any], asked_at: float) -> tuple[str, str]:
        """Counted from before the request went out, so that a slow network only shortens a command's life."""
        listener = self._crew.listener(str(command.get("device")))
        if listener is None:
            return "failed", "No device of that name is bound here."
        telling = Telling(str(command.get("act")), asked_at + int(command.get("expires_in_ms", 0)) / 1000)
        listener.tell(telling)
        return telling.outcome(_GRACE_SECONDS)

    def _report(self, command: Mapping[str, Any], state: str, detail: str, stop: threading.Event) -> None:
        """Only the report is said again until it is heard; the command itself never is."""
        key = str(uuid.uuid4())
        for _ in range(_REPORTS):
            try:
                self._uplink.post(f"commands/{command['id']}/state", {"state": state, "detail": detail}, key)
            except Unreachable:
                if stop.wait(1.0):
                    return
            except Refusal as error:
                log.warning("the report of a command was refused: %s", error)
                return
            else:
                return
