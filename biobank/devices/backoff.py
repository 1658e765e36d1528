"""How long to wait before the next try: doubling, with a random part, up to a limit."""

import secrets

_STEPS = 1000


class Backoff:
    """Waits of `first` seconds doubling to `limit`, each between half and all of its length."""

    def __init__(self, *, first: float, limit: float) -> None:
        self._first, self._limit = first, limit
        self._next = first

    def reset(self) -> None:
        self._next = self._first

    def next(self) -> float:
        """The seconds to wait now; the following wait is twice as long."""
        wait = self._next
        self._next = min(self._next * 2, self._limit)
        # Many stations that lost one server must not all come back in the same instant.
        return wait * (0.5 + secrets.randbelow(_STEPS) / _STEPS / 2)
