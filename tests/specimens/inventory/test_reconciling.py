"""Ordered against received: each report by its rule, at its limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from biobank import clock
from biobank.db import Databases, Tx
from biobank.specimens import actions as specimens
from biobank.specimens.inventory import actions
from biobank.specimens.inventory.actions import Line, Report
from biobank.specimens.inventory.reconciling import dna_tests, judge
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_finalised, make_received
from tests.specimens.inventory.test_importing import write
from tests.specimens.inventory.test_inventory_rows import line as row

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
SENT = Line("B1", "1ED10", "C1", 1, 0, 0, NOW - 2 * DAY, NOW - 2 * DAY, None, None, False, False)


def reports(line: Line, days: int = 10) -> set[Report]:
    return set(judge(line, now=NOW, since=NOW - days * DAY, dna=dna_tests()))


def test_what_arrived_whole_is_received() -> None:
    assert reports(replace(SENT, received=1, stored=1, confirmed_at=NOW)) == {Report.RECEIVED}


@pytest.mark.parametrize(("waited", "is_missing"), [(36 * HOUR, True), (36 * HOUR - SECOND, False)])
def test_nothing_is_missing_before_thirty_six_hours(waited: timedelta, is_missing: bool) -> None:
    line = replace(SENT, collected_at=NOW - waited, finalised_at=NOW - waited)
    assert (Report.MISSING in reports(line)) is is_missing


def test_a_cancelled_order_misses_nothing() -> None:
    assert reports(replace(SENT, is_cancelled=True)) == set()


def test_what_arrived_and_was_never_ordered_is_received_and_missing() -> None:
    line = Line("B1", "1ED10", None, 0, 1, 1, None, None, NOW - DAY, None, False, False)
    assert reports(line) == {Report.RECEIVED, Report.MISSING}


def test_more_than_was_sent_is_received_and_missing_too() -> None:
    assert reports(replace(SENT, received=2, stored=2, confirmed_at=NOW)) == {Report.RECEIVED, Report.MISSING}


@pytest.mark.parametrize(("ago", "is_in"), [(10 * DAY, True), (10 * DAY + SECOND, False)])
def test_a_change_counts_within_the_window(ago: timedelta, is_in: bool) -> None:
    line = replace(SENT, received=1, stored=1, collected_at=NOW - 90 * DAY, finalised_at=NOW - 90 * DAY,
                   changed_at=NOW - ago)  # fmt: skip
    assert reports(line) == ({Report.MODIFIED} if is_in else set())


@pytest.mark.parametrize(
    ("ago", "is_overdue"),
    [(7 * DAY, True), (7 * DAY - SECOND, False), (30 * DAY, True), (30 * DAY + SECOND, False)],
)
def test_dna_is_overdue_from_the_seventh_day_to_the_thirtieth(ago: timedelta, is_overdue: bool) -> None:
    line = replace(SENT, collected_at=NOW - ago, finalised_at=NOW - ago)
    assert (Report.OVERDUE_DNA in reports(line)) is is_overdue


def test_a_test_without_dna_is_never_overdue_dna() -> None:
    line = replace(SENT, test="1SST8", collected_at=NOW - 8 * DAY, finalised_at=NOW - 8 * DAY)
    assert reports(line) == {Report.MISSING}


def test_who_has_withdrawn_is_in_the_withdrawal_report_alone() -> None:
    gone = replace(SENT, received=1, stored=1, confirmed_at=NOW, changed_at=NOW, is_withdrawn=True)
    assert reports(gone) == {Report.WITHDRAWN}
    assert reports(replace(gone, stored=0)) == set()


def test_the_tests_that_yield_dna_are_those_of_the_tube_sets() -> None:
    assert dna_tests() == {"1ED10", "1ED04", "1SAL2"}


def test_tubes_received_at_our_own_bench_have_arrived(tx: Tx) -> None:
    tubes = make_received(tx)
    found = list(actions.reconcile(tx, 10 * DAY))
    assert len(found) == len(tubes)
    assert {reports for reports, _ in found} == {(Report.RECEIVED,)}


def test_an_order_that_nobody_received_is_missing_after_a_day_and_a_half(tx: Tx) -> None:
    order = make_finalised(tx)
    with clock.at(clock.now() + 36 * HOUR):
        found = {line.test for reports, line in actions.reconcile(tx, 10 * DAY) if Report.MISSING in reports}
    assert found == {"1SST8", "1PS4A", "1PS4B", *(tube.kind for tube in order.tubes if tube.product is None)}


def test_the_inventory_and_our_bench_do_not_count_one_tube_twice(tx: Tx, tmp_path: Path) -> None:
    tube = make_received(tx)[5]
    path = write(tmp_path, row(External_Participant_Id=tube.order.donor.code, Sent_Order_Id=tube.order.code))
    actions.import_inventory(tx, path)
    lines = [line for _, line in actions.reconcile(tx, 4000 * DAY) if line.test == "1ED10"]
    assert [(line.sent, line.received) for line in lines] == [(1, 1)]


def test_a_withdrawal_lists_what_is_stored(tx: Tx) -> None:
    tubes = make_received(tx)
    specimens.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    assert actions.counts(tx, 10 * DAY) == dict.fromkeys(Report, 0) | {Report.WITHDRAWN: len(tubes)}


def test_the_csv_names_codes_and_nothing_else(tx: Tx) -> None:
    make_received(tx)
    text = "".join(actions.as_csv(tx, 10 * DAY))
    assert text.startswith("report,biobank_id,test,order,")
    assert len(text.splitlines()) == 1 + 9


def test_a_technician_sees_the_reports_and_reads_a_file_in(
    browser: Browser, databases: Databases, clinic: Clinic
) -> None:
    with databases.transaction() as tx:
        make_received(tx, clinic.desk)
    browser.sign_in("ben")
    page = browser.get("/reconciliation?report=received")
    assert "1SST8" in page.text
    assert browser.client.get("/reconciliation.csv?report=received").text.count("received,") == 10
