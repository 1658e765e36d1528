"""The station's side of printing: taking work under a lease, and telling how each label went."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.printing import actions as printing
from biobank.printing.models import Printer
from biobank.stations.print_models import BatchState, PrintBatch, PrintJob, PrintState
from biobank.stations.print_states import LATE_WORDS, move, refuse_report
from biobank.stations.printing import LEASE, NO_WORD, shown_data
from labels import BadCode, LayoutError

BATCH = 10
REFRESH = timedelta(seconds=10)


@dataclass(frozen=True)
class Work:
    """A job that this caller alone holds, and the bytes for the printer."""

    job: PrintJob
    content: bytes
    content_type: str


def claim_print_jobs(tx: Tx, station_id: UUID, printers: Sequence[Mapping[str, Any]] | None = None) -> list[Work]:
    """Take the oldest waiting labels, at most ten, for 30 s; what nobody began to send in that time waits again.

    `printers` is what each printer last said: name, status, takes_labels. Labels of one that takes none stay where
    they are; without it every printer is taken to be ready.
    """
    now = clock.now()
    _settle_overdue(tx, station_id, now)
    if printers is not None:
        _note_statuses(tx, station_id, printers, now)
    query = sa.select(PrintJob).where(waits_for(station_id, printers)).order_by(PrintJob.id)
    waiting = tx.session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    if not waiting:
        return []
    known = {one.name: one for one in tx.session.scalars(sa.select(Printer).filter_by(station_id=station_id))}
    held = [job for job in waiting if _take(tx, job)]
    return [work for job in held if (work := _draw(tx, job, known)) is not None]


def waits_for(station_id: UUID, printers: Sequence[Mapping[str, Any]] | None) -> sa.ColumnElement[bool]:
    """Which labels these printers could take now."""
    paused = sa.select(PrintBatch.id).filter_by(station_id=station_id, state=BatchState.PAUSED)
    return sa.and_(
        PrintJob.station_id == station_id,
        PrintJob.state == PrintState.QUEUED,
        sa.or_(PrintJob.batch_id.is_(None), PrintJob.batch_id.not_in(paused)),
        PrintJob.printer.not_in([one["name"] for one in printers or () if not one["takes_labels"]]),
    )


def is_overdue(station_id: UUID, now: datetime) -> sa.ColumnElement[bool]:
    """Which labels were taken longer ago than a lease lasts."""
    taken = PrintJob.state.in_((PrintState.CLAIMED, PrintState.SENDING))
    return sa.and_(PrintJob.station_id == station_id, taken, PrintJob.state_at < now - LEASE)


def _note_statuses(tx: Tx, station_id: UUID, told: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Keep what is new, and once in a while what is not, so that it is known how old the word is."""
    words = {one["name"]: one["status"] for one in told}
    for printer in tx.session.scalars(sa.select(Printer).filter_by(station_id=station_id)):
        status = words.get(printer.name, printer.status)
        stale = printer.status_at is None or now - printer.status_at > REFRESH
        if printer.name in words and (status != printer.status or stale):
            printer.status, printer.status_at = status, now
    tx.session.flush()


def _settle_overdue(tx: Tx, station_id: UUID, now: datetime) -> None:
    late = sa.update(PrintJob).where(is_overdue(station_id, now))
    back = late.where(PrintJob.state == PrintState.CLAIMED)
    lost = late.where(PrintJob.state == PrintState.SENDING)
    for statement in (
        back.values(state=PrintState.QUEUED, state_at=now, lease=None),
        lost.values(state=PrintState.UNKNOWN, state_at=now, detail=NO_WORD),
    ):
        tx.session.execute(statement)


def _take(tx: Tx, job: PrintJob) -> bool:
    return move(tx, job, PrintState.CLAIMED, lease=secrets.token_hex(16), attempts=PrintJob.attempts + 1)


def _draw(tx: Tx, job: PrintJob, printers: Mapping[str, Printer]) -> Work | None:
    """The label's bytes; none, and the job failed with the reason, when it cannot be drawn."""
    printer = printers.get(job.printer)
    if printer is None:
        move(tx, job, PrintState.FAILED, "The printer was removed from this station.")
        return None
    try:
        design = printing.design(tx, job.template, job.template_version)
        content = design.draw(shown_data(job), printer.language, printer.dpi, printer.adjustment)
    except (LayoutError, BadCode, NotFound) as problem:
        move(tx, job, PrintState.FAILED, str(problem)[:400])
        return None
    job.content_sha256 = hashlib.sha256(content).hexdigest()
    return Work(job, content, printer.language.content_type)


def report_print_job(tx: Tx, job_id: UUID, state: PrintState, detail: str, *, lease: str | None) -> PrintJob:
    """What the station tells of a label it holds by `lease`. The same word again changes nothing.

    Whoever holds no lease any more, or another one, is refused: another teller must not send the label too.
    """
    job = tx.session.scalar(sa.select(PrintJob).filter_by(id=job_id).with_for_update())
    if job is None or (tx.actor.kind == "station" and tx.actor.id != job.station_id):
        raise NotFound("This station has no such print job.")
    if job.lease != lease:
        raise Conflict("Somebody else is sending this label.", code="print-state", details={"state": job.state.value})
    if job.state is state or (job.state is PrintState.APPLIED and state in LATE_WORDS):
        return job
    refuse_report(job, state)
    if not move(tx, job, state, detail):
        raise Conflict("Somebody else is sending this label.", code="print-state", details={"state": job.state.value})
    return job
