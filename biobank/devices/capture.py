"""When a value counts as measured: plateau, duplicate and repetition rules, with the time passed in."""

from dataclasses import dataclass, replace

from biobank.devices.decoding import Heard
from biobank.devices.events import Event, Measure, Reading, Scan
from biobank.devices.protocol import Manner

GAP_SECONDS = 5.0
PLATEAU_FRAMES = 3
PLATEAU_SECONDS = 2.0
RESEND_SECONDS = 2.5
CONFIRM = "confirm"


@dataclass(frozen=True)
class Captured:
    """A reading or a scan to be kept, its frame, and how many equal frames stand behind it."""

    event: Reading | Scan
    raw: bytes
    repeat: int = 1


class Capture:
    """The rules of one port (devices reference, 3.1 and 7); `at` is a monotonic time in seconds.

    A device that repeats itself without a stable flag must say the same at least 3 times over at least 2 s; a device
    that speaks once is believed once, flagged `confirm` when no checksum guards the line. What is repeated without a
    gap of more than 5 s or a zero belongs to the same measurement and is counted, not kept again.
    """

    def __init__(self, manner: Manner) -> None:
        self._rule = _RULES[manner]()
        self.duplicates = 0

    def take(self, heard: Heard, at: float) -> list[Captured]:
        """What this event completes: nothing, or one captured reading or scan."""
        if not isinstance(heard.event, Reading | Scan):
            return []
        captured = self._rule.take(heard, heard.event, at)
        if captured is None:
            self.duplicates += self._rule.is_known(heard.event)
            return []
        return [captured]

    def cancel(self) -> None:
        """The port was lost: nothing heard before it counts for what comes after."""
        self._rule.cancel()


class _Repeated:
    """A stream without a stable flag: a plateau of equal frames is a measurement."""

    def __init__(self) -> None:
        self._kept: dict[str, Measure] = {}
        self._last: float | None = None
        self._restart()

    def cancel(self) -> None:
        self._kept = {}
        self._last = None
        self._restart()

    def is_known(self, event: Event) -> bool:
        return isinstance(event, Reading) and all(self._kept.get(m.quantity) == m for m in event.measures)

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        if not isinstance(event, Reading) or self._is_empty(event, at):
            return None
        if event != self._event:
            self._restart(event, at)
        self._count += 1
        fresh = tuple(measure for measure in event.measures if measure.quantity not in self._kept)
        if not fresh or self._count < PLATEAU_FRAMES or at - self._since < PLATEAU_SECONDS:
            return None
        self._kept |= {measure.quantity: measure for measure in fresh}
        return Captured(replace(event, measures=fresh), heard.raw, self._count)

    def _is_empty(self, event: Reading, at: float) -> bool:
        """Begin a new measurement after a gap or a zero; True for the zero itself."""
        gap = self._last is not None and at - self._last > GAP_SECONDS
        zero = not any(measure.value for measure in event.measures)
        self._last = at
        if gap or zero:
            self._kept = {}
            self._restart()
        return zero

    def _restart(self, event: Reading | None = None, at: float = 0.0) -> None:
        self._event, self._since, self._count = event, at, 0


class _Once:
    """A device that speaks when it has finished: each line is a measurement, a resent one is not another."""

    window = GAP_SECONDS
    flags: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._seen: Event | None = None
        self._last = 0.0

    def cancel(self) -> None:
        """A finished line stays finished, so that a resend after a reconnection is still known."""

    def is_known(self, event: Event) -> bool:
        return event == self._seen

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        resent = event == self._seen and at - self._last <= self.window
        self._seen, self._last = event, at
        if resent:
            return None
        kept = replace(event, flags=(*event.flags, *self.flags)) if isinstance(event, Reading) else event
        return Captured(kept, heard.raw)


class _OnceUnchecked(_Once):
    """No checksum guards the line, so a person confirms the numbers on the screen."""

    flags = (CONFIRM,)


class _Scanned(_Once):
    """A scanner that got no acknowledgement sends the same code again within about 2 s."""

    window = RESEND_SECONDS


_RULES: dict[Manner, type[_Repeated] | type[_Once]] = {
    Manner.REPEATED: _Repeated,
    Manner.ONCE_CHECKED: _Once,
    Manner.ONCE_UNCHECKED: _OnceUnchecked,
    Manner.SCANNED: _Scanned,
}
