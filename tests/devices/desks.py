"""One device on a port, its listener, the board it shows on, and the readings it kept."""

from collections.abc import Mapping
from queue import Queue
from typing import Any

from biobank.devices import registry
from biobank.devices.board import Board, Entry, State
from biobank.devices.listener import Listener
from biobank.devices.spool import SpoolError
from biobank.devices.station import Device


class Desk:
    """One device, the board it shows on, and the readings it kept."""

    def __init__(self, protocol: str, port: str) -> None:
        spoken = registry.load(protocol)
        self.board = Board([Entry("device", protocol, port)])
        self.kept: Queue[Mapping[str, Any]] = Queue()
        self.refusals = 0
        self.listener = Listener(Device("device", spoken, port, spoken.settings), self.board, self.keep)

    def keep(self, body: Mapping[str, Any]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise SpoolError("The disk is full.")
        self.kept.put(body)

    def reading(self) -> Mapping[str, Any]:
        return self.kept.get(timeout=15)

    def await_state(self, state: State) -> str:
        """The words shown once the device is in this state."""
        while True:
            assert self.board.changed.wait(15)
            self.board.changed.clear()
            entry = self.board.entries()[0]
            if entry.state is state:
                return entry.detail
