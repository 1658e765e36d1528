"""The rack as a page draws it: each tube's cap, word and step, and the one thing to do next."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from biobank import clock
from biobank.db import Tx
from biobank.specimens import orders
from biobank.specimens.custody import TubeStatus
from biobank.specimens.drawing import times_of
from biobank.specimens.labelling import alarms_of
from biobank.specimens.models import CollectionOrder, OrderState, Tube
from biobank.specimens.spinning import SpinState, spin_state, spin_words
from biobank.specimens.timing import TubeTimes
from biobank.specimens.tubes import TubeType
from biobank.stations import actions as stations


class Next(StrEnum):
    """The one thing to do next with an order."""

    PRINT = "print"
    APPLY = "apply"
    COLLECT = "collect"
    SPIN = "spin"
    FINISH = "finish"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Place:
    """One tube in the rack, as it is drawn. `spin_until` ends what it waits for: to have clotted, or to be spun.

    `is_loose` is whether a label of it is printed and not on it; `alarms` how often one was scanned as on it twice.
    """

    tube: Tube
    kind: TubeType
    cap: str
    cap_words: str
    printed: str | None
    spin: SpinState
    spin_words: str | None
    spin_until: datetime | None
    is_next: bool
    is_loose: bool
    alarms: int

    @property
    def is_undrawn(self) -> bool:
        return self.tube.state in (TubeStatus.ORDERED, TubeStatus.LABEL_PRINTED, TubeStatus.LABELLED)


@dataclass(frozen=True, slots=True)
class Rack:
    """The tubes of an order in draw order, what is next, and a mark that changes when anything shown does."""

    places: Sequence[Place]
    next: Next
    mark: str

    def waiting(self, state: str) -> list[Place]:
        """The places whose tube stands there."""
        return [place for place in self.places if place.tube.state == state]

    @property
    def to_spin(self) -> list[Place]:
        return [place for place in self.places if place.spin_words and place.tube.state is TubeStatus.COLLECTED]


def rack_of(tx: Tx, order: CollectionOrder, *, locale: str, zone: str) -> Rack:
    """The rack of an order in a reader's language and a site's time."""
    jobs = stations.jobs_of(tx, [tube.code for tube in order.tubes])
    loose = {job.object_code for job in stations.unapplied(tx, list(jobs))}
    what = next_step(order, loose)
    first = next((tube for tube in order.tubes if _waits(tube, what, loose)), None)
    alarms = alarms_of(tx, order)
    now = clock.now()
    places = []
    for tube in order.tubes:
        kind, times = orders.kind_of(order, tube), times_of(order, tube)
        words = spin_words(times, now=now, zone=ZoneInfo(zone))
        job = jobs.get(tube.code)
        places.append(
            Place(
                tube, kind, "-".join(colour.code for colour in kind.cap), kind.cap_words(locale),
                printed=str(stations.shown_state(job, now)) if job else None, spin=spin_state(times, now=now),
                spin_words=words.to(locale) if words else None, spin_until=_until(times, now) if words else None,
                is_next=tube is first, is_loose=tube.code in loose, alarms=alarms.get(tube.id, 0),
            )
        )  # fmt: skip
    return Rack(places, what, _mark(order, places))


def next_step(order: CollectionOrder, loose: Collection[str] = ()) -> Next:
    """What to do next: print what is not printed, apply what is not applied, draw, spin, sign off.

    `loose` are the codes of tubes of which a label is printed and not on its tube.
    """
    states = {tube.state for tube in order.tubes}
    for state, step in _ORDER.items():
        if state in states or (step is Next.APPLY and loose):
            return step
    if order.state in (OrderState.FINALISED, OrderState.CANCELLED):
        return Next.DONE
    return Next.SPIN if orders.unspun(order) else Next.FINISH


_ORDER = {
    TubeStatus.ORDERED: Next.PRINT,
    TubeStatus.LABEL_PRINTED: Next.APPLY,
    TubeStatus.LABELLED: Next.COLLECT,
}
_WAITS = {step: state for state, step in _ORDER.items()}


def _waits(tube: Tube, step: Next, loose: Collection[str]) -> bool:
    return tube.state is _WAITS.get(step) or (step is Next.APPLY and tube.code in loose)


def _until(times: TubeTimes, now: datetime) -> datetime | None:
    spin, drawn = times.tube.spin, times.collected_at
    if spin is None or drawn is None:
        return None
    return drawn + (spin.not_before if spin_state(times, now=now) is SpinState.CLOTTING else spin.not_after)


def _mark(order: CollectionOrder, places: Sequence[Place]) -> str:
    shown = [(place.tube.state, place.printed, place.spin, place.is_loose, place.alarms) for place in places]
    return hashlib.sha256(repr((order.version, shown)).encode()).hexdigest()[:16]
