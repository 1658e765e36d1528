"""How things stand, and errors declared on a tube's story."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.specimens import actions, corrections, overview
from biobank.specimens.case_schemas import CorrectionForm
from biobank.specimens.custody import Correction
from biobank.specimens.forms import to_utc
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.languages import zone
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]
HEIGHT = 120


def overview_page() -> str:
    """The figures and the days, of one's site or of all."""
    standing = overview.standing(current_tx(), zone())
    most = max((max(day.collected, day.received) for day in standing.days), default=0) or 1
    return render_template("specimens/overview.html", standing=standing, most=most, height=HEIGHT,
                           oldest=max((count for _, count in standing.ages), default=0) or 1)  # fmt: skip


def correction_form(tube_id: UUID) -> str:
    """Choose the event that was wrong."""
    return _page(tube_id)


def correct(tube_id: UUID) -> Answer:
    """Declare the error."""
    values, errors = read_form(CorrectionForm())
    if errors:
        return _page(tube_id, errors=errors), 422
    tx = current_tx()
    try:
        corrections.declare(tx, tube_id, values["event_id"], values["correction"], note=values["note"],
                            at=to_utc(values["at"], zone()))  # fmt: skip
    except Refused as refusal:
        tx.session.rollback()
        return _page(tube_id, refusal=problems.say(refusal)), refusal.status
    return redirect(url_for("specimens.tube", tube_id=tube_id), 303)


def _page(tube_id: UUID, **context: Any) -> str:
    tx = current_tx()
    tube = actions.find_tube(tx, tube_id)
    note_look("tube", tube.id, Purpose.CUSTODY)
    filled: dict[str, Any] = {"errors": {}, "values": request.form} | context
    return render_template("specimens/correction.html", tube=tube, events=corrections.correctable(tx, tube_id),
                           timed=corrections.TIMED, corrections=list(Correction), **filled)  # fmt: skip


ROUTES = (
    ("GET", "/overview", overview_page),
    ("GET", "/tubes/<uuid:tube_id>/correction", correction_form),
    ("POST", "/tubes/<uuid:tube_id>/correction", correct),
)
