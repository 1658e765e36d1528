from datetime import UTC, datetime, timedelta

import pytest

from biobank.specimens.timing import TubeTimes, check
from biobank.specimens.tubes import load

DRAWN = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = DRAWN + timedelta(hours=12)


def times(code: str = "1SS08", *, collected_at: datetime | None = DRAWN, spun_after: int | None = None) -> TubeTimes:
    """A tube of set 3.2 (3.1 for its own), spun so many seconds after 15:00."""
    tube = load("3.1" if code == "1PS08" else "3.2").tube(code)
    return TubeTimes(tube, collected_at, None if spun_after is None else DRAWN + timedelta(seconds=spun_after))


def codes(*tubes: TubeTimes, now: datetime = LATER, finalised_at: datetime | None = None) -> list[tuple[str, str]]:
    return [(finding.tube, finding.code) for finding in check(tubes, now=now, finalised_at=finalised_at)]


@pytest.mark.parametrize("code", ["1SS08", "PS04A", "PS04B", "1PS08"])
@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_tube_is_spun_after_its_collection(code: str, seconds: int) -> None:
    (finding,) = check([times(code, spun_after=seconds)], now=LATER)
    assert (finding.code, finding.is_error) == ("processed-not-after-collection", True)


@pytest.mark.parametrize(("seconds", "warns"), [(1, True), (1_799, True), (1_800, False), (1_801, False)])
def test_serum_clots_for_thirty_minutes(seconds: int, warns: bool) -> None:
    assert codes(times(spun_after=seconds)) == ([("1SS08", "spun-too-soon")] if warns else [])


@pytest.mark.parametrize("code", ["PS04A", "PS04B", "1PS08"])
def test_plasma_may_be_spun_at_once(code: str) -> None:
    assert codes(times(code, spun_after=1)) == []


@pytest.mark.parametrize("code", ["1SS08", "PS04A", "PS04B", "1PS08"])
@pytest.mark.parametrize(("seconds", "warns"), [(14_399, False), (14_400, False), (14_401, True)])
def test_a_tube_is_spun_within_four_hours(code: str, seconds: int, warns: bool) -> None:
    assert codes(times(code, spun_after=seconds)) == ([(code, "spun-too-late")] if warns else [])


def test_every_tube_is_checked_and_not_only_the_first() -> None:
    found = codes(times(spun_after=1_800), times("PS04A", spun_after=3_600), times("PS04B", spun_after=14_401))
    assert found == [("PS04B", "spun-too-late")]


def test_a_warning_is_no_error() -> None:
    (finding,) = check([times(spun_after=1_799)], now=LATER)
    assert not finding.is_error
    assert finding.to("en").startswith("The SST was spun after 29 minutes; it should clot for 30.")


@pytest.mark.parametrize(("ahead", "found"), [(300, []), (301, [("1HEP4", "in-the-future")])])
def test_a_time_may_run_five_minutes_ahead_and_no_more(ahead: int, found: list[tuple[str, str]]) -> None:
    assert codes(times("1HEP4"), now=DRAWN - timedelta(seconds=ahead)) == found


def test_a_spin_in_the_future_is_an_error() -> None:
    now = DRAWN + timedelta(seconds=2_000)
    assert codes(times(spun_after=2_301), now=now) == [("1SS08", "in-the-future")]


def test_a_spin_without_a_time_of_collection_is_an_error() -> None:
    assert codes(times(collected_at=None, spun_after=0)) == [("1SS08", "processed-without-collection")]


def test_a_tube_that_needs_no_spin_has_no_spin_rules() -> None:
    assert codes(times("1ED10", spun_after=-60)) == []


def test_nothing_is_wrong_with_times_that_are_not_known_yet() -> None:
    assert codes(times(collected_at=None), times("PS04A")) == []


@pytest.mark.parametrize(("seconds", "is_early"), [(3_599, True), (3_600, True), (3_601, False)])
def test_an_order_is_signed_after_the_last_spin(seconds: int, is_early: bool) -> None:
    tubes = (times(spun_after=1_800), times("PS04A", spun_after=3_600), times("1ED10"))
    found = codes(*tubes, finalised_at=DRAWN + timedelta(seconds=seconds))
    assert found == ([("", "finalised-too-early")] if is_early else [])


@pytest.mark.parametrize(("seconds", "is_early"), [(0, True), (1, False)])
def test_an_order_is_signed_after_collection(seconds: int, is_early: bool) -> None:
    found = codes(times("1ED10"), finalised_at=DRAWN + timedelta(seconds=seconds))
    assert found == ([("", "finalised-too-early")] if is_early else [])


def test_an_order_is_not_signed_in_the_future() -> None:
    now = DRAWN + timedelta(hours=1)
    found = codes(times("1ED10"), now=now, finalised_at=now + timedelta(seconds=301))
    assert found == [("", "finalised-in-the-future")]


def test_a_finding_speaks_both_languages() -> None:
    (finding,) = check([times("PS04B", spun_after=14_401)], now=LATER)
    assert "second PST" in finding.to("en")
    assert "segundo PST" in finding.to("es_US")
