"""Finding a tube by its scan, and its story: every event, who held it, whether the chain holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.specimens import actions, flaws, log, photos, relabelling, searching
from biobank.specimens.conditions import CONDITIONS
from biobank.specimens.entry_seam import as_entered
from biobank.specimens.flaw_schemas import ConditionSchema
from biobank.specimens.forms import PlaceForm, ReasonForm
from biobank.specimens.models import CustodyEvent, SubjectKind, Tube
from biobank.specimens.projection import taken_back_in
from biobank.specimens.relabel_schemas import NewLabelSchema
from biobank.specimens.schemas import ScanSchema
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.schemas import SheetForm
from biobank.stations import actions as stations
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx

Answer = str | Response | tuple[str, int]
_LABEL_WORDS = {"flaw": relabelling.FLAWS, "known_by": relabelling.KNOWN_BY, "again": stations.WHY_AGAIN}


@dataclass(frozen=True, slots=True)
class Span:
    """How long one custodian held a tube; `share` is its part of the whole in per mille, at least a sliver."""

    custodian: str
    since: datetime
    until: datetime | None
    start: int
    share: int


def tubes() -> str:
    """The search, empty."""
    return render_template("specimens/tubes.html")


def find_tube() -> Answer:
    """Go to the tube, box, shipment or thing that was scanned."""
    try:
        endpoint, values = searching.find(current_tx(), request.form.get("code", ""))
    except Refused as refusal:
        return render_template("specimens/tubes.html", refusal=problems.say(refusal)), refusal.status
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]  # ids by name


def tube(tube_id: UUID) -> str:
    """A tube's story."""
    found = actions.find_tube(current_tx(), tube_id)
    note_look("tube", found.id, Purpose.CUSTODY)
    return _page(found)


def put_away(tube_id: UUID) -> Answer:
    """The scan of a place on a shelf."""
    values, errors = read_form(PlaceForm())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors), 422
    with as_entered():
        return _do(tube_id, lambda: actions.put_away(current_tx(), tube_id, values["place"], values["position"]))


def release(tube_id: UUID) -> Answer:
    """Release the tube from its hold."""
    values, errors = read_form(ReasonForm())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors), 422
    return _do(tube_id, lambda: actions.release(current_tx(), tube_id, values["reason"]))


def note_condition(tube_id: UUID) -> Answer:
    """Something is wrong with the tube itself."""
    values, errors = read_form(ConditionSchema())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors), 422
    return _do(tube_id, lambda: actions.note_condition(current_tx(), tube_id, values["condition"],
                                                     values["note"]))  # fmt: skip


def ask_label(tube_id: UUID) -> Answer:
    """Its label is gone or cannot be read: a new one of the same code."""
    values, errors = read_form(NewLabelSchema())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors, values=request.form), 422
    return _do(tube_id, lambda: relabelling.ask_label(current_tx(), tube_id, **values))


def put_label(tube_id: UUID) -> Answer:
    """The scan of the new label on its tube."""
    values, errors = read_form(ScanSchema())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors), 422
    with as_entered():
        return _do(tube_id, lambda: relabelling.put_label(current_tx(), tube_id, values["code"]))


def label_on_paper(tube_id: UUID) -> Answer:
    """The new label as a PDF for an office printer."""
    values, errors = read_form(SheetForm())
    if errors:
        return _page(actions.find_tube(current_tx(), tube_id), errors=errors, values=request.form), 422
    try:
        pdf = relabelling.on_paper(current_tx(), tube_id, values["sheet"], values["options"], again=values["again"])
    except Refused as refusal:
        return _refused(tube_id, refusal)
    answer = current_app.response_class(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="label.pdf"'
    return answer


def _do(tube_id: UUID, work: Any) -> Answer:
    try:
        work()
    except Refused as refusal:
        return _refused(tube_id, refusal)
    return redirect(url_for("specimens.tube", tube_id=tube_id), 303)


def _refused(tube_id: UUID, refusal: Refused) -> tuple[str, int]:
    current_tx().session.rollback()
    found = actions.find_tube(current_tx(), tube_id)
    return _page(found, refusal=problems.say(refusal)), refusal.status


def _page(found: Tube, **context: Any) -> str:
    events = actions.story(current_tx(), SubjectKind.TUBE, found.id)
    kind = actions.kind_of(found.order, found)
    filled: dict[str, Any] = {"errors": {}, "values": {}} | _label_facts(found) | context
    return render_template(
        "specimens/tube.html", tube=found, kind=kind, events=events, spans=spans_of(events),
        is_whole=actions.is_whole(events), taken_back=taken_back_in(events), corrected={
            event.corrects: datetime.fromisoformat(event.detail["corrected"]["event_time"])
            for event in events if "corrected" in event.detail
        },
        notes=log.notes_of(current_tx(), events), photos=photos.photos_of(current_tx(), tube_id=found.id),
        conditions=CONDITIONS, flaws=flaws.OF_TUBES, label_words=stations.WHY_AGAIN, known_words=relabelling.KNOWN_BY,
        cap="-".join(colour.code for colour in kind.cap), **filled,
    )  # fmt: skip


def _label_facts(found: Tube) -> dict[str, Any]:
    tx, site_id = current_tx(), actor().site_id
    if not relabelling.is_possible(tx, found):
        return {"can_relabel": False}
    desks = [one for one in stations.stations_of(tx, site_id) if one.active and one.printers] if site_id else []
    choices = {name: [("", "–"), *problems.spoken(words).items()] for name, words in _LABEL_WORDS.items()}
    wish = relabelling.asked(tx, found)
    return {"can_relabel": True, "wish": wish, "desks": desks, "label_choices": choices,
            "new_label": relabelling.waiting_label(tx, found, wish) if wish else None,
            "papers": relabelling.papers(tx, found, wish) if wish else [],
            "sheets": [(one.code, one.name) for one in storage.label_sheets(tx)] if wish else []}  # fmt: skip


def spans_of(events: list[CustodyEvent]) -> list[Span]:
    """Who held the tube from when to when, to scale over its whole life so far."""
    changes = [(event.event_time, str(event.to_custodian)) for event in events]
    turns = [change for number, change in enumerate(changes) if number == 0 or change[1] != changes[number - 1][1]]
    if not turns:
        return []
    first, now = turns[0][0], clock.now()
    whole = max((now - first).total_seconds(), 1.0)
    ends = [at for at, _ in turns[1:]] + [now]
    spans = []
    for (since, custodian), end in zip(turns, ends, strict=True):
        start = round((since - first).total_seconds() / whole * 1000)
        share = max(round((end - since).total_seconds() / whole * 1000), 4)
        spans.append(Span(custodian, since, None if end is now else end, start, share))
    return spans
