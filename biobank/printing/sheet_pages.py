"""A sheet for office printers: its sizes to correct, as a picture, and as a page to lay over the real one."""

from flask import Response, render_template, request

from biobank.printing import actions
from biobank.printing.models import LabelSheet
from biobank.printing.stock_pages import Answer, done, given, table, version
from biobank.printing.stock_schemas import NewSheetSchema, SheetSchema
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx
from labels import outline, stocks


def new_sheet() -> str:
    """The boxes of one more sheet, filled from one that is like it."""
    return _new()


def add_sheet() -> Answer:
    """One more sheet."""
    values, errors = read_form(NewSheetSchema())
    if errors:
        return _new(errors), 422
    return done(lambda: actions.add_sheet(current_tx(), **values), _new)


def sheet_form(code: str) -> str:
    """One sheet to correct."""
    return _form(actions.sheet(current_tx(), code))


def change_sheet(code: str) -> Answer:
    """A sheet corrected."""
    values, errors = read_form(SheetSchema())
    if errors:
        return _form(actions.sheet(current_tx(), code), errors), 422
    return done(lambda: actions.change_sheet(current_tx(), code, version=version(), **values),
                lambda *said: _form(actions.sheet(current_tx(), code), *said))  # fmt: skip


def remove_sheet(code: str) -> Answer:
    """An administrator's sheet taken away; a shipped one is as it was."""
    return done(lambda: actions.remove_sheet(current_tx(), code), table)


def sheet_outline(code: str) -> Response:
    """The edges of its labels as a PDF, to be printed on plain paper and laid over a sheet."""
    drawn = outline(actions.as_stock(actions.sheet(current_tx(), code)))
    return Response(drawn, mimetype="application/pdf")


def _new(errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    like = request.args.get("like", "")
    values = given(SheetSchema(), actions.sheet(current_tx(), like)) if like else request.form.to_dict()
    return render_template("printing/sheet_form.html", sheet=None, errors=errors or {}, refusal=refusal, drawn=None,
                           values=values | ({"name": "", "note": ""} if like else {}))  # fmt: skip


def _form(found: LabelSheet, errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    return render_template("printing/sheet_form.html", sheet=found, errors=errors or {}, refusal=refusal,
                           values=given(SheetSchema(), found), drawn=actions.as_stock(found),
                           is_shipped=found.code in stocks())  # fmt: skip
