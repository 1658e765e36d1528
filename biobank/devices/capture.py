"""When a value counts as measured: plateau, duplicate, memory and repetition rules, with the time passed in."""

from biobank.devices.capture_rules import CONFIRM, RULES, Captured
from biobank.devices.decoding import Heard
from biobank.devices.events import DeviceClock, Reading, Scan, Unstable
from biobank.devices.protocol import Manner

__all__ = ["CONFIRM", "Capture", "Captured"]


class Capture:
    """The rules of one port (devices reference, 3.1 and 7); `at` is a monotonic time in seconds.

    A device that repeats itself must say the same at least 3 times, over at least 2 s when it has no stable flag; a
    device that speaks once is believed once, flagged `confirm` when no checksum guards the line; a device that is
    asked for its memory gives only what is newer than our first look at its clock. What is repeated without a gap of
    more than 5 s or a zero belongs to the same measurement and is counted, not kept again.
    """

    def __init__(self, manner: Manner) -> None:
        self._rule = RULES[manner]()
        self.duplicates = 0
        self.refused = 0

    @property
    def refusal(self) -> str:
        """Why the reading just taken was refused, for a clerk; empty when it was not."""
        return self._rule.refusal

    def take(self, heard: Heard, at: float) -> list[Captured]:
        """What this event completes: nothing, or one captured reading or scan."""
        late = self.tick(at)
        match heard.event:
            case Reading() | Scan() as event:
                return late + self._keep(heard, event, at)
            case Unstable():
                self._rule.moving(at)
            case DeviceClock() as clock:
                self._rule.told(clock)
        return late

    def tick(self, at: float) -> list[Captured]:
        """What the silence until now completes."""
        captured = self._rule.tick(at)
        return [] if captured is None else [captured]

    def cancel(self) -> None:
        """The port was lost: nothing heard before it counts for what comes after."""
        self._rule.cancel()

    def _keep(self, heard: Heard, event: Reading | Scan, at: float) -> list[Captured]:
        known = self._rule.is_known(event)
        captured = self._rule.take(heard, event, at)
        if captured is not None:
            return [captured]
        self.refused += bool(self._rule.refusal)
        self.duplicates += known or self._rule.is_known(event)
        return []
