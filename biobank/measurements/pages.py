"""The measurements page: a grid that fills by itself, forms that need no script, and its live part."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Invalid, Refused
from biobank.measurements import actions, history_pages, import_pages, summary_pages
from biobank.measurements.alerts import alert_words
from biobank.measurements.clashes import clashes, form_of
from biobank.measurements.drawing import State, draw, say, state_of
from biobank.measurements.edits import changes_of
from biobank.measurements.forms import read_edits
from biobank.measurements.sheet import Sheet
from biobank.measurements.storing import refuse_crossed
from biobank.measurements.watching import wait_for_news
from biobank.visits.models import Visit
from biobank.web import problems
from biobank.web.news import Heard
from biobank.web.transaction import current_tx

blueprint = Blueprint("measurements", __name__)
ADDRESS = "/visits/<uuid:visit_id>/measurements"
Work = Callable[[Sheet], Sheet]

_ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (*history_pages.ROUTES, *import_pages.ROUTES)
for _rule, _method, _view in _ROUTES:
    blueprint.add_url_rule(_rule, view_func=_view, methods=[_method])
for _rule, _name, _shown in summary_pages.ROUTES:
    blueprint.add_url_rule(_rule, _name, _shown)


@blueprint.app_template_global()
def visit_alerts(visit: Visit) -> list[str]:
    """What every page of an open visit shows until somebody has acted on it, in the reader's language."""
    return alert_words(current_tx(), visit.id, str(get_locale())) if visit.is_open else []


@blueprint.get(ADDRESS)
def page(visit_id: UUID) -> Response:
    """The whole page, or for htmx its live part: 204 or 304 when it did not change within the seconds to `wait`."""
    seen = state_of(visit_id)
    if problems.wants_fragment() and seen.mark in request.if_none_match:
        return make_response("", 304)
    if problems.wants_fragment() and request.args.get("seen") == seen.mark:
        heard = wait_for_news(seen, request.args.get("wait", 0, type=int))
        if heard is not Heard.NEWS:
            # Asked again at once, unless no place to wait was free: then each second, as the page does by itself.
            return make_response("", 204, {"HX-Trigger": "again"} if heard is Heard.NOTHING else {})
        seen = state_of(visit_id)
    note_look("participant", seen.visit.participant_id, Purpose.VISIT)
    before = request.args.get("seen", "").partition("-")[0]
    return draw(seen, after=int(before) if before.isascii() and before.isdigit() else None)


@blueprint.post(ADDRESS)
def save(visit_id: UUID) -> Response:
    """Store what was edited in one row's form."""

    def work(sheet: Sheet) -> Sheet:
        changes = changes_of(sheet, **read_edits(sheet.protocol, request.form))
        refuse_crossed(current_tx(), sheet, _version(), changes)
        return actions.change(current_tx(), sheet, changes)

    return _do(visit_id, work)


@blueprint.post(f"{ADDRESS}/confirm")
def confirm(visit_id: UUID) -> Response:
    """The clerk says that the display shows the same."""
    return _do(visit_id, lambda _: actions.confirm_value(current_tx(), visit_id, request.form.get("refs", "").split()))


@blueprint.post(f"{ADDRESS}/use")
def use_reading(visit_id: UUID) -> Response:
    """The clerk says which place a reading that was set aside is to fill."""
    reading_id = request.form.get("reading_id", type=UUID)
    measure, _, number = request.form.get("place", "").partition(".")
    replicate = int(number) if number in ("1", "2", "3") else None
    if reading_id is None or not measure:
        raise Invalid("Choose which reading it is to be.", code="unknown-field")
    return _do(
        visit_id,
        lambda _: actions.use_reading(
            current_tx(), visit_id, reading_id=reading_id, measure=measure, replicate=replicate
        ),
    )


@blueprint.post(f"{ADDRESS}/alerts/<string:code>")
def acknowledge(visit_id: UUID, code: str) -> Response:
    """Record what was done about an alert."""
    action = request.form.get(f"action-{code}", "")
    return _do(visit_id, lambda _: actions.acknowledge_alert(current_tx(), visit_id, code, action))


@blueprint.post(f"{ADDRESS}/fill")
def fill_rest(visit_id: UUID) -> Response:
    """Mark all that is missing with one code."""
    return _do(visit_id, lambda _: actions.fill_rest(current_tx(), visit_id, request.form.get("code", "")))


@blueprint.post(f"{ADDRESS}/finish")
def finish(visit_id: UUID) -> Response:
    """Close the record and go on with the visit."""
    answer = _do(visit_id, lambda _: actions.finalise(current_tx(), visit_id, _version()))
    if answer.status_code >= 400:
        return answer
    target = url_for("visits.show", visit_id=visit_id)
    if not problems.wants_fragment():
        return redirect(target, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = target
    return response


def _do(visit_id: UUID, work: Work) -> Response:
    """Do something to the sheet; a refusal is shown on the page, with everything that was typed still in it."""
    tx = current_tx()
    try:
        work(actions.sheet_to_change(tx, visit_id))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        tx.session.rollback()
        return _refused(visit_id, refusal)
    if not problems.wants_fragment():
        return redirect(url_for("measurements.page", visit_id=visit_id), 303)
    state = state_of(visit_id)
    return draw(state, after=_version(), focus=_focus(state))


def _refused(visit_id: UUID, refusal: Refused) -> Response:
    state = state_of(visit_id)
    found = clashes(state.sheet, refusal, request.form)
    response = draw(state, typed=request.form, refusal=say(state.sheet, refusal), clashes=found,
                    clash_form=form_of(state.sheet, request.form))  # fmt: skip
    response.status_code = refusal.status
    return response


def _version() -> int:
    """The version that the form was drawn from. Raises Invalid for a form without one."""
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("The form was incomplete. Load the page again and enter it once more.")
    return int(text)


def _focus(state: State) -> str:
    """Where the keyboard goes after Enter: the row's next empty box, else the next of the visit, else beside Finish.

    Whoever compares readings with a display goes on to the next one.
    """
    if request.endpoint == "measurements.confirm" and state.sheet.unchecked:
        return "compare"
    measure = request.form.get("row")
    sheet, expected = state.sheet, state.expected
    in_row = [
        ref for ref in sheet.assessment.missing if sheet.protocol.fields[ref.partition(".")[0]].measure == measure
    ]
    if in_row:
        return min(in_row, key=lambda ref: ref.partition(".")[2])
    return expected.ref if expected is not None else "finish"
