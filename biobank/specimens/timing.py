"""When a tube may be drawn, spun and signed off: the time rules of an order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from biobank.specimens.tubes import Spin, TubeType, Words

# A station's clock may run a little ahead of the server's.
FUTURE_ALLOWED = timedelta(minutes=5)


class Severity(StrEnum):
    """Whether a finding refuses the times or only asks for a second look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class TubeTimes:
    """One tube's times, aware; None is unknown or not yet."""

    tube: TubeType
    collected_at: datetime | None
    processed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimeFinding:
    """What is wrong with a time. `tube` is the tube's code, empty when it concerns the whole order."""

    severity: Severity
    code: str
    tube: str
    words: Words

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def to(self, locale: str) -> str:
        return self.words.to(locale)


_MESSAGES = {
    "in-the-future": (
        Severity.ERROR,
        "A time of the {tube} lies in the future. Check the clock and enter the time again.",
        "Tubo {tube}: una hora está en el futuro. Revise el reloj y escriba la hora otra vez.",
    ),
    "processed-without-collection": (
        Severity.ERROR,
        "The {tube} was spun but has no time of collection. Enter when it was drawn.",
        "Tubo {tube}: se centrifugó pero no tiene hora de toma. Escriba cuándo se tomó.",
    ),
    "processed-not-after-collection": (
        Severity.ERROR,
        "The {tube} was spun at or before its collection. Correct one of the two times.",
        "Tubo {tube}: se centrifugó en el momento de la toma o antes. Corrija una de las dos horas.",
    ),
    "spun-too-soon": (
        Severity.WARNING,
        "The {tube} was spun after {minutes} minutes; it should clot for {least}. Check both times.",
        "Tubo {tube}: se centrifugó a los {minutes} minutos; debe coagular {least}. Revise las dos horas.",
    ),
    "spun-too-late": (
        Severity.WARNING,
        "The {tube} was spun more than {most} hours after collection. Check both times.",
        "Tubo {tube}: se centrifugó más de {most} horas después de la toma. Revise las dos horas.",
    ),
    "finalised-in-the-future": (
        Severity.ERROR,
        "The sign-off lies in the future. Check the clock and sign again.",
        "La firma está en el futuro. Revise el reloj y firme otra vez.",
    ),
    "finalised-too-early": (
        Severity.ERROR,
        "The sign-off is not after the last collection and spin. Correct the times, or sign again now.",
        "La firma no es posterior a la última toma y centrifugación. Corrija las horas o firme otra vez ahora.",
    ),
}


def check(
    times: Iterable[TubeTimes], *, now: datetime, finalised_at: datetime | None = None
) -> tuple[TimeFinding, ...]:
    """Check each tube's times and the order's sign-off. Times are aware; a naive one among them raises TypeError.

    Codes: in-the-future, processed-not-after-collection, processed-without-collection, finalised-in-the-future,
    finalised-too-early (errors); spun-too-soon, spun-too-late (warnings). A limit's own second does not warn.
    """
    tubes = tuple(times)
    found = [finding for one in tubes for finding in _tube(one, now)]
    return (*found, *_sign_off(tubes, finalised_at, now))


def _tube(times: TubeTimes, now: datetime) -> Iterator[TimeFinding]:
    tube, drawn, spun = times.tube, times.collected_at, times.processed_at
    if any(at > now + FUTURE_ALLOWED for at in (drawn, spun) if at is not None):
        yield _finding("in-the-future", tube)
    if tube.spin is None or spun is None:
        return
    if drawn is None:
        yield _finding("processed-without-collection", tube)
    else:
        yield from _spin(tube, tube.spin, spun - drawn)


def _spin(tube: TubeType, spin: Spin, waited: timedelta) -> Iterator[TimeFinding]:
    if waited <= timedelta(0):
        yield _finding("processed-not-after-collection", tube)
    elif waited < spin.not_before:
        minutes, least = waited // timedelta(minutes=1), spin.not_before // timedelta(minutes=1)
        yield _finding("spun-too-soon", tube, {"minutes": str(minutes), "least": str(least)})
    elif waited > spin.not_after:
        yield _finding("spun-too-late", tube, {"most": str(spin.not_after // timedelta(hours=1))})


def _sign_off(times: tuple[TubeTimes, ...], finalised_at: datetime | None, now: datetime) -> Iterator[TimeFinding]:
    if finalised_at is None:
        return
    if finalised_at > now + FUTURE_ALLOWED:
        yield _finding("finalised-in-the-future")
    done = [at for one in times for at in (one.collected_at, one.processed_at) if at is not None]
    if any(finalised_at <= at for at in done):
        yield _finding("finalised-too-early")


def _finding(code: str, tube: TubeType | None = None, parts: dict[str, str] | None = None) -> TimeFinding:
    severity, en, es = _MESSAGES[code]
    filled = parts or {}
    words = Words(
        en.format(tube=tube.short.en if tube else "", **filled), es.format(tube=tube.short.es if tube else "", **filled)
    )
    return TimeFinding(severity, code, tube.code if tube else "", words)
