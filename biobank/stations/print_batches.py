"""Batches of labels: how far each is, holding it back, letting it go on, and giving up what is not printed."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, NotFound
from biobank.stations.desk import require_station
from biobank.stations.print_models import BatchState, PrintBatch, PrintJob, PrintState
from biobank.stations.print_states import move
from biobank.stations.printing import shown_state

_OUT = (PrintState.SENT, PrintState.PRINTED, PrintState.APPLIED)
_WAITING = (PrintState.QUEUED, PrintState.CLAIMED)
CANCELLED = "The rest of the batch was cancelled."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: its newest copies, how many came out, wait, and are in doubt, of how many."""

    batch: PrintBatch
    jobs: Sequence[PrintJob]
    out: int
    waiting: int
    in_doubt: int

    @property
    def total(self) -> int:
        return len(self.jobs)

    @property
    def is_finished(self) -> bool:
        """Whether nothing waits, is at the printer, or is in doubt."""
        at_the_printer = any(job.state is PrintState.SENDING for job in self.jobs)
        return not (self.waiting or self.in_doubt or at_the_printer)

    @property
    def is_open(self) -> bool:
        return not self.is_finished


def start_batch(tx: Tx, station_id: UUID, subject_code: str) -> PrintBatch:
    """A batch for the labels of one thing; they print in the order in which they are asked for."""
    require_station(tx, station_id)
    batch = PrintBatch(station_id=station_id, subject_code=subject_code, state=BatchState.OPEN,
                       requested_at=clock.now(), requested_by=tx.actor.name)  # fmt: skip
    tx.session.add(batch)
    tx.session.flush()
    return batch


def batches_of(tx: Tx, station_id: UUID, limit: int = 20) -> list[Progress]:
    """The newest batches of a station with their progress."""
    query = sa.select(PrintBatch).filter_by(station_id=station_id).order_by(PrintBatch.id.desc()).limit(limit)
    batches = list(tx.session.scalars(query))
    found: dict[UUID | None, dict[tuple[str, str], PrintJob]] = {batch.id: {} for batch in batches}
    jobs = sa.select(PrintJob).where(PrintJob.batch_id.in_([batch.id for batch in batches])).order_by(PrintJob.id)
    for job in tx.session.scalars(jobs):
        found[job.batch_id][job.object_code, job.part] = job
    return [_progress(batch, list(found[batch.id].values())) for batch in batches]


def progress_of(tx: Tx, batch_id: UUID) -> Progress:
    """One batch. Raises NotFound."""
    batch = _batch(tx, batch_id)
    newest: dict[tuple[str, str], PrintJob] = {}
    for job in tx.session.scalars(sa.select(PrintJob).filter_by(batch_id=batch_id).order_by(PrintJob.id)):
        newest[job.object_code, job.part] = job
    return _progress(batch, list(newest.values()))


def pause_batch(tx: Tx, batch_id: UUID) -> PrintBatch:
    """Hold back what the station has not fetched yet."""
    return _set_state(tx, batch_id, BatchState.OPEN, BatchState.PAUSED)


def resume_batch(tx: Tx, batch_id: UUID) -> PrintBatch:
    """Let a batch go on."""
    return _set_state(tx, batch_id, BatchState.PAUSED, BatchState.OPEN)


def cancel_batch(tx: Tx, batch_id: UUID) -> PrintBatch:
    """Give up the labels that wait; what is at the printer or came out stays."""
    batch = _batch(tx, batch_id)
    if batch.state is BatchState.CANCELLED:
        raise Conflict("This batch was cancelled already.", code="batch-state")
    batch.state = BatchState.CANCELLED
    query = sa.select(PrintJob).filter_by(batch_id=batch_id, state=PrintState.QUEUED).order_by(PrintJob.id)
    for job in tx.session.scalars(query.with_for_update()).all():
        move(tx, job, PrintState.VOIDED, CANCELLED)
    tx.session.flush()
    return batch


def jobs_at(station_id: UUID) -> sa.Select[PrintJob]:
    """The labels of a station, to be paged."""
    return sa.select(PrintJob).filter_by(station_id=station_id)


def single_jobs(tx: Tx, station_id: UUID, limit: int = 5) -> Sequence[PrintJob]:
    """The newest labels of a station that were asked for one by one."""
    query = jobs_at(station_id).where(PrintJob.batch_id.is_(None)).order_by(PrintJob.id.desc())
    return tx.session.scalars(query.limit(limit)).all()


def mark_of(shown: object) -> str:
    """A mark that changes when anything shown does."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _set_state(tx: Tx, batch_id: UUID, before: BatchState, after: BatchState) -> PrintBatch:
    batch = _batch(tx, batch_id)
    held = sa.update(PrintBatch).where(PrintBatch.id == batch_id, PrintBatch.state == before).values(state=after)
    result = tx.session.execute(held, execution_options={"synchronize_session": False})
    tx.session.refresh(batch)
    if not result.rowcount:  # type: ignore[attr-defined]
        raise Conflict("This batch is %(state)s now. Look again.", code="batch-state", state=batch.state.value)
    return batch


def _batch(tx: Tx, batch_id: UUID) -> PrintBatch:
    batch = tx.session.get(PrintBatch, batch_id)
    if batch is None:
        raise NotFound("There is no such batch of labels.")
    require_station(tx, batch.station_id)
    return batch


def _progress(batch: PrintBatch, jobs: list[PrintJob]) -> Progress:
    now = clock.now()
    states = Counter(shown_state(job, now) for job in jobs)
    return Progress(
        batch, jobs, out=sum(states[state] for state in _OUT), waiting=sum(states[state] for state in _WAITING),
        in_doubt=states[PrintState.UNKNOWN] + states[PrintState.FAILED],
    )  # fmt: skip
