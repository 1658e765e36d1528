"""How a label's copy may go on from each state: the whole law of printing, as a table, and the one way to obey it."""

from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict
from biobank.stations.print_models import PrintJob, PrintState

_S = PrintState
# A retry without a person stands only before the first byte: claimed goes back to queued, sending never does.
# A scan of the label on its tube proves more than any printer says, so it may come from wherever a copy stands.
FOLLOWS: dict[PrintState, frozenset[PrintState]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.APPLIED, _S.FAILED, _S.VOIDED}),
    _S.CLAIMED: frozenset({_S.QUEUED, _S.SENDING, _S.APPLIED, _S.FAILED}),
    _S.SENDING: frozenset({_S.SENT, _S.PRINTED, _S.APPLIED, _S.UNKNOWN, _S.FAILED}),
    _S.SENT: frozenset({_S.PRINTED, _S.APPLIED, _S.UNKNOWN, _S.VOIDED}),
    _S.UNKNOWN: frozenset({_S.PRINTED, _S.APPLIED, _S.VOIDED}),
    _S.FAILED: frozenset({_S.PRINTED, _S.APPLIED, _S.VOIDED}),
    _S.PRINTED: frozenset({_S.APPLIED, _S.VOIDED}),
    _S.APPLIED: frozenset({_S.VOIDED}),
    _S.VOIDED: frozenset(),
}
# What a station may tell of a copy, and from where: the answer to an unknown is a person's alone.
TOLD_BY_STATION: dict[PrintState, frozenset[PrintState]] = {
    _S.SENDING: frozenset({_S.CLAIMED}),
    _S.SENT: frozenset({_S.SENDING}),
    _S.PRINTED: frozenset({_S.SENDING, _S.SENT}),
    _S.UNKNOWN: frozenset({_S.SENDING, _S.SENT}),
    _S.FAILED: frozenset({_S.CLAIMED, _S.SENDING}),
}
IN_DOUBT = frozenset({_S.UNKNOWN, _S.FAILED, _S.SENT})
AT_THE_PRINTER = frozenset({_S.CLAIMED, _S.SENDING})
# A label on its tube says what the station would have said of it.
LATE_WORDS = frozenset({_S.SENT, _S.PRINTED, _S.UNKNOWN})


def move(tx: Tx, job: PrintJob, to: PrintState, detail: str = "", **values: Any) -> bool:
    """Bring a copy on from the state it was read in; False when it is not there any more, and then nothing changed.

    The database decides by one conditional update, whatever was read before. The law must let `to` follow.
    """
    if to not in FOLLOWS[job.state]:
        raise refusal(job, to)
    held = sa.update(PrintJob).where(PrintJob.id == job.id, PrintJob.state == job.state, _same_lease(job))
    changes = {"state": to, "state_at": clock.now(), "detail": detail} | values
    result = tx.session.execute(held.values(changes), execution_options={"synchronize_session": False})
    tx.session.refresh(job)
    return bool(result.rowcount)  # type: ignore[attr-defined]


def refusal(job: PrintJob, told: PrintState) -> Conflict:
    """That a copy cannot come to that state from where it stands."""
    return Conflict("This label is %(state)s, so it cannot become %(told)s. Ask for new work.",
                    code="print-state", state=job.state.value, told=told.value,
                    details={"state": job.state.value})  # fmt: skip


def refuse_report(job: PrintJob, told: PrintState) -> None:
    """Refuse what a station tells of a copy that is not there any more."""
    if told not in TOLD_BY_STATION or job.state not in TOLD_BY_STATION[told]:
        raise refusal(job, told)


def _same_lease(job: PrintJob) -> sa.ColumnElement[bool]:
    return PrintJob.lease.is_(None) if job.lease is None else PrintJob.lease == job.lease
