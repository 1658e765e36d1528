"""The table of stock, and what lies in a printer and how it is set, with a label to measure it by."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import Refused
from biobank.printing import actions, samples
from biobank.printing.models import LabelStock, Printer
from biobank.printing.stock_schemas import PrinterSettingsSchema, StockSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx
from labels import Kind, read_template, ruler_layout
from labels import render_template as draw

Answer = str | Response | tuple[str, int]


def stock() -> str:
    """Every roll and every sheet."""
    return table()


def add_stock() -> Answer:
    """One more roll."""
    values, errors = read_form(StockSchema())
    if errors:
        return table(errors), 422
    return done(lambda: actions.add_stock(current_tx(), **values), table)


def take_shipped() -> Response:
    """The rolls of the shipped designs, to begin with."""
    count = actions.take_shipped(current_tx())
    flash(gettext("%(n)s sizes were added. Measure what you load, and correct them.", n=count))
    return _to_stock()


def stock_form(stock_id: UUID) -> str:
    """One roll to correct."""
    return _form(actions.stock(current_tx(), stock_id))


def change_stock(stock_id: UUID) -> Answer:
    """A roll corrected."""
    values, errors = read_form(StockSchema())
    found = actions.stock(current_tx(), stock_id)
    if errors:
        return _form(found, errors), 422
    return done(lambda: actions.change_stock(current_tx(), stock_id, version=version(), **values),
                 lambda *said: _form(actions.stock(current_tx(), stock_id), *said))  # fmt: skip


def remove_stock(stock_id: UUID) -> Answer:
    """A roll that nothing is printed on any more."""
    return done(lambda: actions.remove_stock(current_tx(), stock_id), table)


def printer(printer_id: UUID) -> str:
    """What lies in a printer, how it is set, and the label to measure it by."""
    return _printer(actions.printer(current_tx(), printer_id))


def adjust_printer(printer_id: UUID) -> Answer:
    """The printer set."""
    values, errors = read_form(PrinterSettingsSchema())
    found = actions.printer(current_tx(), printer_id)
    if errors:
        return _printer(found, errors), 422
    try:
        actions.adjust_printer(current_tx(), printer_id, version=version(), **values)
    except Refused as refusal:
        current_tx().session.rollback()
        said = problems.say(refusal)
        return _printer(actions.printer(current_tx(), printer_id), {}, said), refusal.status
    flash(gettext("Saved. Print the ruler, and measure."))
    return redirect(url_for("printing.printer", printer_id=printer_id), 303)


def done(change: Callable[[], object], again: Callable[..., str]) -> Answer:
    """The table after a change, or the page again with why not."""
    try:
        change()
    except Refused as refusal:
        said = problems.say(refusal)
        current_tx().session.rollback()
        return again({}, said), refusal.status
    return _to_stock()


def _to_stock() -> Response:
    return redirect(url_for("printing.stock"), 303)


def version() -> int:
    """Of what is changed, as it was read."""
    return request.form.get("version", 0, type=int)


def table(errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    """Printers, rolls and sheets, with what was typed."""
    return render_template("printing/stock.html", stocks=actions.stocks(current_tx()), errors=errors or {},
                           refusal=refusal, values=request.form, sheets=actions.sheets(current_tx()),
                           printers=actions.printers(current_tx()))  # fmt: skip


def _form(found: LabelStock, errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    return render_template("printing/stock_form.html", stock=found, errors=errors or {}, refusal=refusal,
                           values=given(StockSchema(), found))  # fmt: skip


def _printer(found: Printer, errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    choices = [("", gettext("not told"))] + [(str(one.id), one.name) for one in actions.stocks(current_tx())]
    wide, high = actions.size_in(found)
    template = read_template(ruler_layout("ruler", wide, high))
    return render_template(
        "printing/printer.html", printer=found, errors=errors or {}, refusal=refusal, choices=choices,
        values=given(PrinterSettingsSchema(), found), size=(wide, high),
        ruler=base64.b64encode(draw(template, {"tube_id": samples.example(Kind.TEST)}, "png", found.dpi)).decode(),
    )  # fmt: skip


def given(schema: ma.Schema, row: Any) -> dict[str, Any]:
    """What was typed, else what is kept."""
    kept: dict[str, Any] = schema.dump(row)
    return kept | request.form.to_dict()
