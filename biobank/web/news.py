"""Waiting for news: a page's background request that is answered the moment something is committed, or in short."""

import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum, auto

LONGEST_SECONDS = 20.0
# Other processes commit unheard of: their work is looked for this often.
LOOK_SECONDS = 0.1


class Who(Enum):
    """Who waits, a clerk's page or a desk's station: each has places of its own, so that neither crowds the other."""

    PAGE = auto()
    DESK = auto()


class Heard(Enum):
    """How waiting ended: there is news; there was none in time; no place to wait was free."""

    NEWS = auto()
    NOTHING = auto()
    FULL = auto()


class News:
    """Wakes those who wait whenever this process commits; so many of each wait at once, so that threads are left."""

    def __init__(self, places: Mapping[Who, int]) -> None:
        self._places = {who: threading.BoundedSemaphore(number) for who, number in places.items()}
        self._turn = threading.Condition()
        self._commits = 0
        self._closed = False

    def tell(self) -> None:
        """Something was committed: whoever waits looks whether it concerns them."""
        with self._turn:
            self._commits += 1
            self._turn.notify_all()

    def close(self) -> None:
        """Let everybody go: the process ends."""
        self._closed = True
        self.tell()

    def wait(
        self, who: Who, is_there: Callable[[], bool], seconds: float, is_gone: Callable[[], bool] = lambda: False
    ) -> Heard:
        """Wait until `is_there`, at most so long, or until whoever asked `is_gone`.

        Nothing is held meanwhile: `is_there` opens what it reads and closes it again.
        """
        if not self._places[who].acquire(blocking=False):
            return Heard.FULL
        try:
            return self._wait(is_there, time.monotonic() + min(seconds, LONGEST_SECONDS), is_gone)
        finally:
            self._places[who].release()

    def _wait(self, is_there: Callable[[], bool], until: float, is_gone: Callable[[], bool]) -> Heard:
        while True:
            seen = self._commits
            if is_there():
                return Heard.NEWS
            left = until - time.monotonic()
            if left <= 0 or self._closed or is_gone():
                return Heard.NOTHING
            with self._turn:
                self._turn.wait_for(lambda seen=seen: self._commits != seen, min(left, LOOK_SECONDS))  # type: ignore[misc]
