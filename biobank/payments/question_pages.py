"""Exceptions on the page: whose they are, by when, what was found so far, how they end."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.payments import ageing, listing, questions
from biobank.payments.models import ExceptionNote, ReconException, ResolutionCode
from biobank.payments.notes import read_note
from biobank.payments.schemas import AssignForm, ResolveForm
from biobank.web.api import keyset_page
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

WHOSE = ("all", "mine", "nobody", "late")


def _query(whose: str, *, only_open: bool, age: str) -> Any:
    query = listing.exceptions(only_open=only_open)
    if whose == "mine":
        query = query.where(ReconException.owner_id == current_tx().actor.id)
    if whose == "nobody":
        query = query.where(ReconException.owner_id.is_(None))
    if whose == "late":
        query = query.where(ReconException.due_on < clock.now().date())
    return query.where(ageing.between(ReconException.opened_at, age)) if age in ageing.BUCKETS else query


def _exceptions(**context: Any) -> str:
    tx = current_tx()
    only_open, whose = "all" not in request.args, request.args.get("whose", "all")
    query = _query(whose, only_open=only_open, age=request.args.get("age", ""))
    rows, more = keyset_page(tx.session, query, key=ReconException.id, after=request.args.get("after", type=UUID),
                             limit=50)  # fmt: skip
    filled: dict[str, Any] = {"errors": {}, "values": {}, "wrong_id": None} | context
    return render_template("payments/exceptions.html", rows=rows, more=more, only_open=only_open, whose=whose,
                           choices=WHOSE, owners=questions.owners(tx), notes=_notes(rows), today=clock.now().date(),
                           days_since=ageing.days_since, codes=(ResolutionCode.EXPLAINED, ResolutionCode.CORRECTED),
                           **filled)  # fmt: skip


def _notes(rows: Sequence[ReconException]) -> Mapping[UUID, list[ExceptionNote]]:
    grouped: dict[UUID, list[ExceptionNote]] = {row.id: [] for row in rows}
    query = sa.select(ExceptionNote).where(ExceptionNote.exception_id.in_(grouped)).order_by(ExceptionNote.id)
    for note in current_tx().session.scalars(query):
        grouped[note.exception_id].append(note)
    return grouped


def exceptions() -> str:
    return _exceptions()


def _back() -> Response:
    return redirect(url_for("payments.exceptions"), 303)


def resolve(exception_id: UUID) -> Any:
    """Close an exception where no money moves."""
    given, errors = read_form(ResolveForm())
    if errors:
        said = {"note": gettext("Write why in a few words, at most 400 letters, for whoever reads this later.")}
        return _exceptions(errors=said, values=request.form, wrong_id=exception_id), 422
    questions.resolve_exception(current_tx(), exception_id, given["note"], given["code"])
    flash(gettext("Resolved, with your note."))
    return _back()


def add_note(exception_id: UUID) -> Any:
    note, errors = read_note()
    if errors:
        return _exceptions(errors=errors, wrong_id=exception_id), 422
    questions.add_note(current_tx(), exception_id, note)
    flash(gettext("Noted. The exception stays open."))
    return _back()


def assign(exception_id: UUID) -> Any:
    """Give an exception to somebody, with the day by which it must be answered."""
    given, errors = read_form(AssignForm())
    if errors:
        return _exceptions(errors=errors, wrong_id=exception_id), 422
    questions.assign(current_tx(), exception_id, owner_id=given["owner"], due_on=given["due_on"])
    flash(gettext("Given."))
    return _back()


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/exceptions", "GET", "exceptions", exceptions),
    ("/payments/exceptions/<uuid:exception_id>/resolve", "POST", "resolve", resolve),
    ("/payments/exceptions/<uuid:exception_id>/notes", "POST", "add_note", add_note),
    ("/payments/exceptions/<uuid:exception_id>/owner", "POST", "assign", assign),
)
