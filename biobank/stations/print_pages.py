"""The labels of a site: its printers, what waits, what came out, what nobody knows; batches held back and reprints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank import clock
from biobank.actor import Role
from biobank.errors import Invalid, Refused
from biobank.stations import actions
from biobank.stations.models import Station
from biobank.stations.print_schemas import PrintAgainSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx


def labels() -> str:
    """The page whole."""
    return _page()


def queue() -> Response:
    """What changes by itself, for a page that watches; 204 when the page has it already."""
    seen = _seen()
    if request.args.get("have") == seen["mark"]:
        return make_response("", 204)
    return make_response(render_template("stations/_queue.html", **seen))


def set_batch(batch_id: UUID) -> AnyResponse | tuple[str, int]:
    """Hold a batch back, let it go on, or give up what is not printed."""
    does = {"pause": actions.pause_batch, "resume": actions.resume_batch, "cancel": actions.cancel_batch}
    action = does.get(request.form.get("do", ""))
    if action is None:
        raise Invalid("Say whether to hold the batch back, let it go on, or give up the rest.")
    try:
        action(current_tx(), batch_id)
    except Refused as refusal:
        return _again(refusal)
    return redirect(url_for("stations.labels"), 303)


def print_again(job_id: UUID) -> AnyResponse | tuple[str, int]:
    """One more copy of a label, with its reason."""
    values, errors = read_form(PrintAgainSchema())
    if errors:
        return _page(refusal=str(gettext("Choose why the label is printed again."))), 422
    try:
        actions.print_again(current_tx(), job_id, values["reason"])
    except Refused as refusal:
        return _again(refusal)
    return redirect(url_for("stations.labels"), 303)


def _again(refusal: Refused) -> tuple[str, int]:
    current_tx().session.rollback()
    return _page(refusal=problems.say(refusal)), refusal.status


def _page(refusal: str | None = None) -> str:
    return render_template("stations/labels.html", refusal=refusal, **_seen())


def _seen() -> dict[str, Any]:
    tx, now = current_tx(), clock.now()
    everywhere = actor().has(Role.ADMINISTRATOR)
    found = [one for one in actions.stations_of(tx, None if everywhere else actor().site_id) if one.active]
    desks = [_desk(station, now) for station in found]
    return {
        "desks": desks, "reasons": reasons(), "shown_state": lambda job: actions.shown_state(job, now),
        "mark": actions.mark_of([_shown(desk, now) for desk in desks]),
    }  # fmt: skip


def _desk(station: Station, now: datetime) -> dict[str, Any]:
    tx = current_tx()
    return {
        "station": station, "alive": actions.is_alive(station, now), "doubts": actions.jobs_in_doubt(tx, station.id),
        "waiting": actions.jobs_waiting(tx, station.id), "batches": actions.batches_of(tx, station.id, limit=8),
        "single": actions.single_jobs(tx, station.id),
    }  # fmt: skip


def _shown(desk: dict[str, Any], now: datetime) -> object:
    """Everything about a desk that the page shows and that may change."""
    jobs = [*desk["single"], *desk["doubts"], *(job for progress in desk["batches"] for job in progress.jobs)]
    return (
        desk["alive"], desk["waiting"], [(printer.id, printer.status) for printer in desk["station"].printers],
        [(progress.batch.id, str(progress.batch.state)) for progress in desk["batches"]],
        [(job.id, str(actions.shown_state(job, now))) for job in jobs],
    )  # fmt: skip


def reasons() -> dict[str, str]:
    """Why a label is printed again, in the reader's language."""
    return {code: str(gettext(str(words))) for code, words in actions.WHY_AGAIN.items()}
