"""Labels on their tubes: which copy a scan proves to be applied, and which are printed and neither applied nor void."""

from collections.abc import Collection

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict
from biobank.stations.print_models import PrintJob, PrintState
from biobank.stations.print_states import move
from biobank.stations.printing import shown_state, void_copies

_DONE = (PrintState.APPLIED, PrintState.VOIDED)


def labels_of(tx: Tx, object_codes: Collection[str]) -> list[PrintJob]:
    """The newest copy of every label of these objects, in the order they were asked for; an object may have several."""
    query = sa.select(PrintJob).where(PrintJob.object_code.in_(object_codes)).order_by(PrintJob.id)
    newest: dict[tuple[str, str], PrintJob] = {}
    for job in tx.session.scalars(query):
        newest[job.object_code, job.part] = job
    return sorted(newest.values(), key=lambda job: (job.requested_at, job.id))


def unapplied(tx: Tx, object_codes: Collection[str]) -> list[PrintJob]:
    """The labels of these objects that are neither on their tube nor void."""
    return [job for job in labels_of(tx, object_codes) if job.state not in _DONE]


def note_applied(tx: Tx, object_code: str, *, how: str) -> PrintJob | None:
    """The scan of a label on its tube: its copy is applied from now on. None when every label of the object is.

    Refused while the copy that counts waits to be printed anew: what was scanned is the void one.
    """
    left = unapplied(tx, [object_code])
    if not left:
        return None
    # Of a cup's and a tube's label the scan shows the same code: the one that came first is taken to be on first.
    job = left[0]
    if job.copy_no > 1 and shown_state(job, clock.now()) is PrintState.QUEUED:
        raise Conflict("Stop: a new copy of this label waits to be printed, so this one is void. Destroy it, and use "
                       "the new one.", code="label-void")  # fmt: skip
    if not move(tx, job, PrintState.APPLIED, how):
        raise Conflict("Somebody else did something with this label just now. Scan it again.", code="print-state")
    return job


def void_labels(tx: Tx, object_codes: Collection[str], why: str) -> None:
    """Make every label of these objects void, printed or not; those that came out must be destroyed."""
    void_copies(tx, [job for job in labels_of(tx, object_codes) if job.state is not PrintState.VOIDED], why)
