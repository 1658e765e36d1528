"""The station tells the server how its devices are: every five seconds, and at once when something changes."""

import logging
import threading
from datetime import datetime

from biobank import clock
from biobank.devices.board import Board
from biobank.devices.signing import instant_text
from biobank.devices.spool import Spool, SpoolError
from biobank.devices.uplink import Refusal, Unreachable, Uplink

log = logging.getLogger(__name__)

PERIOD_SECONDS = 5.0
RETRY_SECONDS = 1.0
_SKEW_SECONDS = 300


class Heartbeat:
    """One thread; `skewed` is whether the last answer showed this machine's clock more than five minutes off."""

    def __init__(self, board: Board, spool: Spool, uplink: Uplink) -> None:
        self._board, self._spool, self._uplink = board, spool, uplink
        self.skewed = False

    def run(self, stop: threading.Event) -> None:
        """Beat until told to stop; whoever sets `stop` must set the board's `changed` too."""
        while not stop.is_set():
            self._board.changed.clear()
            try:
                self._beat()
                pause = PERIOD_SECONDS
            except (Unreachable, Refusal, SpoolError) as error:
                log.info("heartbeat: %s", error)
                pause = RETRY_SECONDS
            self._board.changed.wait(pause)

    def _beat(self) -> None:
        sent_at = clock.now()
        answer = self._uplink.post(
            "heartbeat",
            {
                "devices": [entry.as_json() for entry in self._board.entries()],
                "spooled": self._spool.count(),
                "station_time": instant_text(sent_at),
            },
        )
        self._compare_clocks(answer.get("server_time"), sent_at)

    def _compare_clocks(self, server_time: object, sent_at: datetime) -> None:
        try:
            moment = datetime.fromisoformat(str(server_time))
            seconds = abs((moment - sent_at).total_seconds())
        except (ValueError, TypeError):
            return
        skewed = seconds > _SKEW_SECONDS
        if skewed and not self.skewed:
            log.warning("this machine's clock is %d seconds off: set it, or readings may be refused", seconds)
        self.skewed = skewed
