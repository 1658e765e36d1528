"""Faults at the bench: two benches on one tube, clocks that change, steps that are refused."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases, run_tx
from biobank.errors import Invalid
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.forms import to_utc
from biobank.specimens.models import CustodyEvent, ScanOutcome, ShipmentItem
from biobank.specimens.receiving import Kept
from tests.specimens.factories import make_bench, make_opened

ZONES = ("Pacific/Guam", "Pacific/Honolulu", "America/Anchorage", "America/Phoenix", "America/Chicago",
         "America/New_York", "America/Puerto_Rico")  # fmt: skip


@pytest.fixture
def benches(databases: Databases) -> list[Actor]:
    with databases.transaction() as tx:
        return [make_bench(tx, number) for number in (1, 2)]


def opened(databases: Databases, at: Actor) -> str:
    """A parcel open at a bench; the code of its first tube."""
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
        codes = (shipment.code, tubes[0].code)
    with databases.transaction(at) as tx:
        actions.receive_scan(tx, codes[0])
    return codes[1]


def test_a_scan_kept_for_want_of_a_line_is_placed_when_it_was_made(databases: Databases, benches: list[Actor]) -> None:
    code = opened(databases, benches[0])
    with databases.transaction(benches[0]) as tx:
        # The bench's clock is three minutes slow, the line was down for an hour.
        sent = clock.now() - timedelta(minutes=3)
        scan = actions.receive_scan(tx, code, kept=Kept(sent - timedelta(hours=1), sent), device="bench-1")
        event = tx.session.get_one(CustodyEvent, scan.event_id)
        assert abs(event.event_time - (clock.now() - timedelta(hours=1))) < timedelta(minutes=1)
        assert (event.time_source, event.device) == ("device", "bench-1")
        assert abs((event.skew_ms or 0) - 180_000) < 60_000


def test_a_dead_clock_still_says_how_long_a_scan_waited(databases: Databases, benches: list[Actor]) -> None:
    code, dead = opened(databases, benches[0]), datetime(1970, 1, 1, 12, tzinfo=UTC)
    with databases.transaction(benches[0]) as tx:
        scan = actions.receive_scan(tx, code, kept=Kept(dead - timedelta(hours=1), dead), device="bench-1")
    assert scan.skew_ms == 2**31 - 1
    assert abs(clock.now() - timedelta(hours=1) - (scan.scanned_at or clock.now())) < timedelta(minutes=5)


@pytest.mark.parametrize("away", [timedelta(0), timedelta(days=2), timedelta(days=-1)])
def test_a_clock_that_cannot_be_believed_is_not(databases: Databases, benches: list[Actor], away: timedelta) -> None:
    code = opened(databases, benches[0])
    with databases.transaction(benches[0]) as tx:
        sent = clock.now()
        scan = actions.receive_scan(tx, code, kept=Kept(sent - away, sent))
        assert tx.session.get_one(CustodyEvent, scan.event_id).time_source == "server"
        assert scan.scanned_at is None


@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2028, 12, 31)),  # noqa: DTZ001 - a wall clock
)
def test_a_sites_wall_clock_is_one_instant_or_refused_the_whole_year(zone: str, local: datetime) -> None:
    try:
        moment = to_utc(local, zone)
    except Invalid:
        offsets = {(local + timedelta(hours=hours)).replace(tzinfo=ZoneInfo(zone)).utcoffset() for hours in (-3, 3)}
        assert len(offsets) == 2
        return
    assert moment is not None
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


def test_the_hour_that_is_put_forward_exists_nowhere_but_where_clocks_stand() -> None:
    gap = datetime(2026, 3, 8, 2, 30)  # noqa: DTZ001 - a wall clock
    refused = []
    for zone in ZONES:
        try:
            to_utc(gap, zone)
        except Invalid:
            refused.append(zone)
    assert refused == ["America/Anchorage", "America/Chicago", "America/New_York"]
    assert to_utc(gap, "Pacific/Guam") == datetime(2026, 3, 7, 16, 30, tzinfo=UTC)


def test_two_benches_scanning_one_tube_at_the_same_moment_receive_it_once(
    databases: Databases, benches: list[Actor]
) -> None:
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
    start, outcomes = threading.Barrier(2), []

    def work(actor: Actor) -> None:
        run_tx(databases, lambda tx: actions.receive_scan(tx, shipment.code), actor)
        start.wait(30)
        outcomes.append(run_tx(databases, lambda tx: actions.receive_scan(tx, tubes[0].code).outcome, actor))

    threads = [threading.Thread(target=work, args=(actor,)) for actor in benches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == [ScanOutcome.AGAIN, ScanOutcome.OK]
    with databases.transaction(read_only=True) as tx:
        items = tx.session.scalars(sa.select(ShipmentItem.state).filter_by(tube_id=tubes[0].id)).all()
        assert [str(state) for state in items] == ["received"]


def test_a_refused_step_keeps_its_scan_and_changes_nothing(databases: Databases, benches: list[Actor]) -> None:
    code = opened(databases, benches[0])
    with databases.transaction(benches[0]) as tx:
        assert actions.receive_scan(tx, "UNDO").outcome is ScanOutcome.NOT_YET
        assert actions.tube_by_code(tx, code).state is TubeStatus.IN_TRANSIT
