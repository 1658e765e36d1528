"""Finance at its desk: the figures, the payments and everything behind each, what a person must look into."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.payments import (
    ach_pages,
    actions,
    ageing,
    book_pages,
    cap_pages,
    cash_pages,
    charts,
    choices,
    deliveries,
    desk_pages,
    errands,
    layout_pages,
    list_pages,
    listing,
    match_pages,
    period_pages,
    periods,
    provider_pages,
    question_pages,
    revoking,
    statement_pages,
    tax_pages,
    words,
)
from biobank.payments.delivery_models import ErrandKind
from biobank.payments.notes import read_note
from biobank.payments.schemas import Narrowed
from biobank.web.transaction import current_tx

blueprint = Blueprint("payments", __name__)
blueprint.add_app_template_filter(words.money, "money")

for _rule, _method, _view in (*statement_pages.ROUTES, *desk_pages.ROUTES):
    blueprint.add_url_rule(_rule, view_func=_view, methods=[_method])
PARTS = (book_pages, match_pages, question_pages, period_pages, layout_pages, list_pages, provider_pages, cap_pages,
         cash_pages, tax_pages, ach_pages)  # fmt: skip
for _part in PARTS:
    for _rule, _method, _endpoint, _view in _part.ROUTES:
        blueprint.add_url_rule(_rule, endpoint=_endpoint, view_func=_view, methods=[_method])


@blueprint.context_processor
def say_in_words() -> dict[str, Any]:
    return {"words": words, **choices.CHOICES}


@blueprint.get("/payments")
def home() -> str:
    """The figures; or, when a state, an age or a reference is asked for, the payments of that kind alone."""
    is_list = bool(request.args.keys() & {*Narrowed().fields, "after"})
    return render_template("payments/home.html", is_list=is_list, **list_pages.context(is_list=is_list),
                           **({} if is_list else _figures()))  # fmt: skip


def _figures() -> dict[str, Any]:
    tx = current_tx()
    days = charts.days(tx)
    paid = charts.bars([(f"{day.day:%d}", day.total) for day in days])
    waits = charts.bars([(f"{day.day:%d}", round(day.median or 0, 1)) for day in days])
    ages = ageing.rows(tx)
    return {
        "totals": actions.totals(tx), "stops": listing.stops(tx), "days": days, "paid": paid, "waits": waits,
        "ages": ages, "age_bars": charts.bars([(bucket, sum(row.counts[place] for row in ages))
                                               for place, bucket in enumerate(ageing.BUCKETS)]),
        "open_month": next(iter(periods.months(tx))), "funding": listing.funding(tx),
    }  # fmt: skip


def _show(disbursement_id: UUID, **context: Any) -> str:
    tx = current_tx()
    payment = actions.disbursement_of(tx, disbursement_id)
    note_look("payment", payment.id, Purpose.PAYMENT)
    is_last = actions.latest_of(tx, payment.entitlement_id).id == payment.id
    filled: dict[str, Any] = {"values": {}, "errors": {}} | context
    return render_template("payments/show.html", payment=payment, story=listing.story_of(tx, payment.id),
                           is_last=is_last, revoke_why=revoking.WHY, errands=errands.of_payment(tx, payment.id),
                           route=deliveries.route_of(tx, payment.id), **filled)  # fmt: skip


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


@blueprint.post("/payments/<uuid:disbursement_id>/provider")
def ask_provider(disbursement_id: UUID) -> Any:
    note, errors = read_note()
    if errors:
        return _show(disbursement_id, values=request.form, errors=errors), 422
    kind = ErrandKind.CANCEL if request.form.get("kind") == ErrandKind.CANCEL else ErrandKind.RESEND
    errands.ask(current_tx(), disbursement_id, kind, note)
    flash(gettext("The provider is asked. Its answer will stand here."))
    return _to(disbursement_id)


@blueprint.post("/payments/<uuid:disbursement_id>/revoke")
def revoke(disbursement_id: UUID) -> Response:
    revoking.ask(current_tx(), disbursement_id, request.form.get("why", ""))
    flash(gettext("A second person of finance is asked."))
    return _to(disbursement_id)


def _to(disbursement_id: UUID) -> Response:
    return redirect(url_for("payments.show", disbursement_id=disbursement_id), 303)
