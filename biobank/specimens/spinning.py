"""The wait between draw and spin: where a tube stands now and what the clerk does next."""

from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from biobank.specimens.timing import TubeTimes
from biobank.specimens.tubes import Spin, Words

# From here the ring turns amber: the spin is nearly due.
DUE_SOON = timedelta(minutes=30)


class SpinState(StrEnum):
    """Where a tube stands between its draw and its spin."""

    NOT_NEEDED = "not-needed"
    NOT_DRAWN = "not-drawn"
    CLOTTING = "clotting"
    READY = "ready"
    DUE_SOON = "due-soon"
    LATE = "late"
    DONE = "done"


_WORDS = {
    SpinState.CLOTTING: Words(
        "Let the {tube} clot until {since}. Spin it by {by}.",
        "Tubo {tube}: deje coagular hasta las {since}. Centrifugue antes de las {by}.",
    ),
    SpinState.READY: Words("Spin the {tube} by {by}.", "Centrifugue antes de las {by}: {tube}."),
    SpinState.DUE_SOON: Words("Spin the {tube} by {by}.", "Centrifugue antes de las {by}: {tube}."),
    SpinState.LATE: Words("Spin the {tube} now: it was due by {by}.", "Centrifugue ya: {tube}. Era antes de las {by}."),
}


def spin_state(times: TubeTimes, *, now: datetime) -> SpinState:
    """Where a tube stands now; times are aware."""
    if times.tube.spin is None:
        return SpinState.NOT_NEEDED
    if times.processed_at is not None:
        return SpinState.DONE
    if times.collected_at is None:
        return SpinState.NOT_DRAWN
    return _waiting(times.tube.spin, now - times.collected_at)


def spin_words(times: TubeTimes, *, now: datetime, zone: tzinfo) -> Words | None:
    """What to do with a tube now, in the site's 24-hour time: `Spin the SST by 11:42.` None when nothing is to do.

    A deadline is cut to its minute, so that keeping to the words keeps to the rule.
    """
    state = spin_state(times, now=now)
    spin, drawn = times.tube.spin, times.collected_at
    if state not in _WORDS or spin is None or drawn is None:
        return None
    since, by = _clock(drawn + spin.not_before + timedelta(seconds=59), zone), _clock(drawn + spin.not_after, zone)
    words, tube = _WORDS[state], times.tube.short
    return Words(
        words.en.format(tube=tube.en, since=since, by=by),
        words.es.format(tube=tube.es, since=since, by=by),
    )


def _waiting(spin: Spin, since_draw: timedelta) -> SpinState:
    if since_draw < spin.not_before:
        return SpinState.CLOTTING
    if since_draw > spin.not_after:
        return SpinState.LATE
    return SpinState.DUE_SOON if since_draw >= spin.not_after - DUE_SOON else SpinState.READY


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")
