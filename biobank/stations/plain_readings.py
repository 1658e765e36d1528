"""An ordinary reading recognised at a glance: stations deliver by the thousand, and the schema takes its time."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma

from biobank.stations.models import InboxKind

QUANTITIES = ("weight", "height", "length", "bmi", "systolic", "diastolic", "mean_arterial_pressure", "heart_rate")
UNITS = ("kg", "g", "lb", "cm", "mm", "in", "ft", "mmHg", "/min", "kg/m2")
VALUE = r"\A-?[0-9]{1,6}(\.[0-9]{1,7})?\Z"
RAW = r"\A(?:[0-9a-f]{2}){0,4096}\Z"

_MOMENT = re.compile(r"(?:19[7-9]\d|2\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_value, _raw = re.compile(VALUE).match, re.compile(RAW).match
_quantities, _units = frozenset(QUANTITIES), frozenset((*UNITS, None))
_MEASURE = frozenset(("quantity", "value", "unit"))


def _word(limit: int) -> Callable[[Any], bool]:
    return lambda given: type(given) is str and 0 < len(given) <= limit and given.isascii() and given.isprintable()


def _count(most: int) -> Callable[[Any], bool]:
    return lambda given: type(given) is int and 1 <= given <= most


def _is_measure(given: Any) -> bool:
    if type(given) is not dict or given.keys() != _MEASURE:
        return False
    quantity, value, unit = given["quantity"], given["value"], given["unit"]
    words = type(quantity) is type(value) is str and (unit is None or type(unit) is str)
    return words and quantity in _quantities and unit in _units and _value(value) is not None


def _some(is_one: Callable[[Any], bool], fewest: int) -> Callable[[Any], bool]:
    return lambda given: type(given) is list and fewest <= len(given) <= 10 and all(map(is_one, given))


_short = _word(40)
_BOTH: dict[str, Callable[[Any], bool]] = {
    "seq": _count(2**53),
    "device": _word(60),
    "protocol": _short,
    "kind": lambda given: type(given) is str,
    "captured_at": lambda given: type(given) is str and _MOMENT.fullmatch(given) is not None,
    "raw": lambda given: type(given) is str and _raw(given) is not None,
}
_READING = _BOTH | {
    "device_time": lambda given: given is None or _short(given),
    "measures": _some(_is_measure, 1),
    "stable": lambda given: given is None or type(given) is bool,
    "flags": _some(_short, 0),
    "repeat": _count(1_000_000),
}
_SCAN = _BOTH | {"text": _word(200)}


def plain(given: Any) -> dict[str, Any] | None:
    """The reading or scan as its schema loads it, if every part of it is of the plainest kind; None: ask the schema."""
    if type(given) is not dict:
        return None
    if given.get("kind") == InboxKind.READING and _fits(given, _READING):
        return _taken(given, text=None)
    if given.get("kind") == InboxKind.SCAN and _fits(given, _SCAN):
        return _taken(given, device_time=None, measures=[], stable=None, flags=[], repeat=1)
    return None


def _fits(given: Mapping[str, Any], parts: Mapping[str, Callable[[Any], bool]]) -> bool:
    return given.keys() == parts.keys() and all(is_plain(given[name]) for name, is_plain in parts.items())


def _taken(given: Mapping[str, Any], **absent: Any) -> dict[str, Any] | None:
    try:
        moment = datetime.fromisoformat(given["captured_at"])
    except ValueError:
        return None
    return {**given, **absent, "kind": InboxKind(given["kind"]), "captured_at": moment}


class Readings(ma.fields.List[Any]):
    """A list of readings; those that are plain are taken as they are, the others by their schema."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if type(value) is list:
            taken = [plain(item) for item in value]
            if None not in taken:
                return taken
        return super()._deserialize(value, attr, data, **options)
