"""The state of each device at the desk, as the clerk will see it."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from biobank.devices.signing import instant_text
from biobank.devices.wording import one_line


class State(StrEnum):
    """What a port is doing."""

    CONNECTED = "connected"
    MISSING = "missing"
    BUSY = "busy"
    ERROR = "error"


@dataclass(frozen=True)
class Entry:
    """One device: where it is, how it is, when its last whole frame came, and what to tell the clerk.

    `said` is the last frame in words, for the desk's own screen alone.
    """

    name: str
    protocol: str
    port: str
    state: State = State.MISSING
    last_frame_at: datetime | None = None
    detail: str = "The port is being opened."
    said: str = ""

    def as_json(self) -> dict[str, str | None]:
        return {
            "name": self.name,
            "protocol": self.protocol,
            "port": self.port,
            "state": self.state.value,
            "last_frame_at": instant_text(self.last_frame_at) if self.last_frame_at else None,
            "detail": one_line(self.detail),
        }


class Board:
    """Shared by the threads of an agent, each of which writes one entry alone.

    `changed` is set whenever a state or its words change.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._lock = threading.Lock()
        self.changed = threading.Event()

    def state(self, name: str, state: State, detail: str = "") -> None:
        """Record how a port is now."""
        self._put(name, state=state, detail=detail)

    def frame(self, name: str, at: datetime, detail: str = "", said: str = "") -> None:
        """A frame came at this instant and `said` that; `detail` is its refusal or error, empty when it was good."""
        self._put(name, state=State.CONNECTED, last_frame_at=at, detail=detail, said=said)

    def add(self, entry: Entry) -> None:
        """A device was bound to a port."""
        with self._lock:
            self._entries[entry.name] = entry
        self.changed.set()

    def remove(self, name: str) -> None:
        """A device is not bound here any more."""
        with self._lock:
            self._entries.pop(name, None)
        self.changed.set()

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def _put(self, name: str, **values: Any) -> None:
        with self._lock:
            before = self._entries.get(name)
            if before is None:
                return
            after = self._entries[name] = replace(before, **values)
        if (before.state, before.detail) != (after.state, after.detail):
            self.changed.set()
