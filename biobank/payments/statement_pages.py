"""Statements on the page: taken in, matched, each line with what it belongs to and why."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import Invalid, NotFound, Refused
from biobank.payments import actions, ageing, layouts, ledger, listing, statement_files
from biobank.payments.formats import csvmap
from biobank.payments.models import StatementFile, StatementForm, StatementLine
from biobank.payments.notes import read_note
from biobank.payments.statements import StatementRefused, cents_of
from biobank.web import problems
from biobank.web.api import keyset_page
from biobank.web.transaction import current_tx

FORMS = tuple(form for form in StatementForm if form is not StatementForm.MAPPED_CSV)


def _statements(**context: Any) -> str:
    tx = current_tx()
    return render_template("payments/statements.html", files=listing.files(tx), layouts=layouts.layouts(tx),
                           forms=FORMS, accounts=statement_files.ACCOUNTS, account_names=ledger.ACCOUNTS,
                           **({"values": {}} | context))  # fmt: skip


def statements() -> str:
    """The statements kept, and the box for the next one."""
    return _statements()


def _source() -> statement_files.Source:
    """What the form says of the file: its form or a saved layout, and its account."""
    kind, layout_id = request.form.get("form", ""), request.form.get("layout", type=UUID)
    form = StatementForm(kind) if kind in FORMS else None
    try:
        edges = [cents_of(text, 0) if (text := request.form.get(name, "").strip()) else None
                 for name in ("opening", "closing")]  # fmt: skip
    except StatementRefused as refusal:
        raise Invalid("Write the balances as dollars and cents, such as 1234.50.") from refusal
    return statement_files.Source(form=form, account=request.form.get("account", ledger.PROVIDER),
                                  layout_id=layout_id, balances=csvmap.Balances(*edges))  # fmt: skip


def import_statement() -> Any:
    """Take the uploaded file in, or say why it is refused whole."""
    given = request.files.get("file")
    content = given.read() if given else b""
    if not content:
        return _statements(error=gettext("Choose the statement's file first."), values=request.form), 422
    try:
        file = actions.import_statement(current_tx(), content, _source())
    except Refused as refusal:
        current_tx().session.rollback()
        return _statements(refusal=problems.say(refusal), values=request.form), 422
    flash(gettext("%(lines)s lines, %(new)s of them new.", lines=file.line_count, new=file.new_count))
    return _to(file.id)


def _to(file_id: UUID) -> Response:
    return redirect(url_for("payments.statement", file_id=file_id), 303)


def _lines(file: StatementFile | None) -> str:
    tx = current_tx()
    only_open = file is None or "open" in request.args
    query = listing.lines(file_id=file.id if file else None, only_open=only_open)
    if request.args.get("age") in ageing.BUCKETS:
        query = query.where(ageing.between(StatementLine.booked_on, request.args["age"], is_day=True))
    rows, more = keyset_page(tx.session, query, key=StatementLine.id, after=request.args.get("after", type=UUID),
                             limit=100)  # fmt: skip
    return render_template("payments/statement.html", file=file, views=listing.views(tx, rows), more=more,
                           only_open=only_open)  # fmt: skip


def statement(file_id: UUID) -> str:
    """One statement: its lines and what each belongs to."""
    file = current_tx().session.get(StatementFile, file_id)
    if file is None:
        raise NotFound("There is no such statement. Go back to the list.")
    return _lines(file)


def open_lines() -> str:
    """The lines of every statement that belong to no payment for certain."""
    return _lines(None)


def match(file_id: UUID) -> Response:
    """Match the statement's open lines."""
    counts = actions.match(current_tx(), file_id)
    flash(gettext("%(confirmed)s matched, %(suggested)s suggested, %(open)s still open.", confirmed=counts["confirmed"],
                  suggested=counts["suggested"], open=counts["unmatched_lines"]))  # fmt: skip
    return _to(file_id)


def confirm(match_id: UUID) -> Response:
    """Say that a suggestion is right."""
    found = actions.confirm_suggestion(current_tx(), match_id)
    flash(gettext("Matched."))
    if request.form.get("from") == "match":
        return redirect(url_for("payments.match_screen", account=found.line.account), 303)
    return _to(found.line.file_id)


def undo(match_id: UUID) -> Response:
    """Take a match back, with the reason."""
    note, errors = read_note()
    if errors:
        raise Invalid("Write in a few words why, so that the next person understands it.")
    found = actions.undo_match(current_tx(), match_id, note)
    flash(gettext("The match is taken back."))
    return _to(found.line.file_id)


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("/statements", "GET", statements),
    ("/statements", "POST", import_statement),
    ("/statements/open", "GET", open_lines),
    ("/statements/<uuid:file_id>", "GET", statement),
    ("/statements/<uuid:file_id>/match", "POST", match),
    ("/matches/<uuid:match_id>/confirm", "POST", confirm),
    ("/matches/<uuid:match_id>/undo", "POST", undo),
)
