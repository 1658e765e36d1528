"""The station tells the server how it is and hears what to do: every five seconds, and at once on any change."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from biobank import clock
from biobank.devices.board import Board
from biobank.devices.signing import instant_text
from biobank.devices.spool import Spool, SpoolError
from biobank.devices.uplink import Refusal, Unreachable, Uplink

log = logging.getLogger(__name__)

Extra = Callable[[], dict[str, Any]]
Obey = Callable[[Mapping[str, Any]], None]

PERIOD_SECONDS = 5.0
RETRY_SECONDS = 1.0
_SKEW_SECONDS = 300


class Heartbeat:
    """One thread; `skewed` is whether the last answer showed this machine's clock more than five minutes off.

    `extra` adds to what is told, `obey` takes what the server answered; `heard_at` is when it last did, `skew_seconds`
    how far its clock was ahead of ours.
    """

    def __init__(
        self, board: Board, spool: Spool, uplink: Uplink, extra: Extra = dict, obey: Obey = lambda _answer: None
    ) -> None:
        self._board, self._spool, self._uplink = board, spool, uplink
        self._extra, self._obey = extra, obey
        self.skewed = False
        self.skew_seconds: float | None = None
        self.heard_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Beat until told to stop; whoever sets `stop` must set the board's `changed` too."""
        while not stop.is_set():
            self._board.changed.clear()
            try:
                pause = self._beat()
            except (Unreachable, Refusal, SpoolError) as error:
                log.info("heartbeat: %s", error)
                pause = RETRY_SECONDS
            self._board.changed.wait(pause)

    def _beat(self) -> float:
        """Tell and obey; the seconds until the next time."""
        sent_at = clock.now()
        answer = self._uplink.post(
            "heartbeat",
            {
                "devices": [entry.as_json() for entry in self._board.entries()],
                "spooled": self._spool.count(),
                "station_time": instant_text(sent_at),
            }
            | self._extra(),
        )
        self.heard_at = sent_at
        self._compare_clocks(answer.get("server_time"), sent_at)
        self._obey(answer)
        asked = answer.get("beat_seconds")
        return min(PERIOD_SECONDS, max(RETRY_SECONDS, asked)) if isinstance(asked, int) else PERIOD_SECONDS

    def _compare_clocks(self, server_time: object, sent_at: datetime) -> None:
        try:
            moment = datetime.fromisoformat(str(server_time))
            self.skew_seconds = (moment - sent_at).total_seconds()
        except (ValueError, TypeError):
            return
        seconds = abs(self.skew_seconds)
        skewed = seconds > _SKEW_SECONDS
        if skewed and not self.skewed:
            log.warning("this machine's clock is %d seconds off: set it, or readings may be refused", seconds)
        self.skewed = skewed
