"""A signed-off collection: its tubes, what happened to it since, and amending, cancelling or restoring it."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Invalid, Refused
from biobank.specimens import actions
from biobank.specimens import orders_changing as changing
from biobank.specimens.forms import to_utc, wall_clock
from biobank.specimens.order_api import AmendSchema, CancelSchema, RestoreSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.languages import zone
from biobank.web.transaction import current_tx

Answer = Response | tuple[str, int]


class AmendForm(AmendSchema):
    """One tube's right times by the site's clock, and why."""

    class Meta:
        exclude = ("times",)

    tube_id = ma.fields.UUID(load_default=None)
    collected = wall_clock()
    processed = wall_clock()


# Typed before a signed-off collection is cancelled, in either language.
TYPED = {"cancel", "cancelar"}


def order(order_id: UUID) -> str:
    """The collection with its history."""
    found = actions.find_order(current_tx(), order_id)
    note_look("collection", found.id, Purpose.CUSTODY)
    return _page(order_id)


def amend(order_id: UUID) -> Answer:
    """Correct the times of one tube, or note what else is amended."""

    def work(values: dict[str, Any]) -> None:
        times = [_times(values["tube_id"], values)] if values["tube_id"] else []
        found = changing.amend(current_tx(), order_id, reason=values["reason"], note=values["note"], times=times)
        for finding in found:
            flash(finding.to(str(get_locale())), "warning")

    return _do(order_id, AmendForm(), work)


def cancel_final(order_id: UUID) -> Answer:
    """Cancel it, after a typed word."""

    def work(values: dict[str, Any]) -> None:
        if request.form.get("typed", "").strip().lower() not in TYPED:
            raise Invalid("Type the word cancel to confirm.", code="not-confirmed")
        changing.cancel_final(current_tx(), order_id, **values)

    return _do(order_id, CancelSchema(), work)


def restore(order_id: UUID) -> Answer:
    """Bring a cancelled collection back."""
    return _do(order_id, RestoreSchema(), lambda values: _drop(changing.restore(current_tx(), order_id, **values)))


def _drop(_done: object) -> None:
    """What was done is shown by the page that follows."""


def _times(tube_id: UUID, values: dict[str, Any]) -> changing.Times:
    return changing.Times(tube_id=tube_id, collected_at=to_utc(values["collected"], zone()),
                          processed_at=to_utc(values["processed"], zone()))  # fmt: skip


def _do(order_id: UUID, form: Any, work: Any) -> Answer:
    values, errors = read_form(form)
    if errors:
        return _page(order_id, errors=errors, values=request.form), 422
    try:
        work(values)
    except Refused as refusal:
        current_tx().session.rollback()
        return _page(order_id, stop=problems.say(refusal), values=request.form), refusal.status
    flash(gettext("It is recorded."))
    return redirect(url_for("specimens.order", order_id=order_id), 303)


def _page(order_id: UUID, **context: Any) -> str:
    tx = current_tx()
    found = actions.find_order(tx, order_id)
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    tubes = [(tube, actions.kind_of(found, tube)) for tube in found.tubes]
    return render_template("specimens/order.html", order=found, tubes=tubes, history=changing.history(tx, order_id),
                           **filled)  # fmt: skip


ROUTES = (
    ("GET", "/orders/<uuid:order_id>", order),
    ("POST", "/orders/<uuid:order_id>/amend", amend),
    ("POST", "/orders/<uuid:order_id>/cancel", cancel_final),
    ("POST", "/orders/<uuid:order_id>/restore", restore),
)
