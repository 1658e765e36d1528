"""The collection page of a visit: questions, labels, the rack in draw order, the spin, the sign-off."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.db import Tx
from biobank.errors import Invalid, NotFound, Refused
from biobank.participants import actions as participants
from biobank.specimens import actions
from biobank.specimens.entry import EnteredBy
from biobank.specimens.forms import (
    ANSWERS,
    REASONS,
    ROTORS,
    AnswersForm,
    CollectForm,
    NotCollectedForm,
    PrintForm,
    ProcessForm,
    to_utc,
)
from biobank.specimens.models import CollectionOrder
from biobank.specimens.rack import Rack, rack_of
from biobank.specimens.timing import TimeFinding
from biobank.visits import actions as visits
from biobank.visits.models import Visit
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.languages import zone
from biobank.web.transaction import current_tx, databases

Answer = str | Response | tuple[str, int]
Work = Callable[[Tx, UUID, dict[str, Any]], None]


def collection(visit_id: UUID) -> str:
    """The page as the order stands."""
    visit = visits.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.VISIT)
    return _page(visit)


def rack(visit_id: UUID) -> Response:
    """The rack alone, for a page that waits for its labels; 204 when the page has it already."""
    visit = visits.visit_of(current_tx(), visit_id)
    order = _order_of(visit)
    if order is None:
        return make_response("", 204)
    seen = _rack(order)
    if request.args.get("have") == seen.mark:
        return make_response("", 204)
    return make_response(render_template("specimens/_rack.html", visit=visit, order=order, rack=seen, reasons=REASONS))


def start_order(visit_id: UUID) -> Answer:
    """Order the tubes that the answers allow."""
    tx = current_tx()
    visit = visits.require_open(tx, visit_id)
    values, errors = read_form(AnswersForm())
    if errors:
        return _page(visit, errors=errors, values=request.form), 422
    try:
        actions.start_order(
            tx, donor_id=participants.donor_of(tx, visit.participant_id), site_id=visit.site_id,
            answers=actions.Answers(**{name: values[name] for name in ANSWERS}), sort=values["sort"],
            chosen=values["chosen"], collection_station_id=visit.station_id, since=visit.checked_in_at,
            kit=actions.read_kit(values["kit"], values["kit_again"]) if values["kit"] else None,
        )  # fmt: skip
    except Refused as refusal:
        return _refused(visit, refusal)
    return _back(visit_id)


def print_labels(visit_id: UUID) -> Answer:
    """Print the labels that are not printed yet, or one again."""

    def work(tx: Tx, order_id: UUID, values: dict[str, Any]) -> None:
        tube_ids = [values["tube_id"]] if values["tube_id"] else []
        actions.print_labels(tx, order_id, tube_ids=tube_ids, reason=values["reason"])

    return _do(visit_id, PrintForm(), work)


def apply_label(visit_id: UUID) -> Answer:
    """The scan of a label on its tube."""

    def work(tx: Tx, order_id: UUID, _values: dict[str, Any]) -> None:
        entered_by = EnteredBy.read(request.form.get("entered_by"))
        tube = actions.apply_label(tx, order_id, request.form.get("code", ""), entered_by=entered_by)
        kind = actions.kind_of(actions.find_order(tx, order_id), tube)
        locale = str(get_locale())
        flash(gettext("%(tube)s: %(cap)s cap. The label is on.", tube=kind.words.to(locale),
                      cap=kind.cap_words(locale)))  # fmt: skip

    return _do(visit_id, None, work)


def collect(visit_id: UUID) -> Answer:
    """Every labelled tube, or one, is filled: now, or at the time entered."""

    def work(tx: Tx, order_id: UUID, values: dict[str, Any]) -> None:
        tube_ids = [values["tube_id"]] if values["tube_id"] else []
        _warn(actions.collect(tx, order_id, tube_ids=tube_ids, at=to_utc(values["at"], zone())))

    return _do(visit_id, CollectForm(), work)


def not_collected(visit_id: UUID) -> Answer:
    """A tube was not filled, and why."""

    def work(tx: Tx, order_id: UUID, values: dict[str, Any]) -> None:
        actions.not_collected(tx, order_id, values.pop("tube_id"), **values)

    return _do(visit_id, NotCollectedForm(), work)


def offer_instead(visit_id: UUID) -> Answer:
    """Add saliva."""
    return _do(visit_id, None, lambda tx, order_id, _: _drop(actions.offer_instead(tx, order_id)))


def process(visit_id: UUID) -> Answer:
    """The waiting tubes were spun."""

    def work(tx: Tx, order_id: UUID, values: dict[str, Any]) -> None:
        at, tube_ids = to_utc(values.pop("at"), zone()), values.pop("tube_ids")
        _warn(actions.process(tx, order_id, tube_ids=tube_ids, spin=actions.Spin(**values), at=at))

    return _do(visit_id, ProcessForm(), work)


def finalise(visit_id: UUID) -> Answer:
    """Sign the collection off and go on with the visit."""
    answer = _do(visit_id, None, lambda tx, order_id, _: _drop(actions.finalise_order(tx, order_id)))
    if isinstance(answer, Response):
        return redirect(url_for("visits.show", visit_id=visit_id), 303)
    return answer


def _drop(_done: object) -> None:
    """What was done is shown by the page that follows."""


def _do(visit_id: UUID, form: Any, work: Work) -> Answer:
    """Read the form and do it to the visit's order; a refusal is shown loudly on the page it came from."""
    tx = current_tx()
    visit = visits.visit_of(tx, visit_id)
    values, errors = read_form(form) if form else ({}, {})
    if errors:
        return _page(visit, errors=errors, values=request.form, stop=next(iter(errors.values()))), 422
    order = _order_of(visit)
    if order is None:
        raise NotFound("Nothing is ordered for this visit yet. Answer the questions first.")
    try:
        work(tx, order.id, values)
    except Refused as refusal:
        return _refused(visit, refusal)
    return _back(visit_id)


def _refused(visit: Visit, refusal: Refused) -> tuple[str, int]:
    tx = current_tx()
    visit_id = visit.id
    # The page shows what stands, not what was refused half way.
    tx.session.rollback()
    if isinstance(refusal, actions.LabelAppliedTwice):
        with databases().transaction(tx.actor) as own:
            actions.raise_alarm(own, refusal)
    shown = visits.visit_of(tx, visit_id)
    status = 422 if isinstance(refusal, Invalid) else refusal.status
    return _page(shown, stop=problems.say(refusal), values=request.form), status


def _warn(warnings: Sequence[TimeFinding]) -> None:
    for finding in warnings:
        flash(finding.to(str(get_locale())), "warning")


def _back(visit_id: UUID) -> Response:
    return redirect(url_for("specimens.collection", visit_id=visit_id), 303)


def _order_of(visit: Visit) -> CollectionOrder | None:
    if visit.checked_in_at is None:
        return None
    tx = current_tx()
    return actions.order_for(tx, participants.donor_of(tx, visit.participant_id), visit.checked_in_at)


def _rack(order: CollectionOrder) -> Rack:
    return rack_of(current_tx(), order, locale=str(get_locale()), zone=zone())


def _page(visit: Visit, **context: Any) -> str:
    order = _order_of(visit)
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    return render_template(
        "specimens/collection.html", visit=visit, step="samples", order=order, questions=ANSWERS, reasons=REASONS,
        rotors=ROTORS,
        offered=actions.tubes_at(current_tx(), visit.site_id) if order is None else (),
        participant=participants.participant_of(current_tx(), visit.participant_id),
        rack=_rack(order) if order else None, instead=actions.instead(order) if order else [], **filled,
    )  # fmt: skip
