"""What is done with one tube at the biobank: taken out, spun, divided, used up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.specimens import actions as specimens
from biobank.specimens.drawing import Spin
from biobank.specimens.entry_seam import as_told
from biobank.specimens.forms import ROTORS
from biobank.specimens.models import Tube
from biobank.specimens.storage import actions, schemas, volumes
from biobank.specimens.storage.api import plan_of
from biobank.specimens.storage.materials import MATERIALS
from biobank.stations import actions as stations
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx

Answer = str | Response | tuple[str, int]


def aliquots(tube_id: UUID) -> str:
    """A tube with what can be done with it and what was made of it."""
    found = specimens.find_tube(current_tx(), tube_id)
    note_look("tube", found.id, Purpose.CUSTODY)
    return _page(found)


def plan(tube_id: UUID) -> Answer:
    """Plan vessels to be filled."""

    def work(values: dict[str, Any]) -> None:
        actions.plan_aliquots(current_tx(), tube_id, plan_of(values), values["station_id"])

    return _do(tube_id, schemas.PlanSchema(), work)


def fill(tube_id: UUID) -> Answer:
    """The scan of a vessel that was filled."""

    def work(values: dict[str, Any]) -> None:
        with as_told(values):
            made = actions.fill(current_tx(), values["code"], kept=values["kept"])
        flash(gettext("%(tube)s is filled: %(volume)s.", tube=made.code, volume=volumes.spoken(made.volume_ul or "0")))

    return _do(tube_id, schemas.FillSchema(), work)


def label_sheet(tube_id: UUID) -> Answer:
    """The labels of the planned vessels as a PDF."""
    values, errors = read_form(schemas.SheetForm())
    if errors:
        return _page(specimens.find_tube(current_tx(), tube_id), errors=errors, values=request.form), 422
    try:
        pdf = actions.label_sheet(current_tx(), tube_id, values["sheet"], values["options"], again=values["again"])
    except Refused as refusal:
        return _refused(tube_id, refusal)
    answer = make_response(pdf)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'attachment; filename="labels.pdf"'
    return answer


def give_up(tube_id: UUID) -> Answer:
    """A planned vessel is given up."""

    def work(values: dict[str, Any]) -> None:
        actions.give_up(current_tx(), UUID(request.form["child_id"]), values["reason"])

    return _do(tube_id, schemas.WhySchema(), work)


def check_out(tube_id: UUID) -> Answer:
    """The tube is taken out of its position."""

    def work(values: dict[str, Any]) -> None:
        actions.check_out(current_tx(), tube_id, values.pop("reason"), **values)

    return _do(tube_id, schemas.CheckOutSchema(), work)


def use_up(tube_id: UUID) -> Answer:
    """Nothing of the tube is left."""
    return _do(tube_id, schemas.WhySchema(), lambda values: _drop(actions.use_up(current_tx(), tube_id, **values)))


def spin(tube_id: UUID) -> Answer:
    """The tube was spun at the biobank."""
    return _do(tube_id, schemas.BenchSpinSchema(),
               lambda values: _drop(actions.record_spin(current_tx(), tube_id, Spin(**values))))  # fmt: skip


def _drop(_done: object) -> None:
    """What was done is shown by the page that follows."""


def _do(tube_id: UUID, form: Any, work: Callable[[dict[str, Any]], None]) -> Answer:
    values, errors = read_form(form)
    if errors:
        return _page(specimens.find_tube(current_tx(), tube_id), errors=errors, values=request.form), 422
    try:
        work(values)
    except Refused as refusal:
        return _refused(tube_id, refusal)
    return redirect(url_for("storage.aliquots", tube_id=tube_id), 303)


def _refused(tube_id: UUID, refusal: Refused) -> tuple[str, int]:
    tx = current_tx()
    tx.session.rollback()
    found = specimens.find_tube(tx, tube_id)
    return _page(found, stop=problems.say(refusal), values=request.form), refusal.status


def _page(found: Tube, **context: Any) -> str:
    tx, site_id = current_tx(), actor().site_id
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    kind = specimens.kind_of(found.order, found)
    return render_template(
        "storage/aliquots.html", tube=found, kind=kind, children=actions.derivatives(tx, found.id), rotors=ROTORS,
        line=actions.lineage(tx, found), left=volumes.spoken(actions.left_in(found)), spoken=volumes.spoken,
        materials={code: made for code, made in MATERIALS.items() if kind.sample in made.of},
        again=[("", "–"), *problems.spoken(stations.WHY_AGAIN).items()],
        sheets=[(one.code, one.name) for one in actions.label_sheets(tx)],
        vessels=volumes.VESSELS, desks=stations.stations_of(tx, site_id) if site_id else [], **filled,
    )  # fmt: skip
