"""The inbox: each reading once, whatever the network does; to the open visit or to nobody."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank import clock, events
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid
from biobank.stations import actions
from biobank.stations.events import ReadingClaimed
from biobank.stations.models import InboxReading, InboxState
from tests.stations.factories import Desk, any_visit, make_desk, on_the_wire, reading, scan


def _states(tx: Tx, desk: Desk) -> dict[int, str]:
    return {item.seq: item.state.value for item in actions.recent_readings(tx, desk.id)}


def test_a_reading_sent_twice_is_kept_once(tx: Tx) -> None:
    desk, content = make_desk(tx), reading(7)
    actions.receive_readings(tx, desk.id, [content])
    assert actions.receive_readings(tx, desk.id, [content]) == actions.Receipt([7], [7])
    assert len(actions.recent_readings(tx, desk.id)) == 1


def test_two_stations_may_use_the_same_number(tx: Tx) -> None:
    one = make_desk(tx)
    two = make_desk(tx, actions.require_station(tx, one.id).site, "Desk 2")
    actions.receive_readings(tx, one.id, [reading(7)])
    assert actions.receive_readings(tx, two.id, [reading(7)]).duplicates == []


def test_a_number_with_other_content_is_refused_by_name(app: Flask, desk: Desk) -> None:
    desk.post(app, "readings", {"readings": [on_the_wire(reading(7))]})
    changed = on_the_wire(reading(7, raw="00"))
    answer = desk.post(app, "readings", {"readings": [changed, on_the_wire(reading(8))]})
    assert answer.status_code == 422
    assert [item["seq"] for item in answer.json["refused"]] == [7]


def test_a_refused_batch_stores_nothing(app: Flask, databases: Databases, desk: Desk) -> None:
    desk.post(app, "readings", {"readings": [on_the_wire(reading(7))]})
    desk.post(app, "readings", {"readings": [on_the_wire(reading(6)), on_the_wire(reading(7, raw="00"))]})
    with databases.transaction(read_only=True) as tx:
        assert list(_states(tx, desk)) == [7]


def test_one_batch_that_contradicts_itself_is_refused(tx: Tx) -> None:
    desk = make_desk(tx)
    with pytest.raises(Invalid, match="Reading 7 was sent before"):
        actions.receive_readings(tx, desk.id, [reading(7), reading(7, raw="00")])


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_shuffle_and_repetition_gives_each_reading_once(databases: Databases, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    batches = data.draw(st.lists(st.lists(st.integers(1, count), min_size=1, max_size=6), max_size=8))
    with databases.transaction() as tx:
        tx.session.info["undo"] = tx.session.begin_nested()
        desk, at = make_desk(tx), clock.now()
        for batch in [*batches, list(range(count, 0, -1))]:
            actions.receive_readings(tx, desk.id, [reading(seq, captured_at=at) for seq in batch])
        kept = tx.session.scalars(sa.select(InboxReading.seq).filter_by(station_id=desk.id)).all()
        tx.session.info.pop("undo").rollback()
    assert sorted(kept) == list(range(1, count + 1))


def test_a_reading_before_the_window_is_nobodys(tx: Tx) -> None:
    desk, before = make_desk(tx), clock.now() - timedelta(seconds=1)
    actions.open_window(tx, desk.id, any_visit())
    actions.receive_readings(tx, desk.id, [reading(1, captured_at=before)])
    assert _states(tx, desk) == {1: "unclaimed"}


def test_a_reading_without_a_window_is_nobodys(tx: Tx) -> None:
    desk = make_desk(tx)
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert _states(tx, desk) == {1: "unclaimed"}


def test_a_reading_within_the_window_goes_to_its_visit(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert actions.recent_readings(tx, desk.id)[0].visit_id == visit


def test_a_reading_after_the_window_is_nobodys(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    actions.close_windows(tx, visit)
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert _states(tx, desk) == {1: "unclaimed"}


def test_what_is_claimed_is_told_with_its_measures(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[ReadingClaimed] = []
    monkeypatch.setattr(events, "_reactions", {ReadingClaimed: [lambda _tx, event: told.append(event)]})
    desk = make_desk(tx)
    actions.open_window(tx, desk.id, any_visit())
    actions.receive_readings(tx, desk.id, [reading(1)])
    assert told[0].measures == (("weight", "72.8", "kg"),)


def _refuses(tx: Tx, event: ReadingClaimed) -> None:
    actions.close_windows(tx, event.visit_id)
    raise Conflict("The record is final.")


def test_a_reading_the_record_refuses_is_kept_with_the_reason(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_reactions", {ReadingClaimed: [_refuses]})
    desk = make_desk(tx)
    actions.open_window(tx, desk.id, any_visit())
    actions.receive_readings(tx, desk.id, [reading(1)])
    kept = actions.recent_readings(tx, desk.id)[0]
    assert (kept.state, kept.refusal, kept.visit_id) == (InboxState.REFUSED, "The record is final.", None)
    assert actions.window_of(tx, desk.id) is not None


def test_a_wrong_clock_is_set_right_before_the_window_is_asked(app: Flask, databases: Databases, desk: Desk) -> None:
    desk.clock_off = timedelta(hours=-1)
    with databases.transaction() as tx:
        actions.open_window(tx, desk.id, any_visit())
    late = on_the_wire(reading(1, captured_at=clock.now() + desk.clock_off))
    early = on_the_wire(reading(2, captured_at=clock.now() + desk.clock_off - timedelta(minutes=1)))
    desk.post(app, "readings", {"readings": [late, early]})
    with databases.transaction(read_only=True) as tx:
        assert _states(tx, desk) == {1: "claimed", 2: "unclaimed"}


def test_a_fast_clock_gives_no_reading_of_the_future(tx: Tx, noon: Any) -> None:
    desk = make_desk(tx)
    actions.receive_readings(tx, desk.id, [reading(1, captured_at=noon + timedelta(hours=3))])
    assert actions.recent_readings(tx, desk.id)[0].happened_at == noon


def test_a_fresh_scan_is_given_once_and_in_order(tx: Tx) -> None:
    desk = make_desk(tx)
    actions.receive_readings(tx, desk.id, [scan(3, "S1"), scan(4, "S2"), reading(5)])
    found = [actions.latest_scan(tx, desk.id, after) for after in (0, 3, 4)]
    assert [item and item.text for item in found] == ["S1", "S2", None]


def test_an_old_scan_acts_on_nothing(tx: Tx) -> None:
    desk = make_desk(tx)
    actions.receive_readings(tx, desk.id, [scan(3, "S1", captured_at=clock.now() - timedelta(minutes=1))])
    assert actions.latest_scan(tx, desk.id, 0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"measures": []},
        {"measures": [{"quantity": "weight", "value": "72,8", "unit": "kg"}]},
        {"measures": [{"quantity": "weight", "value": "1e3", "unit": "kg"}]},
        {"measures": [{"quantity": "shoe", "value": "42", "unit": None}]},
        {"measures": [{"quantity": "weight", "value": "72.8", "unit": "stone"}]},
        {"measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}] * 11},
        {"measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "text": "S1"},
        {"raw": "0" * 8194},
        {"raw": "0x"},
        {"device": "scale\x00"},
        {"device": "\ud800"},
        {"captured_at": "2026-11-20T18:00:00"},
        {"captured_at": "0001-01-01T00:00:00+00:00"},
        {"kind": "scan"},
        {"stable": "yes"},
        {"more": 1},
    ],
)
def test_what_breaks_a_rule_is_refused_whole_with_its_number(
    app: Flask, databases: Databases, desk: Desk, wrong: dict[str, Any]
) -> None:
    good, bad = on_the_wire(reading(11)), on_the_wire(reading(12)) | wrong
    answer = desk.post(app, "readings", {"readings": [good, bad]})
    assert (answer.status_code, [item["seq"] for item in answer.json["refused"]]) == (422, [12])
    with databases.transaction(read_only=True) as tx:
        assert _states(tx, desk) == {}


@pytest.mark.parametrize(
    "body", [[], {}, {"readings": []}, {"readings": [1]}, {"readings": "x"}, {"readings": [{}] * 201}]
)
def test_what_is_no_batch_is_refused(app: Flask, desk: Desk, body: Any) -> None:
    assert desk.post(app, "readings", body).status_code == 422


def test_a_batch_of_two_hundred_is_kept(app: Flask, desk: Desk) -> None:
    answer = desk.post(app, "readings", {"readings": [on_the_wire(reading(seq)) for seq in range(1, 201)]})
    assert answer.json == {"acknowledged": list(range(1, 201)), "duplicates": []}
