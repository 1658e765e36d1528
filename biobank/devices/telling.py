"""One command on its way to a device: taken by the port's own thread once, before it expires, or not at all."""

import threading
import time

SENT, FAILED, EXPIRED = "sent", "failed", "expired"
_TOO_LATE = "The command came too late and was not sent: press the button again."


class Telling:
    """A command that may be sent until a monotonic time, and what became of it."""

    def __init__(self, act: str, until: float) -> None:
        self.act = act
        self._until = until
        self._lock = threading.Lock()
        self._taken = False
        self._outcome: tuple[str, str] | None = None
        self._done = threading.Event()

    def take(self) -> bool:
        """Whether the caller, and nobody else ever, is to send it now."""
        with self._lock:
            if self._taken:
                return False
            self._taken = True
            if time.monotonic() < self._until:
                return True
        self.end(EXPIRED, _TOO_LATE)
        return False

    def end(self, state: str, detail: str = "") -> None:
        """Say what became of it."""
        self._outcome = (state, detail)
        self._done.set()

    def outcome(self, grace: float) -> tuple[str, str]:
        """What became of it, waited for until it expires; taken by nobody it is withdrawn."""
        if not self._done.wait(max(0.0, self._until - time.monotonic())):
            with self._lock:
                withdrawn, self._taken = not self._taken, True
            if withdrawn:
                return EXPIRED, "The device's port is not open: start it at its own key, or check its cable."
            self._done.wait(grace)
        return self._outcome or (FAILED, "Nobody knows whether the device was told: look at it.")
