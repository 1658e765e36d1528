"""The ear: listens at the one port a person pointed at, tells what was recognised there, and never writes."""

import threading
from collections.abc import Mapping
from typing import Any

from biobank.devices.board import Board
from biobank.devices.port import Port, PortError
from biobank.devices.protocol import Settings
from biobank.devices.recognising import Recogniser
from biobank.devices.wording import one_line

_RETRY_SECONDS = 1.0


class Ear:
    """One thread; `listen` points it at a port or away, `heard` is what it has to tell, None when it has nothing."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: tuple[str, Settings] | None = None
        self._turn = threading.Condition()
        self.heard: dict[str, Any] | None = None

    def listen(self, order: Mapping[str, Any] | None) -> None:
        """Listen at `port` with `settings`, or stop."""
        wanted = (str(order["port"]), Settings(**order["settings"], settle_seconds=0)) if order else None
        with self._turn:
            if wanted != self._wanted:
                self._wanted, self.heard = wanted, None
                self._turn.notify()

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop; whoever sets `stop` must call `listen(None)` or wait a second."""
        while not stop.is_set():
            with self._turn:
                wanted = self._wanted
                if wanted is None:
                    self._turn.wait(_RETRY_SECONDS)
            if wanted is not None:
                self._listen(*wanted, stop)

    def _listen(self, path: str, settings: Settings, stop: threading.Event) -> None:
        try:
            port = Port(path, settings)
        except PortError as error:
            self._tell(path, Recogniser(), str(error))
            stop.wait(_RETRY_SECONDS)
            return
        recogniser = Recogniser()
        self._tell(path, recogniser)
        try:
            while not stop.is_set() and self._wanted == (path, settings):
                if data := port.read():
                    recogniser.feed(data)
                    self._tell(path, recogniser)
        except PortError as error:
            self._tell(path, recogniser, str(error))
        finally:
            port.close()

    def _tell(self, path: str, recogniser: Recogniser, trouble: str = "") -> None:
        told = {
            "port": path,
            "size": recogniser.size,
            "hint": recogniser.hint,
            "trouble": one_line(trouble),
            "guesses": recogniser.guesses()[:5],
        }
        with self._turn:
            if self._wanted is not None and self._wanted[0] == path and told != self.heard:
                self.heard = told
                self._board.changed.set()
