"""Asking for a label, answering whether it came out, making it void, and finding what is in trouble."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, Invalid, NotFound, Phrase
from biobank.printing import actions as printing
from biobank.printing.label_troubles import quoted
from biobank.printing.models import Printer
from biobank.stations.desk import require_station
from biobank.stations.models import Station
from biobank.stations.print_models import PrintJob, PrintState
from biobank.stations.print_states import AT_THE_PRINTER, FOLLOWS, IN_DOUBT, move
from labels import BadCode, Kind, LayoutError, mint

LEASE = timedelta(seconds=30)
NO_WORD = Phrase("The station did not say how it ended.")
NOT_OUT = "did not come out"
WHY_AGAIN: Mapping[str, Phrase] = {
    "jam": Phrase("The printer jammed"),
    "smudged": Phrase("Smudged or torn"),
    "lost": Phrase("Lost"),
    "damaged": Phrase("Damaged on the tube"),
    "misplaced": Phrase("Stuck in the wrong place"),
    "wrong stock": Phrase("Wrong label stock"),
    "other": Phrase("Another reason"),
}
"""Why a label is printed again, by its code."""
REPRINTS = 3
"""How often a label may be printed again for a reason of the clerk's; after that a supervisor does it."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label to be printed. `sort` and `part` let a rule tell one from another, such as a urine cup from its tube.

    `earlier` is how many copies of it are known already that no printer of a station made, such as on a sheet.

    `data` holds the fields of its design (`labels.elements.ALLOWED_FIELDS`). Without a `template` the rules choose, and
    without a `printer` they choose that.
    """

    data: Mapping[str, str]
    object_kind: str
    object_code: str
    sort: str = ""
    part: str = ""
    template: str | None = None
    printer: str | None = None
    earlier: int = 0


def add_print_job(
    tx: Tx, *, station_id: UUID, data: Mapping[str, str], object_kind: str, object_code: str,
    template: str | None = None, reason: str | None = None,
) -> PrintJob:  # fmt: skip
    """Ask for one label. A copy after the first needs a reason and makes the copies before it void.

    Refused when the label cannot be drawn or the station has no printer.
    """
    label = Label(data=data, object_kind=object_kind, object_code=object_code, template=template)
    return request_label(tx, station_id, label, reason=reason)


def request_label(
    tx: Tx, station_id: UUID, label: Label, *, reason: str | None = None, batch_id: UUID | None = None
) -> PrintJob:
    """The same for a label whose design and printer the rules choose, as part of a batch or on its own."""
    station = require_station(tx, station_id)
    rule = _rule(tx, station, label)
    design = printing.keep(tx, rule.design)
    printer = _printer_of(station, label.printer or rule.printer, design)
    part = label.data.get("n_of_m", "")
    earlier = _copies(tx, label.object_code, design.name, part)
    _require_reprint(tx, earlier, reason)
    newest = max([label.earlier, *(copy.copy_no for copy in earlier)])
    now = clock.now()
    job = PrintJob(
        station_id=station_id, batch_id=batch_id, printer=printer.name, template=design.name,
        template_version=design.version, data=dict(label.data), object_kind=label.object_kind,
        object_code=label.object_code, part=part, copy_no=newest + 1,
        reason=reason, state=PrintState.QUEUED, state_at=now, requested_at=now, requested_by=tx.actor.name,
    )  # fmt: skip
    _try_drawing(design, shown_data(job), printer)
    void_copies(tx, earlier, "Another copy was asked for. Destroy this one.")
    tx.session.add(job)
    tx.session.flush()
    return job


def shown_data(job: PrintJob) -> dict[str, Any]:
    """What the label shows: a copy after the first says so, where the design numbers its labels."""
    shown = dict(job.data)
    if job.copy_no > 1 and shown.get("n_of_m"):
        shown["n_of_m"] = f"{shown['n_of_m']} R{job.copy_no}"
    return shown


def print_test_label(tx: Tx, station_id: UUID, printer_id: UUID, *, ruler: bool = False) -> PrintJob:
    """Print a label that belongs to nothing; scanning it says so. `ruler` prints one to measure the labels with."""
    station = require_station(tx, station_id)
    printer = next((item for item in station.printers if item.id == printer_id), None)
    if printer is None:
        raise NotFound("This station has no such printer.")
    code = mint(Kind.TEST)
    data = {"tube_id": code, "participant_code": code, "sample_code": "TEST", "sample_word": "Test",
            "site_code": station.site.code}  # fmt: skip
    design = printing.ruler_of(tx, printer) if ruler or printer.stock else None
    return request_label(tx, station_id, Label(data=data, object_kind=Kind.TEST.word, object_code=code,
                                               template=design, printer=printer.name))  # fmt: skip


def last_test_label(tx: Tx, printer: Printer) -> PrintJob | None:
    """The newest test label of a printer."""
    query = sa.select(PrintJob).filter_by(
        station_id=printer.station_id, printer=printer.name, object_kind=Kind.TEST.word
    )
    return tx.session.scalars(query.order_by(PrintJob.id.desc()).limit(1)).first()


def _rule(tx: Tx, station: Station, label: Label) -> printing.Rule:
    if label.template is not None:
        return printing.Rule(kind=label.object_kind, design=label.template)
    wanted = printing.Wanted(kind=label.object_kind, sort=label.sort, part=label.part, site=station.site.code,
                             station=station.name)  # fmt: skip
    return printing.rule_for(tx, wanted)


def _printer_of(station: Station, name: str, design: printing.Design) -> Printer:
    """The printer a rule names, where the station has it; else the one with labels of the design's size, else the first
    that has room for it."""
    if not station.printers:
        raise Conflict("%(station)s has no label printer. An administrator adds it under Administration.",
                       code="no-printer", station=station.name)  # fmt: skip
    able = [printer for printer in station.printers if printing.fits(printer, design.template)]
    named = [printer for printer in station.printers if printer.name == name]
    chosen = named or [one for one in able if printing.is_made_for(one, design.template)] or able
    if not chosen or chosen[0] not in able:
        wide, high = design.template.size_mm
        raise Conflict("No printer of %(station)s has labels for %(design)s: they are %(wide)s x %(high)s mm. Load "
                       "such labels and say so under Labels, Stock and printers.", code="no-stock",
                       station=station.name, design=design.name, wide=f"{wide:g}", high=f"{high:g}")  # fmt: skip
    return chosen[0]


def _try_drawing(design: printing.Design, data: Mapping[str, str], printer: Printer) -> None:
    try:
        design.draw(data, printer.language, printer.dpi, printer.adjustment)
    except (LayoutError, BadCode) as problem:
        raise Invalid("The label cannot be drawn: %(why)s", code="label", why=quoted(problem)) from problem


def _copies(tx: Tx, object_code: str, template: str, part: str) -> Sequence[PrintJob]:
    query = sa.select(PrintJob).filter_by(object_code=object_code, template=template, part=part)
    return tx.session.scalars(query.order_by(PrintJob.copy_no).with_for_update()).all()


def _require_reprint(tx: Tx, earlier: Sequence[PrintJob], reason: str | None) -> None:
    if earlier and not reason:
        raise Invalid("This label was asked for before. Give a reason to print it again.", code="reprint-reason")
    again = [copy for copy in earlier if copy.copy_no > 1 and copy.reason != NOT_OUT]
    if reason != NOT_OUT and len(again) >= REPRINTS and Role.ADMINISTRATOR not in tx.actor.roles:
        raise Forbidden("This label was printed again %(count)s times already. A supervisor prints it from the page "
                        "Labels.", code="reprint-limit", count=len(again))  # fmt: skip


def void_copies(tx: Tx, copies: Sequence[PrintJob], why: str) -> None:
    """Make copies void, those that can still be. Raises Conflict while one is at the printer."""
    at = clock.now()
    if any(shown_state(copy, at) in AT_THE_PRINTER for copy in copies):
        raise _at_the_printer()
    for copy in copies:
        state = shown_state(copy, at)
        if PrintState.VOIDED not in FOLLOWS[state]:
            continue
        if state is not copy.state:
            move(tx, copy, state, NO_WORD if state is PrintState.UNKNOWN else "")
        if not move(tx, copy, PrintState.VOIDED, why):
            raise _at_the_printer()


def _at_the_printer() -> Conflict:
    return Conflict("This label is at the printer now. Wait until it is done.", code="printing")


def shown_state(job: PrintJob, at: datetime) -> PrintState:
    """The state as a person must take it: a lease that is over counts, even if no station came to say so."""
    if at - job.state_at <= LEASE:
        return job.state
    return {PrintState.CLAIMED: PrintState.QUEUED, PrintState.SENDING: PrintState.UNKNOWN}.get(job.state, job.state)


def confirm_printed(tx: Tx, job_id: UUID, came_out: bool) -> PrintJob:
    """A person's answer to "Did it come out?". Yes: it is printed. No: it is void and a new copy waits to be printed.

    Answers the copy that counts from now on.
    """
    job = lock_job(tx, job_id)
    state = shown_state(job, clock.now())
    if state not in IN_DOUBT:
        raise _no_doubt()
    if not came_out:
        return print_again(tx, job_id, NOT_OUT)
    if state is not job.state:
        move(tx, job, state, NO_WORD)
    if not move(tx, job, PrintState.PRINTED, f"{tx.actor.name} saw it come out."):
        raise _no_doubt()
    return job


def _no_doubt() -> Conflict:
    return Conflict("Nobody is in doubt about this label any more. Look again.", code="not-in-doubt")


def print_again(tx: Tx, job_id: UUID, reason: str) -> PrintJob:
    """One more copy of a label, by the newest version of its design, which makes this one void."""
    job = lock_job(tx, job_id)
    label = Label(data=job.data, object_kind=job.object_kind, object_code=job.object_code, template=job.template)
    return request_label(tx, job.station_id, label, reason=reason, batch_id=job.batch_id)


def lock_job(tx: Tx, job_id: UUID) -> PrintJob:
    """A copy of a label of a station that the actor may know of, held until the transaction ends."""
    job = tx.session.scalar(sa.select(PrintJob).filter_by(id=job_id).with_for_update())
    if job is None:
        raise NotFound("There is no such label.")
    require_station(tx, job.station_id)
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
