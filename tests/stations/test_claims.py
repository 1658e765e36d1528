"""Windows and claims: one visit at a desk at a time, and nothing attached but by a person's word."""

from datetime import timedelta

import pytest

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.stations import actions
from biobank.stations.models import InboxReading
from tests.stations.factories import Desk, any_visit, make_desk, make_site, reading, scan


def _unclaimed(tx: Tx, desk: Desk, **values: object) -> InboxReading:
    actions.receive_readings(tx, desk.id, [reading(1, **values)])
    return actions.recent_readings(tx, desk.id)[0]


def test_a_second_window_on_one_station_is_refused(tx: Tx) -> None:
    desk = make_desk(tx)
    actions.open_window(tx, desk.id, any_visit())
    with pytest.raises(Conflict, match="Another visit is open at Desk 1"):
        actions.open_window(tx, desk.id, any_visit())


def test_opening_the_same_window_again_changes_nothing(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    assert actions.open_window(tx, desk.id, visit).id == actions.open_window(tx, desk.id, visit).id


def test_a_closed_window_makes_room(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    actions.close_windows(tx, visit)
    assert actions.open_window(tx, desk.id, any_visit()).closed_at is None


def test_no_window_opens_at_a_station_out_of_service(tx: Tx) -> None:
    desk = make_desk(tx)
    actions.set_station_active(tx, desk.id, active=False)
    with pytest.raises(Conflict, match="out of service"):
        actions.open_window(tx, desk.id, any_visit())


def test_a_person_may_use_an_unclaimed_reading_for_the_open_visit(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    found = _unclaimed(tx, desk)
    actions.open_window(tx, desk.id, visit)
    assert actions.claim_reading(tx, found.id, visit).visit_id == visit


def test_using_a_reading_twice_for_one_visit_changes_nothing(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    found = _unclaimed(tx, desk)
    assert actions.claim_reading(tx, found.id, visit).visit_id == visit


def test_a_reading_of_one_visit_is_not_used_for_another(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    found = _unclaimed(tx, desk)
    with pytest.raises(Conflict, match="used for another visit"):
        actions.claim_reading(tx, found.id, any_visit())


def test_a_reading_is_not_used_while_no_visit_is_open(tx: Tx) -> None:
    found = _unclaimed(tx, make_desk(tx))
    with pytest.raises(Conflict, match="only for a visit that is open"):
        actions.claim_reading(tx, found.id, any_visit())


def test_a_reading_is_not_used_at_another_site(tx: Tx) -> None:
    found, visit = _unclaimed(tx, make_desk(tx)), any_visit()
    actions.open_window(tx, make_desk(tx, make_site(tx, "NYC")).id, visit)
    with pytest.raises(Conflict, match="open at this site"):
        actions.claim_reading(tx, found.id, visit)


def test_a_reading_of_the_next_desk_may_be_used(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    other = make_desk(tx, actions.require_station(tx, desk.id).site, "Desk 2")
    actions.open_window(tx, other.id, visit)
    assert actions.claim_reading(tx, _unclaimed(tx, desk).id, visit).visit_id == visit


def test_an_old_reading_asks_to_measure_again(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    found = _unclaimed(tx, desk, captured_at=clock.now() - timedelta(minutes=10, seconds=1))
    actions.open_window(tx, desk.id, visit)
    with pytest.raises(Conflict, match="Measure again"):
        actions.claim_reading(tx, found.id, visit)


def test_a_scan_is_no_reading(tx: Tx) -> None:
    desk, visit = make_desk(tx), any_visit()
    actions.open_window(tx, desk.id, visit)
    actions.receive_readings(tx, desk.id, [scan(1, "S1")])
    with pytest.raises(Invalid, match="not a reading"):
        actions.claim_reading(tx, actions.recent_readings(tx, desk.id)[0].id, visit)


def test_staff_of_another_site_do_not_learn_of_a_station(databases: Databases, desk: Desk) -> None:
    stranger = Actor(kind="staff", name="Nora", site_id=any_visit())
    with databases.transaction(stranger, read_only=True) as tx, pytest.raises(NotFound):
        actions.require_station(tx, desk.id)


@pytest.mark.parametrize("key", ["", "not base64!", "c2hvcnQ=", "A" * 44])
def test_what_is_no_public_key_is_refused(tx: Tx, key: str) -> None:
    site = make_site(tx)
    with pytest.raises(Invalid, match="biobank-station keygen"):
        actions.add_station(tx, site_id=site.id, name="Desk", public_key=key)


def test_two_stations_never_share_a_key(tx: Tx) -> None:
    desk = make_desk(tx)
    known = actions.require_station(tx, desk.id)
    with pytest.raises(Conflict, match="Another station has this key"):
        actions.add_station(tx, site_id=desk.site_id, name="Desk 2", public_key=known.public_key)


def test_two_stations_of_a_site_never_share_a_name(tx: Tx) -> None:
    desk = make_desk(tx)
    with pytest.raises(Conflict, match="of that name"):
        make_desk(tx, actions.require_station(tx, desk.id).site)
