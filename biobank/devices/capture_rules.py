"""The rules a port is captured by, one class a manner of speaking; `at` is a monotonic time in seconds."""

from dataclasses import dataclass, replace

from biobank.devices.decoding import Heard
from biobank.devices.events import UNCHECKED, DeviceClock, Event, Measure, Reading, Scan
from biobank.devices.protocol import Manner

GAP_SECONDS = 5.0
PLATEAU_FRAMES = 3
PLATEAU_SECONDS = 2.0
RESEND_SECONDS = 2.5
ALONE_SECONDS = 1.5
CONFIRM = "confirm"


@dataclass(frozen=True)
class Captured:
    """A reading or a scan to be kept, its frame, and how many equal frames stand behind it."""

    event: Reading | Scan
    raw: bytes
    repeat: int = 1


class Rule:
    """What every rule answers; a rule that has nothing to say of something says nothing."""

    refusal = ""

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        """What a reading or scan completes."""
        return None

    def tick(self, at: float) -> Captured | None:
        """What silence until now completes."""
        return None

    def moving(self, at: float) -> None:
        """A value that is not final was heard."""

    def told(self, clock: DeviceClock) -> None:
        """The device said what its clock shows."""

    def cancel(self) -> None:
        """The port was lost: nothing heard before counts for what comes after."""

    def is_known(self, event: Event) -> bool:
        """Whether this was kept already."""
        return False


def _is_empty(event: Reading) -> bool:
    """An empty scale, or one that shows less than nothing."""
    return not any(measure.value > 0 for measure in event.measures)


class Repeated(Rule):
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

    def moving(self, at: float) -> None:
        self._note(at)
        self._restart()

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        if not isinstance(event, Reading) or self._begins_anew(event, at):
            return None
        if event != self._event:
            self._restart(event, at)
        self._count += 1
        fresh = tuple(measure for measure in event.measures if measure.quantity not in self._kept)
        if not fresh or self._count < PLATEAU_FRAMES or at - self._since < PLATEAU_SECONDS:
            return None
        self._kept |= {measure.quantity: measure for measure in fresh}
        return Captured(replace(event, measures=fresh), heard.raw, self._count)

    def _begins_anew(self, event: Reading, at: float) -> bool:
        """Begin a new measurement after a gap or an empty scale; True for the empty scale itself."""
        self._note(at)
        if _is_empty(event):
            self._kept = {}
            self._restart()
            return True
        return False

    def _note(self, at: float) -> None:
        """A gap ends the measurement before it."""
        if self._last is not None and at - self._last > GAP_SECONDS:
            self._kept = {}
            self._restart()
        self._last = at

    def _restart(self, event: Reading | None = None, at: float = 0.0) -> None:
        self._event, self._since, self._count = event, at, 0


class Flagged(Rule):
    """A stable flag, but no checksum: three equal stable frames, or one that stands alone, for a person to confirm.

    One damaged character can look like another weight, so a single frame of a stream is never believed. A frame with
    silence of more than 5 s before it and of 1.5 s after it is a scale that sends at a press of its key.
    """

    def __init__(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._kept: Reading | None = None
        self._last: float | None = None
        self._alone: Captured | None = None
        self._restart()

    def is_known(self, event: Event) -> bool:
        return event == self._kept

    def moving(self, at: float) -> None:
        self._note(at)
        self._restart()

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        if not isinstance(event, Reading):
            return None
        gap = self._note(at)
        if _is_empty(event):
            self._kept = None
            self._restart()
            return None
        if event != self._event:
            self._restart(event)
        self._count += 1
        self._alone = Captured(_to_confirm(event), heard.raw) if gap else None
        if self._kept is not None or self._count < PLATEAU_FRAMES:
            return None
        self._kept = event
        return Captured(event, heard.raw, self._count)

    def tick(self, at: float) -> Captured | None:
        if self._alone is None or self._last is None or at - self._last <= ALONE_SECONDS:
            return None
        captured, self._alone, self._kept = self._alone, None, self._event
        return captured

    def _note(self, at: float) -> bool:
        """Whether this frame comes after a gap, in which the last measurement ended."""
        gap = self._last is None or at - self._last > GAP_SECONDS
        self._last = at
        self._alone = None
        if gap:
            self._kept = None
            self._restart()
        return gap

    def _restart(self, event: Reading | None = None) -> None:
        self._event, self._count = event, 0


class Once(Rule):
    """A device that speaks when it has finished: each line is a measurement, a resent one is not another."""

    window = GAP_SECONDS

    def __init__(self) -> None:
        self._seen: Event | None = None
        self._last = 0.0

    def is_known(self, event: Event) -> bool:
        return event == self._seen

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        resent = event == self._seen and at - self._last <= self.window
        self._seen, self._last = event, at
        return None if resent else Captured(self._kept(event), heard.raw)

    def _kept(self, event: Reading | Scan) -> Reading | Scan:
        return _to_confirm(event) if isinstance(event, Reading) and UNCHECKED in event.flags else event


class OnceUnchecked(Once):
    """No checksum guards the line, so a person confirms the numbers on the screen."""

    def _kept(self, event: Reading | Scan) -> Reading | Scan:
        return _to_confirm(event) if isinstance(event, Reading) else event


class Scanned(Once):
    """A scanner that got no acknowledgement sends the same code again within about 2 s."""

    window = RESEND_SECONDS


class Remembered(Rule):
    """A device that is asked for its memory: only what it measured after we first saw its clock is anybody's here.

    The device's clock is compared with itself alone. It knows minutes, so a record of the minute in which it was
    plugged in is refused with the older ones.
    """

    def __init__(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._since: str | None = None
        self._latest = ""
        self._kept: set[Reading] = set()

    def told(self, clock: DeviceClock) -> None:
        if self._since is None:
            self._since = clock.device_time

    def is_known(self, event: Event) -> bool:
        return event in self._kept

    def take(self, heard: Heard, event: Reading | Scan, at: float) -> Captured | None:
        self.refusal = ""
        if not isinstance(event, Reading) or not event.measures or event in self._kept:
            return None
        self.refusal = self._doubt(event.device_time)
        if self.refusal or event.device_time is None:
            return None
        if event.device_time > self._latest:
            self._kept, self._latest = set(), event.device_time
        self._kept.add(event)
        return Captured(event, heard.raw)

    def _doubt(self, moment: str | None) -> str:
        if moment is None or self._since is None:
            return "A record without a time was refused: whose it is cannot be told."
        if moment <= self._since or moment < self._latest:
            return f"An older record ({moment}) was refused: measure now."
        return ""


def _to_confirm(event: Reading) -> Reading:
    return replace(event, flags=(*event.flags, CONFIRM))


RULES: dict[Manner, type[Rule]] = {
    Manner.REPEATED: Repeated,
    Manner.FLAGGED: Flagged,
    Manner.ONCE_CHECKED: Once,
    Manner.ONCE_UNCHECKED: OnceUnchecked,
    Manner.REMEMBERED: Remembered,
    Manner.SCANNED: Scanned,
    Manner.TYPED: Once,
}
