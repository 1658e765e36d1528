import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.specimens.custody import GENESIS, NotCanonical, canonical, link

WHOLE = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.text(st.characters(max_codepoint=126), max_size=6)
EVENTS = st.dictionaries(
    NAMES, st.recursive(st.none() | st.booleans() | WHOLE | TEXT, st.lists, max_leaves=4), max_size=5
)


def test_an_event_has_one_byte_form() -> None:
    event = {
        "tube": "S123456789077",
        "at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
        "note": 'é "x"\n',
        "n": 3,
        "ok": True,
    }
    assert canonical(event) == (
        '{"at":"2026-11-20T18:00:00.000000Z","n":3,"note":"é \\"x\\"\\n","ok":true,"tube":"S123456789077"}'.encode()
    )


def test_the_same_instant_in_another_zone_is_the_same_event() -> None:
    chicago = timezone(timedelta(hours=-6))
    assert canonical({"at": datetime(2026, 11, 20, 12, tzinfo=chicago)}) == canonical(
        {"at": datetime(2026, 11, 20, 18, tzinfo=UTC)}
    )


@given(EVENTS)
def test_the_order_of_names_changes_nothing(event: dict[str, Any]) -> None:
    assert canonical(dict(reversed(event.items()))) == canonical(event)


@pytest.mark.parametrize(
    "event",
    [{"n": 1.5}, {"n": 2**53}, {"at": datetime(2026, 11, 20)}, {"é": 1}, {1: 1}, {"x": "\ud800"}, {"x": b"y"}],  # noqa: DTZ001
    ids=["float", "huge", "no zone", "name", "number for a name", "half a character", "bytes"],
)
def test_a_value_without_one_form_is_refused(event: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(event)


def test_a_link_is_the_hash_of_the_one_before_and_the_event() -> None:
    event = {"type": "collected"}
    assert link(GENESIS, event) == hashlib.sha256(b"\x02" + bytes(32) + b'{"type":"collected"}').digest()


@given(st.lists(EVENTS, min_size=2, max_size=5, unique_by=canonical), st.data())
def test_a_chain_tells_when_an_event_is_left_out(events: list[dict[str, Any]], data: st.DataObject) -> None:
    gone = data.draw(st.integers(min_value=0, max_value=len(events) - 1))
    assert _head(events) != _head(events[:gone] + events[gone + 1 :])


@pytest.mark.parametrize("previous", [b"", b"x" * 31, b"x" * 33])
def test_a_previous_hash_of_another_length_is_refused(previous: bytes) -> None:
    with pytest.raises(NotCanonical, match="32 bytes"):
        link(previous, {})


def _head(events: list[dict[str, Any]]) -> bytes:
    head = GENESIS
    for event in events:
        head = link(head, event)
    return head
