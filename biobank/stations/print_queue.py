"""The station's side of printing: taking work under a lease, and telling how each label went."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.stations.models import Printer, PrintJob, PrintState
from biobank.stations.print_states import refuse_report
from biobank.stations.printing import LEASE, NO_WORD
from labels import BadCode, LayoutError, render

BATCH = 10


@dataclass(frozen=True)
class Work:
    """A job that this caller alone holds, and the bytes for the printer."""

    job: PrintJob
    content: bytes


def claim_print_jobs(tx: Tx, station_id: UUID) -> list[Work]:
    """Take the oldest waiting labels, at most ten, for 30 s; what nobody began to send in that time waits again."""
    now = clock.now()
    _settle_overdue(tx, station_id, now)
    query = sa.select(PrintJob).filter_by(station_id=station_id, state=PrintState.QUEUED).order_by(PrintJob.id)
    waiting = tx.session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    if not waiting:
        return []
    resolutions = {p.name: p.dpi for p in tx.session.scalars(sa.select(Printer).filter_by(station_id=station_id))}
    held = [job for job in waiting if _take(tx, job, now)]
    return [Work(job, content) for job in held if (content := _draw(job, resolutions)) is not None]


def _settle_overdue(tx: Tx, station_id: UUID, now: datetime) -> None:
    late = sa.update(PrintJob).where(PrintJob.station_id == station_id, PrintJob.state_at < now - LEASE)
    back = late.where(PrintJob.state == PrintState.CLAIMED).values(state=PrintState.QUEUED, state_at=now)
    lost = late.where(PrintJob.state == PrintState.SENDING)
    for statement in (back, lost.values(state=PrintState.UNKNOWN, state_at=now, detail=NO_WORD)):
        tx.session.execute(statement)


def _take(tx: Tx, job: PrintJob, now: datetime) -> bool:
    """One conditional update decides who has it, whatever was read before."""
    taken = sa.update(PrintJob).where(PrintJob.id == job.id, PrintJob.state == PrintState.QUEUED)
    values = {"state": PrintState.CLAIMED, "state_at": now, "attempts": PrintJob.attempts + 1}
    result = tx.session.execute(taken.values(values), execution_options={"synchronize_session": False})
    tx.session.refresh(job)
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _draw(job: PrintJob, resolutions: dict[str, int]) -> bytes | None:
    """The label's bytes; none, and the job failed with the reason, when it cannot be drawn."""
    try:
        content = render(job.template, job.data, "zpl", resolutions[job.printer])
    except KeyError:
        job.state, job.detail = PrintState.FAILED, "The printer was removed from this station."
    except (LayoutError, BadCode) as problem:
        job.state, job.detail = PrintState.FAILED, str(problem)[:400]
    else:
        job.content_sha256 = hashlib.sha256(content).hexdigest()
        return content
    return None


def report_print_job(tx: Tx, job_id: UUID, state: PrintState, detail: str, *, key: str = "") -> PrintJob:
    """What the station tells of a label it holds. The same word again changes nothing, whoever lost the answer.

    `sending` may be repeated only under the `key` it was first told with: another teller must not send it too.
    """
    job = tx.session.scalar(sa.select(PrintJob).filter_by(id=job_id).with_for_update())
    if job is None or (tx.actor.kind == "station" and tx.actor.id != job.station_id):
        raise NotFound("This station has no such print job.")
    if job.state is state:
        if state is PrintState.SENDING and key != job.sending_key:
            raise Conflict("Somebody else is sending this label.", code="print-state", details={"state": state.value})
        return job
    refuse_report(job, state)
    if state is PrintState.SENDING:
        job.sending_key = key
    job.state, job.state_at, job.detail = state, clock.now(), detail
    tx.session.flush()
    return job
