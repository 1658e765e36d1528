"""Saved layouts of banks' CSV files on the page: written, tried on a file, changed."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from biobank.errors import Invalid
from biobank.payments import layouts
from biobank.payments.formats import csvmap
from biobank.payments.schemas import LayoutForm
from biobank.payments.statements import StatementRefused
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx


def _page(**context: Any) -> str:
    filled: dict[str, Any] = {"values": {}, "errors": {}, "kept": None, "preview": None} | context
    return render_template("payments/layouts.html", layouts=layouts.layouts(current_tx()), forms=csvmap.DAY_FORMS,
                           **filled)  # fmt: skip


def show_layouts() -> str:
    return _page()


def layout(layout_id: UUID) -> str:
    """One saved layout, to change."""
    kept = layouts.layout_of(current_tx(), layout_id)
    values = kept.columns | {"name": kept.name, "text": ", ".join(kept.columns["text"])}
    return _page(kept=kept, values=values)


def save_layout() -> Any:
    """Try the layout on the file that came with it, if one did; save it when asked to and it can be read."""
    given, errors = read_form(LayoutForm())
    if errors:
        return _page(values=request.form, errors=errors), 422
    name, read = given.pop("name"), None
    layout = csvmap.Layout(**given | {"text": tuple(part.strip() for part in given["text"].split(",") if part.strip())})
    file = request.files.get("file")
    try:
        content = file.read() if file else b""
        read = csvmap.read(content, "1000", layout) if content else None
        if request.form.get("do") != "try":
            layouts.save(current_tx(), name, layout)
    except StatementRefused as refusal:
        return _page(values=request.form, refusal=problems.say(Invalid.of(refusal, code="layout"))), 422
    except Invalid as refusal:
        return _page(values=request.form, refusal=problems.say(refusal)), 422
    if request.form.get("do") == "try":
        return _page(values=request.form, preview=read)
    flash(gettext("Saved. Choose it when you import a file of this source."))
    return redirect(url_for("payments.statements"), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/statements/layouts", "GET", "layouts", show_layouts),
    ("/statements/layouts", "POST", "save_layout", save_layout),
    ("/statements/layouts/<uuid:layout_id>", "GET", "layout", layout),
)
