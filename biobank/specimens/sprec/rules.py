"""A tube's SPREC derived from what happened to it, and from nothing else; what is not known is X.

Each element says why it is what it is, and which events it was read from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from biobank.errors import Phrase
from biobank.specimens.custody_words import EventType
from biobank.specimens.sprec import products, words
from biobank.specimens.sprec.tables import Delay, SpinRow, Tables
from biobank.specimens.storage.cold import is_frozen

UNKNOWN, OTHER, NONE = "X", "Z", "N"
# A time that somebody entered longer after the fact than this is not leant upon.
LATEST_ENTRY = timedelta(hours=24)
_AHEAD = timedelta(minutes=5)
# The event of a shipment that says how warm it was inside as it was opened.
SHIPMENT_OPENED = "shipment_opened"
_PUT = (EventType.STORED, EventType.MOVED)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a tube, of its parent before it was divided, or of the shipment that it travelled in."""

    id: str
    type: str
    at: datetime
    recorded_at: datetime
    source: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    is_doubted: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether the time may be leant upon: not doubted, not in the future, not entered long after."""
        if self.is_doubted or self.source not in {"server", "device", "entered"}:
            return False
        return self.at <= self.recorded_at + _AHEAD and (
            self.source != "entered" or self.recorded_at - self.at <= LATEST_ENTRY
        )


@dataclass(frozen=True, slots=True)
class Element:
    """One of the seven elements: its letter or code, why, and the events that it was read from."""

    letter: str
    why: Phrase
    events: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sprec:
    """The whole code by one version of the rules."""

    version: str
    rules: str
    elements: tuple[Element, ...]

    @property
    def code(self) -> str:
        return "-".join(element.letter for element in self.elements)

    @property
    def events(self) -> tuple[str, ...]:
        """Every event that was used, each once, in the order of the elements."""
        return tuple(dict.fromkeys(event for element in self.elements for event in element.events))


def derive(origin: str, facts: Sequence[Fact], tables: Tables) -> Sprec:
    """The SPREC of a tube of the kind `origin`. `facts` stand in the order in which they happened."""
    spins = [fact for fact in facts if fact.type == EventType.PROCESSED]
    first = _spin(facts, spins, 0, tables.first_spin, tables)
    elements = (
        _material(origin, facts, spins, tables),
        _container(origin, facts, tables),
        _before(facts, spins, tables),
        first,
        Element(NONE, words.NOT_SPUN, first.events) if first.letter == NONE
        else _spin(facts, spins, 1, tables.second_spin, tables),
        _after(facts, spins, first.letter, tables),
        _store(facts, tables),
    )  # fmt: skip
    return Sprec(tables.version, tables.rules, elements)


def _material(origin: str, facts: Sequence[Fact], spins: Sequence[Fact], tables: Tables) -> Element:
    derived = [fact for fact in facts if fact.type == EventType.DERIVED]
    if derived:
        return Element(str(derived[-1].detail["material"]), words.MATERIAL_DERIVED, (derived[-1].id,))
    raw, spun = tables.types.get(origin, ("ZZZ", "ZZZ"))
    if spins and raw != spun:
        return Element(spun, words.MATERIAL_SPUN, (spins[0].id,))
    return Element(raw, words.MATERIAL_COLLECTED, tuple(fact.id for fact in _of(facts, EventType.COLLECTED)[:1]))


def _container(origin: str, facts: Sequence[Fact], tables: Tables) -> Element:
    """By the kind of tube; where that is made in several ways, by the product that was recorded as it was drawn."""
    code = tables.tubes.get(origin)
    if code:
        return Element(code, words.CONTAINER)
    for fact in _of(facts, EventType.COLLECTED)[-1:]:
        made = products.load().get(str(fact.detail.get("made")))
        if made and made.tube == origin:
            return Element(made.containers[tables.version], words.CONTAINER_MADE, (fact.id,))
    return Element("XXX", words.CONTAINER_UNKNOWN)


def _before(facts: Sequence[Fact], spins: Sequence[Fact], tables: Tables) -> Element:
    """From the draw to the first spin; of a tube never spun to when it was first divided or frozen."""
    drawn = next(iter(_of(facts, EventType.COLLECTED)), None)
    end = spins[0] if spins else next((fact for fact in facts if _ends_the_wait(fact)), None)
    if drawn is None or end is None:
        return Element(UNKNOWN, words.NO_END if drawn else words.NOT_DRAWN)
    until = _spin_began(end) if spins else end.at
    return _delay(facts, (drawn, end), (drawn.at, until), tables.delays, tables)


def _after(facts: Sequence[Fact], spins: Sequence[Fact], first: str, tables: Tables) -> Element:
    """From the end of the last spin to the frost."""
    if first == NONE:
        return Element(NONE, words.NOT_SPUN)
    if not spins:
        return Element(UNKNOWN, words.NO_SPIN_RECORDED)
    frozen = next((fact for fact in facts if _is_freezing(fact) and fact.at >= spins[-1].at), None)
    if frozen is None:
        return Element(UNKNOWN, words.NOT_FROZEN)
    later = [fact for fact in facts if fact.type != EventType.PROCESSED]
    return _delay(later, (spins[-1], frozen), (spins[-1].at, frozen.at), tables.after, tables)


def _delay(
    facts: Iterable[Fact],
    ends: tuple[Fact, Fact],
    times: tuple[datetime, datetime],
    rows: Sequence[Delay],
    tables: Tables,
) -> Element:
    used: tuple[str, ...] = (ends[0].id, ends[1].id)
    waited = times[1] - times[0]
    if not all(fact.is_sure for fact in ends) or waited < timedelta(0):
        return Element(UNKNOWN, words.TIME_UNSURE, used)
    told = [(fact.id, warmth) for fact in facts if times[0] < fact.at <= ends[1].at
            for warmth in [_warmth(fact, tables)] if warmth]  # fmt: skip
    warmths = {warmth for _, warmth in told}
    used += tuple(event for event, _ in told if event not in used)
    parts = {"hours": f"{waited.total_seconds() / 3600:.1f}"}
    if not warmths:
        return Element(UNKNOWN, words.WARMTH_UNKNOWN, used, parts)
    row = next(row for row in rows if row.holds(waited))
    letter = row.letters.get(next(iter(warmths))) if len(warmths) == 1 else None
    if letter is None:
        return Element(OTHER, words.WARMTH_CHANGED if len(warmths) > 1 else words.NO_CELL, used, parts)
    return Element(letter, words.WAITED[next(iter(warmths))], used, parts)


def _warmth(fact: Fact, tables: Tables) -> str | None:
    """How warm the tube was, as far as this event tells: what somebody declared, or a thermometer in its parcel."""
    if fact.detail.get("kept"):
        return str(fact.detail["kept"])
    celsius = fact.detail.get("celsius") if fact.type == SHIPMENT_OPENED else None
    return None if celsius is None else tables.warmth(Decimal(celsius)) or "other"


def _spin(
    facts: Sequence[Fact], spins: Sequence[Fact], number: int, rows: Sequence[SpinRow], tables: Tables
) -> Element:
    if len(spins) <= number:
        since = spins[-1].at if spins else None
        denied = [fact for fact in facts if fact.detail.get("no_more_spins") and (since is None or fact.at >= since)]
        if denied:
            return Element(NONE, words.NO_MORE_SPINS, (denied[-1].id,))
        return Element(UNKNOWN, words.NO_SPIN_RECORDED if not spins else words.NO_SECOND_RECORDED)
    fact = spins[number]
    detail, used = fact.detail, (fact.id,)
    g, minutes, warmth = int(detail["g"]), int(detail["minutes"]), tables.warmth(Decimal(detail["celsius"]))
    parts = {"g": str(g), "minutes": str(minutes), "celsius": str(detail["celsius"])}
    row = next((row for row in rows if row.holds(g, minutes)), None)
    letters = row.letters.get(warmth or "", {}) if row else {}
    if not letters:
        return Element(OTHER, words.SPIN_NO_CELL, used, parts)
    brake = detail.get("brake")
    if brake is None:
        return Element(UNKNOWN, words.BRAKE_UNKNOWN, used, parts)
    letter = letters.get("on" if brake else "off")
    return Element(letter or OTHER, words.SPUN if letter else words.SPIN_NO_CELL, used, parts)


def _store(facts: Sequence[Fact], tables: Tables) -> Element:
    """Where the tube lies now: its vessel and how cold its place is."""
    moves = [fact for fact in facts if fact.type in {*_PUT, EventType.RETRIEVED} and "cold" in fact.detail]
    if not moves or moves[-1].type == EventType.RETRIEVED:
        return Element(UNKNOWN, words.NOT_STORED, tuple(fact.id for fact in moves[-1:]))
    last, derived = moves[-1], _of(facts, EventType.DERIVED)
    vessel = str(derived[-1].detail["vessel"]) if derived else "primary"
    cold, used = str(last.detail["cold"]), (last.id,)
    earlier = [fact for fact in moves if fact.detail["cold"] == "ultra_low" and fact.type in _PUT]
    if cold == "liquid_nitrogen" and earlier and vessel in tables.after_ultra_low:
        return Element(tables.after_ultra_low[vessel], words.STORED_AFTER, (earlier[-1].id, *used))
    if tables.by_program.get(vessel) == cold and not last.detail.get("programmed"):
        return Element(UNKNOWN, words.FREEZING_UNKNOWN, used)
    letter = tables.stores.get(vessel, {}).get(cold)
    return Element(letter, words.STORED, used) if letter else Element(OTHER, words.STORE_NO_CELL, used)


def _of(facts: Iterable[Fact], kind: EventType) -> list[Fact]:
    return [fact for fact in facts if fact.type == kind]


def _is_freezing(fact: Fact) -> bool:
    return fact.type in _PUT and is_frozen(fact.detail.get("cold"))


def _ends_the_wait(fact: Fact) -> bool:
    return fact.type in {EventType.ALIQUOTED, EventType.DERIVED} or _is_freezing(fact)


def _spin_began(fact: Fact) -> datetime:
    """A spin is recorded at its end."""
    return fact.at - timedelta(minutes=int(fact.detail["minutes"]))
