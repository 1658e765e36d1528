"""Finance at its desk: the figures, the payments and everything behind each, what a person must look into."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.payments import actions, desk_pages, listing, statement_pages, words
from biobank.payments.models import Disbursement, ReconException, State
from biobank.payments.notes import read_note
from biobank.web.api import keyset_page
from biobank.web.transaction import current_tx

blueprint = Blueprint("payments", __name__)
blueprint.add_app_template_filter(words.money, "money")
FILTERS = (listing.PAYABLE, *State)

for _rule, _method, _view in (*statement_pages.ROUTES, *desk_pages.ROUTES):
    blueprint.add_url_rule(_rule, view_func=_view, methods=[_method])


@blueprint.context_processor
def say_in_words() -> dict[str, Any]:
    return {"words": words}


@blueprint.get("/payments")
def home() -> str:
    """The figures, and the payments of the state asked for."""
    tx = current_tx()
    chosen = request.args.get("state", "")
    chosen = chosen if chosen in FILTERS else ""
    reference = request.args.get("reference", "").strip()
    query = listing.payments(chosen or None, reference)
    rows, more = keyset_page(tx.session, query, key=Disbursement.id, after=request.args.get("after", type=UUID),
                             limit=50)  # fmt: skip
    return render_template("payments/home.html", totals=actions.totals(tx), stops=listing.stops(tx), rows=rows,
                           more=more, chosen=chosen, reference=reference, filters=FILTERS)  # fmt: skip


def _show(disbursement_id: UUID, **context: Any) -> str:
    tx = current_tx()
    payment = actions.disbursement_of(tx, disbursement_id)
    note_look("payment", payment.id, Purpose.PAYMENT)
    is_last = actions.latest_of(tx, payment.entitlement_id).id == payment.id
    filled: dict[str, Any] = {"values": {}, "errors": {}} | context
    return render_template("payments/show.html", payment=payment, story=listing.story_of(tx, payment.id),
                           is_last=is_last, **filled)  # fmt: skip


@blueprint.get("/payments/<uuid:disbursement_id>")
def show(disbursement_id: UUID) -> str:
    return _show(disbursement_id)


@blueprint.post("/payments/<uuid:disbursement_id>/hold")
def hold(disbursement_id: UUID) -> Any:
    note, errors = read_note()
    if errors:
        return _show(disbursement_id, values=request.form, errors=errors), 422
    actions.hold(current_tx(), disbursement_id, note)
    flash(gettext("The payment is held. Another person can release it."))
    return _to(disbursement_id)


@blueprint.post("/payments/<uuid:disbursement_id>/release")
def release(disbursement_id: UUID) -> Response:
    actions.release(current_tx(), disbursement_id)
    flash(gettext("The payment is released and will be sent."))
    return _to(disbursement_id)


@blueprint.post("/payments/<uuid:disbursement_id>/again")
def pay_again(disbursement_id: UUID) -> Any:
    note, errors = read_note()
    if errors:
        return _show(disbursement_id, values=request.form, errors=errors), 422
    again = actions.pay_again(current_tx(), disbursement_id, note)
    flash(gettext("A new payment is made ready. Another person must release it."))
    return _to(again.id)


def _to(disbursement_id: UUID) -> Response:
    return redirect(url_for("payments.show", disbursement_id=disbursement_id), 303)


def _exceptions(**context: Any) -> str:
    tx = current_tx()
    only_open = "all" not in request.args
    rows, more = keyset_page(tx.session, listing.exceptions(only_open=only_open), key=ReconException.id,
                             after=request.args.get("after", type=UUID), limit=50)  # fmt: skip
    filled: dict[str, Any] = {"errors": {}, "wrong_id": None} | context
    return render_template("payments/exceptions.html", rows=rows, more=more, only_open=only_open, **filled)


@blueprint.get("/payments/exceptions")
def exceptions() -> str:
    return _exceptions()


@blueprint.post("/payments/exceptions/<uuid:exception_id>/resolve")
def resolve(exception_id: UUID) -> Any:
    note, errors = read_note()
    if errors:
        return _exceptions(errors=errors, wrong_id=exception_id), 422
    actions.resolve_exception(current_tx(), exception_id, note)
    flash(gettext("Resolved, with your note."))
    return redirect(url_for("payments.exceptions"), 303)
