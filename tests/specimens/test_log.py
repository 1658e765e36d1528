"""The log of custody: append-only by order of the database, chained, and what every row of a tube follows from."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.db import Databases, Tx
from biobank.errors import Refused
from biobank.specimens import actions, log, projection
from biobank.specimens.custody import FOLLOWS, EventType, NotAllowed
from biobank.specimens.log_entry import Subject, make
from biobank.specimens.models import CustodyEvent, ReceiptScan, SubjectKind, Tube
from tests.specimens.factories import make_collected, make_opened, make_order, make_sent, make_store


@pytest.mark.parametrize("model", [CustodyEvent, ReceiptScan])
@pytest.mark.parametrize("statement", [sa.delete, lambda model: sa.update(model).values(site_id=None)])
def test_the_database_refuses_to_change_what_happened(
    databases: Databases, model: Any, statement: Callable[[Any], Any]
) -> None:
    with databases.transaction() as tx:
        _shipment, tubes = make_opened(tx)
        actions.receive_scan(tx, tubes[0].code)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), databases.transaction() as tx:
        tx.session.execute(statement(model))


def test_every_event_says_who_when_where_and_from_whom_to_whom(tx: Tx) -> None:
    _shipment, tubes = make_sent(tx)
    event = actions.story(tx, SubjectKind.TUBE, tubes[0].id)[-1]
    assert (event.set_code, event.from_custodian, event.to_custodian) == ("S41", "clinic", "carrier")
    assert (event.actor_name, event.zone) == ("Carla Clerk", "America/Chicago")


def test_a_story_is_whole_until_a_link_is_changed(tx: Tx) -> None:
    events = actions.story(tx, SubjectKind.TUBE, make_collected(tx).tubes[0].id)
    assert actions.is_whole(events)
    tx.session.expunge_all()
    events[1].reason = "changed"
    assert not actions.is_whole(events)


def test_a_story_without_one_of_its_events_is_not_whole(tx: Tx) -> None:
    events = actions.story(tx, SubjectKind.TUBE, make_collected(tx).tubes[0].id)
    assert not actions.is_whole([events[0], *events[2:]])
    assert not actions.is_whole(events[1:])


def test_a_shipments_story_is_chained_too(tx: Tx) -> None:
    shipment, _tubes = make_opened(tx)
    events = actions.story(tx, SubjectKind.SHIPMENT, shipment.id)
    assert [event.type for event in events] == ["packed", "handed_over", "arrived", "receiving_begun"]
    assert actions.is_whole(events)


def test_a_correction_names_what_it_corrects_and_leaves_it_standing(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, "UNDO"):
        actions.receive_scan(tx, code)
    *_, received, declared = actions.story(tx, SubjectKind.TUBE, tubes[0].id)
    assert (received.type, declared.type) == ("received", "error_declared")
    assert declared.corrects == received.id


def test_an_error_is_declared_on_an_event_or_not_at_all(tx: Tx) -> None:
    tube = make_collected(tx).tubes[0]
    with pytest.raises(NotAllowed, match="choose the event"):
        log.record(tx, tube, EventType.ERROR_DECLARED)
    bare = make(tx, Subject(SubjectKind.TUBE, tube.id, tube.seq, tube.head), "error_declared", site_id=None)
    with pytest.raises(sa.exc.IntegrityError, match="an_error_names_its_event"), tx.session.begin_nested():
        tx.session.add(bare)


def test_a_row_that_does_not_follow_from_its_story_is_found(tx: Tx) -> None:
    tube = make_collected(tx).tubes[3]
    tube.collected_at = None
    tx.session.flush()
    assert [one.id for one in actions.differences(tx)] == [tube.id]


def test_on_a_sound_database_every_row_follows_from_its_story(tx: Tx) -> None:
    _shipment, tubes = make_opened(tx)
    for code in (tubes[0].code, tubes[1].code, "UNDO"):
        actions.receive_scan(tx, code)
    actions.put_away(tx, tubes[0].id, make_store(tx).code)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    assert list(actions.differences(tx)) == []


DETAIL = {
    EventType.PROCESSED: {"product": "1SST8", "rotor": "swinging", "g": 1300, "minutes": 10, "celsius": "21.5"},
    EventType.STORED: {"place": "L123456789012", "cold": "ultra_low"},
    EventType.MOVED: {"place": "L210987654321", "cold": "freezer"},
    EventType.RETRIEVED: {"cold": "ultra_low"},
    EventType.ALIQUOTED: {"taken_ul": "500"},
    EventType.DERIVED: {"material": "SER", "vessel": "cryotube", "volume_ul": "500", "thaws": 1},
}
_UNDO = EventType.ERROR_DECLARED
# Half of the steps are ones that the law lets follow, so that stories grow long; the others are any at all.
_STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 1000)), max_size=16)


def chosen(tube: Tube, *, legal: bool, number: int) -> EventType:
    choices = sorted(FOLLOWS[tube.state]) if legal else sorted(EventType)
    return choices[number % len(choices)]


def take(tx: Tx, tube: Tube, step: EventType) -> bool:
    """Try one step, legal or not; says whether it was taken."""
    try:
        if step is _UNDO:
            events = actions.story(tx, SubjectKind.TUBE, tube.id)
            if not events:
                return False
            log.take_back(tx, tube, events[-1].id, reason="mistake")
        else:
            reason = "short_draw" if step is EventType.NOT_COLLECTED else None
            log.record(tx, tube, step, detail=DETAIL.get(step), reason=reason)
    except Refused:
        return False
    tx.session.flush()
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_is_tried_a_tubes_row_follows_from_its_story(
    databases: Databases, steps: list[tuple[bool, int]]
) -> None:
    with databases.transaction() as tx:
        tube = make_order(tx).tubes[0]
        taken = sum(take(tx, tube, chosen(tube, legal=legal, number=number)) for legal, number in steps)
        tx.session.expire(tube)
        events = actions.story(tx, SubjectKind.TUBE, tube.id)
        assert actions.rebuild(tx, tube.id) == projection.read(tube)
        assert actions.is_whole(events)
        assert len(events) == taken
