"""Ordered against received (protocol, section 5.3): one query over both sides, each line judged by the rules."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from io import StringIO
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.specimens import tubes
from biobank.specimens.custody import Custodian, TubeStatus
from biobank.specimens.inventory.models import SampleStatus, StoredSample
from biobank.specimens.models import CollectionOrder, Donor, OrderState, Tube

OUTSTANDING_AFTER = timedelta(hours=36)
OVERDUE = (timedelta(days=7), timedelta(days=30))
_STORED = (SampleStatus.RECEIVED, SampleStatus.IN_PREPARATION)


class Report(StrEnum):
    """The reports; a line may stand in several."""

    RECEIVED = "received"
    MISSING = "missing"
    MODIFIED = "modified"
    OVERDUE_DNA = "overdue_dna"
    WITHDRAWN = "withdrawn"


# Not frozen: eighty thousand of them are made for one report, and freezing costs as much as the rest.
@dataclass(slots=True)
class Line:
    """One test of one order of one donor: how many were sent, how many arrived, how many are stored."""

    biobank_id: str
    test: str
    order: str | None
    sent: int
    received: int
    stored: int
    collected_at: datetime | None
    finalised_at: datetime | None
    confirmed_at: datetime | None
    changed_at: datetime | None
    is_cancelled: bool
    is_withdrawn: bool


COLUMNS = ("report", "biobank_id", "test", "order", "sent", "received", "stored", "collected_at", "finalised_at",
           "confirmed_at", "changed_at", "is_cancelled")  # fmt: skip


def dna_tests() -> frozenset[str]:
    """The tests that yield DNA, over all tube sets."""
    sets = [tubes.load(version) for version in tubes.available()]
    return frozenset(tube.code for kept in sets for tube in kept.tubes.values() if tube.is_dna)


def judge(line: Line, *, now: datetime, since: datetime, dna: frozenset[str]) -> tuple[Report, ...]:
    """The reports that a line belongs to. `since` is where the window begins; both ends of every limit count."""
    if line.is_withdrawn:
        return (Report.WITHDRAWN,) if line.stored else ()
    found = []
    recent = any(at is not None and at >= since for at in (line.finalised_at, line.collected_at, line.confirmed_at))
    if recent and line.received and line.received >= line.sent:
        found.append(Report.RECEIVED)
    if recent and not line.is_cancelled and line.sent != line.received and _has_waited(line, now):
        found.append(Report.MISSING)
    if line.changed_at is not None and line.changed_at >= since:
        found.append(Report.MODIFIED)
    if _is_overdue(line, now) and line.test in dna:
        found.append(Report.OVERDUE_DNA)
    return tuple(found)


def _has_waited(line: Line, now: datetime) -> bool:
    """Whether it may be called missing: 36 hours after collection; what was never ordered waits for nothing."""
    if line.sent == 0:
        return True
    return line.collected_at is not None and now - line.collected_at >= OUTSTANDING_AFTER


def _is_overdue(line: Line, now: datetime) -> bool:
    if line.finalised_at is None or line.stored or line.is_cancelled:
        return False
    return OVERDUE[0] <= now - line.finalised_at <= OVERDUE[1]


def reconcile(tx: Tx, window: timedelta) -> Iterator[tuple[tuple[Report, ...], Line]]:
    """Every line that belongs to a report, by donor, test and order; computed as things stand, nothing is kept."""
    now = clock.now()
    since, dna = now - window, dna_tests()
    # Not through the session: these rows are no objects of ours, and eighty thousand of them are read at once.
    # A page that has seen enough leaves the rest: then the server's cursor is closed here.
    with tx.session.connection().execute(matched(), execution_options={"yield_per": 5000}) as rows:
        for row in rows:
            line = Line(row[0], row[1], row[2], row[3], max(row[4], row[5]), max(row[6], row[7]), row[8], row[9],
                        row[10], row[11], bool(row[12]), bool(row[13]))  # fmt: skip
            reports = judge(line, now=now, since=since, dna=dna)
            if reports:
                yield reports, line


def counts(tx: Tx, window: timedelta) -> Mapping[Report, int]:
    """How many lines each report has."""
    found = dict.fromkeys(Report, 0)
    for reports, _line in reconcile(tx, window):
        for report in reports:
            found[report] += 1
    return found


def as_csv(tx: Tx, window: timedelta, only: Report | None = None) -> Iterator[str]:
    """The reports as CSV, a few hundred lines at a time; codes only, times in UTC."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, (reports, line) in enumerate(reconcile(tx, window)):
        for report in reports if only is None else [only] if only in reports else []:
            writer.writerow((report, line.biobank_id, line.test, line.order, line.sent, line.received, line.stored,
                             line.collected_at, line.finalised_at, line.confirmed_at, line.changed_at,
                             line.is_cancelled))  # fmt: skip
        if number % 500 == 499:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def matched() -> sa.Select[Any]:
    """Both sides, matched on biobank id, test and order.

    A tube that our own bench received counts as arrived before the inventory says so: the larger of both counts.
    """
    both = sa.union_all(_sent(), _arrived()).subquery()
    of = both.c
    return (
        sa.select(
            of.who, of.test, of.ordered, sa.func.sum(of.sent), sa.func.sum(of.scanned), sa.func.sum(of.confirmed),
            sa.func.sum(of.on_shelf), sa.func.sum(of.stored), sa.func.max(of.collected_at),
            sa.func.max(of.finalised_at), sa.func.max(of.confirmed_at), sa.func.max(of.changed_at),
            sa.func.max(of.cancelled), sa.func.max(of.withdrawn),
        )
        .group_by(of.who, of.test, of.ordered)
        .order_by(of.who, of.test, of.ordered)
    )  # fmt: skip


def _sent() -> sa.Select[Any]:
    here = Tube.custodian == Custodian.BIOBANK
    kept = here & Tube.state.not_in([TubeStatus.DESTROYED, TubeStatus.CONSUMED])
    return (
        sa.select(
            Donor.code.label("who"), sa.func.coalesce(Tube.product, Tube.kind).label("test"),
            CollectionOrder.code.label("ordered"), _one(CollectionOrder.finalised_at.is_not(None)).label("sent"),
            _one(here).label("scanned"), sa.literal(0).label("confirmed"), _one(kept).label("on_shelf"),
            sa.literal(0).label("stored"), Tube.collected_at.label("collected_at"),
            CollectionOrder.finalised_at.label("finalised_at"), _no_time().label("confirmed_at"),
            CollectionOrder.changed_at.label("changed_at"),
            _one(CollectionOrder.state == OrderState.CANCELLED).label("cancelled"), _one(Donor.held).label("withdrawn"),
        )
        .join(CollectionOrder, CollectionOrder.id == Tube.order_id)
        .join(Donor, Donor.id == Tube.donor_id)
        .where(Tube.parent_id.is_(None), Tube.collected_at.is_not(None))
    )  # fmt: skip


def _arrived() -> sa.Select[Any]:
    confirmed = StoredSample.confirmed_at.is_not(None)
    nothing, whole = sa.literal(0), StoredSample.parent_id.is_(None)
    return sa.select(
        StoredSample.external_id.label("who"), StoredSample.test.label("test"),
        StoredSample.order_code.label("ordered"),
        nothing.label("sent"), nothing.label("scanned"), _one(confirmed & whole).label("confirmed"),
        nothing.label("on_shelf"), _one(confirmed & StoredSample.status.in_(_STORED)).label("stored"),
        _no_time().label("collected_at"), _no_time().label("finalised_at"),
        StoredSample.confirmed_at.label("confirmed_at"), _no_time().label("changed_at"), nothing.label("cancelled"),
        _one(sa.func.coalesce(Donor.held, sa.false())).label("withdrawn"),
    ).join(Donor, Donor.code == StoredSample.external_id, isouter=True)  # fmt: skip


def _one(condition: Any) -> Any:
    """One where it holds, so that a sum counts."""
    return sa.case((condition, 1), else_=0)


def _no_time() -> Any:
    return sa.cast(sa.null(), StoredSample.confirmed_at.type)
