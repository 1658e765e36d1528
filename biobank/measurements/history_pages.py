"""What a clerk does with finished measurements: look at a version, amend, cancel, restore."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.measurements import actions, history
from biobank.measurements.changes import place_of
from biobank.measurements.drawing import State, draw, say, state_of
from biobank.measurements.sheet import Sheet
from biobank.measurements.sources import sources_of
from biobank.participants.actions import participant_of
from biobank.visits.actions import visit_of
from biobank.web.transaction import current_tx

ADDRESS = "/visits/<uuid:visit_id>/measurements"


def version(visit_id: UUID, number: int) -> Response:
    """One finished version as it was left."""
    tx = current_tx()
    sheet = history.version_of(tx, visit_id, number)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    return draw(State(visit_of(tx, visit_id), sheet, None))


def amend(visit_id: UUID) -> Response:
    """Open the record again for a new version."""
    return _do(visit_id, history.amend)


def drop(visit_id: UUID) -> Response:
    """Give up an open amendment."""
    return _do(visit_id, history.drop)


def source(visit_id: UUID, ref: str) -> Response:
    """Where the values of one place came from: every one that ever stood there, with its device, frame and times."""
    tx = current_tx()
    sheet = actions.sheet_of(tx, visit_id)
    row, number = place_of(sheet.protocol, ref)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    place = f"{row.measure or row.name}.{number}" if number else row.measure or row.name
    label = sheet.protocol.label(place).to(str(get_locale()))
    sources = sources_of(tx, sheet, row, number)
    visit = visit_of(tx, visit_id)
    participant = participant_of(tx, visit.participant_id)
    return make_response(render_template("measurements/source.html", visit=visit, participant=participant,
                                         step="measurements", label=label, sources=sources))  # fmt: skip


def cancel(visit_id: UUID) -> Response:
    """Take the record out of use, once the word was typed."""
    return _do(visit_id, history.cancel, confirmation=request.form.get("confirmation", ""))


def restore(visit_id: UUID) -> Response:
    """Put the record into use again."""
    return _do(visit_id, history.restore)


def _do(visit_id: UUID, work: Callable[..., Sheet], **values: Any) -> Response:
    tx = current_tx()
    try:
        work(tx, visit_id, reason=request.form.get("reason", ""), note=request.form.get("note"), **values)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        tx.session.rollback()
        state = state_of(visit_id)
        response = draw(state, typed=request.form, refusal=say(state.sheet, refusal))
        response.status_code = refusal.status
        return response
    return redirect(url_for("measurements.page", visit_id=visit_id), 303)


ROUTES = (
    (f"{ADDRESS}/versions/<int:number>", "GET", version),
    (f"{ADDRESS}/amend", "POST", amend),
    (f"{ADDRESS}/drop", "POST", drop),
    (f"{ADDRESS}/cancel", "POST", cancel),
    (f"{ADDRESS}/source/<string:ref>", "GET", source),
    (f"{ADDRESS}/restore", "POST", restore),
)
