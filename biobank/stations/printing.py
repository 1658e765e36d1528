"""The outbox of labels: asking for one, answering whether it came out, and finding what is in trouble."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound, Phrase
from biobank.stations.desk import require_station
from biobank.stations.models import Printer, PrintJob, PrintState, Station
from biobank.stations.print_states import AT_THE_PRINTER, FOLLOWS, IN_DOUBT
from labels import BadCode, Kind, LayoutError, mint, render

LEASE = timedelta(seconds=30)
NO_WORD = Phrase("The station did not say how it ended.")


def add_print_job(
    tx: Tx, *, station_id: UUID, template: str, data: Mapping[str, str], object_kind: str, object_code: str,
    reason: str | None = None,
) -> PrintJob:  # fmt: skip
    """Ask for one label. A copy after the first needs a reason and makes the copies before it void.

    `data` holds the fields of the template (`labels.elements.ALLOWED_FIELDS`); `n_of_m` tells one label of an object
    from another. Refused when the label cannot be drawn or the station has no printer.
    """
    printer = _printer_of(require_station(tx, station_id))
    _draw(template, data, printer.dpi)
    part = data.get("n_of_m", "")
    earlier = _copies(tx, object_code, template, part)
    if earlier and not reason:
        raise Invalid("This label was asked for before. Give a reason to print it again.", code="reprint-reason")
    _void(earlier, "Another copy was asked for. Destroy this one.")
    now = clock.now()
    job = PrintJob(
        station_id=station_id, printer=printer.name, template=template, data=dict(data), object_kind=object_kind,
        object_code=object_code, part=part, copy_no=1 + max((copy.copy_no for copy in earlier), default=0),
        reason=reason, state=PrintState.QUEUED, state_at=now, requested_at=now, requested_by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(job)
    tx.session.flush()
    return job


def print_test_label(tx: Tx, station_id: UUID, printer_id: UUID) -> PrintJob:
    """Print a label that belongs to nothing; scanning it says so."""
    station = require_station(tx, station_id)
    printer = next((item for item in station.printers if item.id == printer_id), None)
    if printer is None:
        raise NotFound("This station has no such printer.")
    code = mint(Kind.TEST)
    job = add_print_job(tx, station_id=station_id, template="tube-50x25", object_kind=Kind.TEST.word, object_code=code,
                        data={"tube_id": code, "participant_code": code, "sample_code": "TEST",
                              "sample_word": "Test", "site_code": station.site.code})  # fmt: skip
    job.printer = printer.name
    tx.session.flush()
    return job


def last_test_label(tx: Tx, printer: Printer) -> PrintJob | None:
    """The newest test label of a printer."""
    query = sa.select(PrintJob).filter_by(
        station_id=printer.station_id, printer=printer.name, object_kind=Kind.TEST.word
    )
    return tx.session.scalars(query.order_by(PrintJob.id.desc()).limit(1)).first()


def _printer_of(station: Station) -> Printer:
    if not station.printers:
        raise Conflict("%(station)s has no label printer. An administrator adds it under Administration.",
                       code="no-printer", station=station.name)  # fmt: skip
    return station.printers[0]


def _draw(template: str, data: Mapping[str, str], dpi: int) -> bytes:
    try:
        return render(template, data, "zpl", dpi)
    except (LayoutError, BadCode) as problem:
        raise Invalid("The label cannot be drawn: %(why)s", code="label", why=str(problem)) from problem


def _copies(tx: Tx, object_code: str, template: str, part: str) -> Sequence[PrintJob]:
    query = sa.select(PrintJob).filter_by(object_code=object_code, template=template, part=part)
    return tx.session.scalars(query.order_by(PrintJob.copy_no).with_for_update()).all()


def _void(copies: Sequence[PrintJob], why: str) -> None:
    at = clock.now()
    if any(shown_state(copy, at) in AT_THE_PRINTER for copy in copies):
        raise Conflict("This label is at the printer now. Wait until it is done.", code="printing")
    for copy in copies:
        if PrintState.VOIDED in FOLLOWS[shown_state(copy, at)]:
            copy.state, copy.state_at, copy.detail = PrintState.VOIDED, at, why


def shown_state(job: PrintJob, at: datetime) -> PrintState:
    """The state as a person must take it: a lease that is over counts, even if no station came to say so."""
    if at - job.state_at <= LEASE:
        return job.state
    return {PrintState.CLAIMED: PrintState.QUEUED, PrintState.SENDING: PrintState.UNKNOWN}.get(job.state, job.state)


def confirm_printed(tx: Tx, job_id: UUID, came_out: bool) -> PrintJob:
    """A person's answer to "Did it come out?". Yes: it is printed. No: it is void and a new copy waits to be printed.

    Answers the copy that counts from now on.
    """
    job = tx.session.scalar(sa.select(PrintJob).filter_by(id=job_id).with_for_update())
    if job is None:
        raise NotFound("There is no such label.")
    require_station(tx, job.station_id)
    if shown_state(job, clock.now()) not in IN_DOUBT:
        raise Conflict("Nobody is in doubt about this label any more. Look again.", code="not-in-doubt")
    if not came_out:
        return add_print_job(tx, station_id=job.station_id, template=job.template, data=job.data,
                             object_kind=job.object_kind, object_code=job.object_code,
                             reason="did not come out")  # fmt: skip
    job.state, job.state_at, job.detail = PrintState.PRINTED, clock.now(), f"{tx.actor.name} saw it come out."
    tx.session.flush()
    return job


def jobs_of(tx: Tx, object_codes: Collection[str]) -> Mapping[str, PrintJob]:
    """The newest copy of each object's label."""
    query = sa.select(PrintJob).where(PrintJob.object_code.in_(object_codes)).order_by(PrintJob.id)
    return {job.object_code: job for job in tx.session.scalars(query)}


def jobs_in_doubt(tx: Tx, station_id: UUID) -> list[PrintJob]:
    """Labels of a station that a person must answer for, oldest first."""
    states = (PrintState.UNKNOWN, PrintState.FAILED, PrintState.SENDING)
    query = sa.select(PrintJob).where(PrintJob.station_id == station_id, PrintJob.state.in_(states))
    now = clock.now()
    jobs = tx.session.scalars(query.order_by(PrintJob.id))
    return [job for job in jobs if shown_state(job, now) is not PrintState.SENDING]


def jobs_waiting(tx: Tx, station_id: UUID) -> int:
    """How many labels of a station have not been sent yet."""
    states = (PrintState.QUEUED, PrintState.CLAIMED)
    query = sa.select(sa.func.count()).select_from(PrintJob).where(PrintJob.station_id == station_id)
    return tx.session.scalar(query.where(PrintJob.state.in_(states))) or 0
