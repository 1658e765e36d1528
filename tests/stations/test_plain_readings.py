"""What is recognised at a glance is what the schema would have loaded."""

import json
from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as some

from biobank.stations.plain_readings import plain
from biobank.stations.schemas import DeviceReadingSchema
from tests.stations.factories import on_the_wire, reading

GOOD: dict[str, Any] = {"stable": None, "device_time": None, "flags": [], "repeat": 1, "raw": "00"}
MEASURE = {"quantity": "weight", "value": "72.8", "unit": "kg"}
WORDS = some.sampled_from(["scale", "", " ", "a\nb", "é", "x" * 61, "2026-07-11T09:05", "2026-02-30T09:05:00.000Z",
                           "2026-07-11T09:05:00.000Z", "1969-07-11T09:05:00.000Z", "00", "0", "kg", "scan", "reading",
                           "weight", "72.8", "-1", "١٢", "1e3", "NaN"])  # fmt: skip
ANYTHING = some.one_of(
    some.none(), some.booleans(), some.integers(-1, 2**53 + 1), some.floats(), WORDS, some.just([]), some.just({}),
    some.just([MEASURE]), some.lists(WORDS, max_size=11),
    some.builds(lambda name, value: [MEASURE | {name: value}], some.sampled_from([*MEASURE, "more"]), WORDS),
)  # fmt: skip


def ordinary(**changes: Any) -> dict[str, Any]:
    return {
        **on_the_wire(reading(7)),
        **GOOD,
        "measures": [MEASURE],
        "captured_at": "2026-07-11T09:05:00.000Z",
    } | changes


def a_scan(**changes: Any) -> dict[str, Any]:
    return {"seq": 7, "device": "scanner", "protocol": "barcode", "kind": "scan", "text": "S123456789012",
            "captured_at": "2026-07-11T09:05:00.000Z", "raw": "53"} | changes  # fmt: skip


def by_schema(given: Any) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = DeviceReadingSchema().load(json.loads(json.dumps(given)))
    except ma.ValidationError:
        return None
    return loaded


@pytest.mark.parametrize("sent", [ordinary(), a_scan()], ids=["reading", "scan"])
def test_what_is_ordinary_is_recognised(sent: dict[str, Any]) -> None:
    found = plain(sent)
    assert found is not None
    assert found == by_schema(sent)


@given(some.sampled_from([*ordinary(), "text", "more"]), ANYTHING)
def test_whatever_is_changed_in_it_the_schema_loads_the_same_or_decides(name: str, value: Any) -> None:
    for changed in (ordinary(**{name: value}), a_scan(**{name: value})):
        assert plain(changed) in (None, by_schema(changed))


@pytest.mark.parametrize("name", ordinary())
def test_a_reading_without_one_of_its_parts_is_left_to_the_schema(name: str) -> None:
    changed = ordinary()
    del changed[name]
    assert plain(changed) is None
