"""What an event says of where a tube is kept, what is left in it, and how often it was thawed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from biobank.specimens.custody import EventType
from biobank.specimens.storage.cold import is_frozen


class Happened(Protocol):
    """As much of an event of custody as is read here."""

    @property
    def event_time(self) -> datetime: ...

    @property
    def detail(self) -> Mapping[str, Any]: ...


# From an event, what was taken out of the tube before, and its thaws before, to the facts that it changes.
Change = Callable[[Any, Decimal, int], dict[str, Any]]
_NOWHERE: dict[str, Any] = {"place": None, "store_id": None, "slot": None}


def is_thaw(event: Happened) -> bool:
    """Whether a tube thawed: it was taken out of the frost, and nobody said that it was kept frozen."""
    return is_frozen(event.detail.get("cold")) and not event.detail.get("kept_frozen", False)


def _put(event: Happened, _taken: Decimal, _thaws: int) -> dict[str, Any]:
    store = event.detail.get("store")
    return {"place": event.detail["place"], "store_id": UUID(store) if store else None,
            "slot": event.detail.get("slot"), "out_at": None}  # fmt: skip


def _retrieved(event: Happened, _taken: Decimal, thaws: int) -> dict[str, Any]:
    return _NOWHERE | {"out_at": event.event_time, "thaws": thaws + is_thaw(event)}


def _derived(event: Happened, _taken: Decimal, _thaws: int) -> dict[str, Any]:
    detail = event.detail
    return {"material": detail["material"], "vessel": detail["vessel"], "volume_ul": Decimal(detail["volume_ul"]),
            "thaws": detail["thaws"]}  # fmt: skip


def _aliquoted(event: Happened, taken: Decimal, _thaws: int) -> dict[str, Any]:
    measured = event.detail.get("measured_ul")
    facts: dict[str, Any] = {"taken_ul": taken + Decimal(event.detail["taken_ul"])}
    return facts | {"volume_ul": Decimal(measured)} if measured else facts


def _held(event: Happened, _taken: Decimal, _thaws: int) -> dict[str, Any]:
    """A tube held where it lies stays there; one that was fetched to be destroyed has left its position."""
    return _NOWHERE if event.detail.get("set_apart") else {}


def _gone(_event: Happened, _taken: Decimal, _thaws: int) -> dict[str, Any]:
    return _NOWHERE | {"out_at": None}


FACTS: Mapping[str, Change] = {
    EventType.STORED: _put,
    EventType.MOVED: _put,
    EventType.RETRIEVED: _retrieved,
    EventType.DERIVED: _derived,
    EventType.ALIQUOTED: _aliquoted,
    EventType.HELD: _held,
    EventType.DECLARED_MISSING: _gone,
    EventType.CONSUMED: _gone,
    EventType.DESTROYED: _gone,
}
