"""Designs with a live preview, rules with their reason, and the sheet that sets up a scanner."""

import base64
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from biobank.errors import Invalid, Refused
from biobank.printing import actions, api, layout_form, samples, schemas, sheet_pages, stock_pages
from biobank.printing.designs import RESOLUTIONS
from biobank.printing.printers import resolutions
from biobank.printing.routes import KINDS
from biobank.printing.routing import shadowed
from biobank.printing.scanner_sheet import steps, test_codes, tried
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.problems import wants_fragment
from biobank.web.transaction import current_tx

blueprint = Blueprint("printing", __name__)
Answer = str | AnyResponse | tuple[str, int]


@blueprint.get("/labels/designs")
def designs() -> str:
    """Every design, as it looks."""
    return render_template("printing/designs.html", designs=actions.designs(current_tx()))


@blueprint.get("/labels/designs/<name>.png")
def picture(name: str) -> Response:
    """A published design with made-up data, as a printer of that resolution prints it."""
    found = actions.design(current_tx(), name, request.args.get("version", type=int))
    drawn = found.draw(samples.of(found.template), "png", _dpi(request.args.get("dpi", "")))
    return Response(drawn, mimetype="image/png")


@blueprint.get("/labels/designs/<name>")
def design(name: str) -> str:
    """The editor: the newest version, or an older one to begin from."""
    found = actions.design(current_tx(), name, request.args.get("version", type=int))
    return _editor(name, found.layout, newest=actions.design(current_tx(), name).version)


@blueprint.post("/labels/designs/<name>/preview")
def preview(name: str) -> Answer:
    """What the boxes describe, drawn: the picture alone for a page that watches, else the editor with it."""
    layout = _layout(name)
    if wants_fragment():
        return render_template("printing/_preview.html", **_drawn(name, layout))
    newest = request.form.get("based_on", 0, type=int)
    return _editor(name, layout, newest=newest)


@blueprint.post("/labels/designs/<name>")
def publish(name: str) -> Answer:
    """The boxes as the next version, of this design or of one with a new name."""
    wanted = request.form.get("as", "").strip() or name
    based_on = request.form.get("based_on", 0, type=int) if wanted == name else 0
    layout, note = _layout(wanted), request.form.get("note", "").strip()[:200]
    try:
        schemas.NAME(wanted)
        made = actions.publish(current_tx(), wanted, layout=layout, note=note, based_on=based_on)
    except ValidationError as problem:
        refusal = str(gettext(problem.messages[0]))
    except Refused as problem:
        refusal = problems.say(problem)
    else:
        flash(gettext("Version %(version)s of %(name)s is published. New labels use it from now on.",
                      version=made.version, name=made.name))  # fmt: skip
        return redirect(url_for("printing.design", name=made.name), 303)
    current_tx().session.rollback()
    return _editor(name, layout, newest=request.form.get("based_on", 0, type=int), refusal=refusal, note=note), 422


@blueprint.get("/labels/rules")
def rules() -> str:
    """The rules in force, and which of them would apply to a label."""
    return _rules()


@blueprint.post("/labels/rules")
def add_rule() -> Answer:
    """One more rule at a place."""
    values, errors = read_form(schemas.AddRuleForm())
    if errors:
        return _rules(errors=errors), 422
    place, based_on = values.pop("place"), values.pop("based_on")
    return _changed(lambda: actions.add_rule(current_tx(), actions.Rule(**values), place=place, based_on=based_on))


@blueprint.post("/labels/rules/change")
def change_rule() -> Answer:
    """Take a rule out, or move it up."""
    values, errors = read_form(schemas.ChangeRuleForm())
    if errors:
        raise Invalid("There is no such rule. Look at the list again.")
    does = actions.remove_rule if values.pop("do") == "remove" else actions.raise_rule
    return _changed(lambda: does(current_tx(), **values))


@blueprint.get("/labels/scanner")
def scanner() -> str:
    """The sheet to print and scan: settings, then codes to try."""
    return render_template("printing/scanner.html", steps=steps(), codes=test_codes(), tried=None)


@blueprint.post("/labels/scanner")
def try_scanner() -> str:
    """What a scan of a test code tells; nothing of it is kept."""
    said = tried(request.form.get("code", "")[:200])
    return render_template("printing/scanner.html", steps=steps(), codes=test_codes(), tried=said)


def _changed(change: Any) -> Answer:
    try:
        change()
    except Refused as problem:
        current_tx().session.rollback()
        return _rules(refusal=problems.say(problem)), problem.status
    return redirect(url_for("printing.rules"), 303)


def _rules(errors: dict[str, str] | None = None, refusal: str | None = None) -> str:
    tx = current_tx()
    routing = actions.routing(tx)
    asked = {name: request.args.get(name, "")[:60] for name in ("sort", "part", "site", "station")}
    kind = request.args.get("kind", "")
    choice = actions.which(tx, actions.Wanted(kind=kind, **asked)) if kind in KINDS else None
    return render_template(
        "printing/rules.html", routing=routing, shadowed=shadowed(routing.rules), choice=choice, kinds=KINDS,
        asked=asked | {"kind": kind}, names=actions.names(tx), errors=errors or {}, values=request.form,
        refusal=refusal, pairs=lambda words: [(word, word) for word in words],
        in_words=lambda words: [(word, gettext(word)) for word in words],
    )  # fmt: skip


def _editor(name: str, layout: str, *, newest: int, refusal: str | None = None, note: str = "") -> str:
    tx = current_tx()
    return render_template(
        "printing/design.html", name=name, layout=layout, boxes=layout_form.boxes(layout), newest=newest, note=note,
        refusal=refusal, versions=actions.versions(tx, name), resolutions=resolutions(tx), form=layout_form,
        head=layout_form.head(layout), **_drawn(name, layout),
    )  # fmt: skip


def _layout(name: str) -> str:
    text = request.form.get("layout", "")
    return text if request.form.get("as_text") else layout_form.layout_of(name, request.form)


def _drawn(name: str, layout: str) -> dict[str, Any]:
    """The picture of a layout, or why there is none, and the effective size of its symbols."""
    dpi = _dpi(request.form.get("dpi", ""))
    try:
        image = base64.b64encode(api.picture(name, layout, dpi)).decode()
    except Refused as problem:
        return {"image": None, "why": problems.say(problem), "dpi": dpi, "modules": []}
    return {"image": image, "why": None, "dpi": dpi, "modules": api.modules(layout, dpi)}


def _dpi(text: str) -> int:
    return int(text) if text in map(str, RESOLUTIONS) else 203


for method, address, view in (
    ("GET", "/labels/stock", stock_pages.stock),
    ("POST", "/labels/stock", stock_pages.add_stock),
    ("POST", "/labels/stock/shipped", stock_pages.take_shipped),
    ("GET", "/labels/stock/<uuid:stock_id>", stock_pages.stock_form),
    ("POST", "/labels/stock/<uuid:stock_id>", stock_pages.change_stock),
    ("POST", "/labels/stock/<uuid:stock_id>/remove", stock_pages.remove_stock),
    ("GET", "/labels/sheets", sheet_pages.new_sheet),
    ("POST", "/labels/sheets", sheet_pages.add_sheet),
    ("GET", "/labels/sheets/<code>", sheet_pages.sheet_form),
    ("POST", "/labels/sheets/<code>", sheet_pages.change_sheet),
    ("POST", "/labels/sheets/<code>/remove", sheet_pages.remove_sheet),
    ("GET", "/labels/sheets/<code>.pdf", sheet_pages.sheet_outline),
    ("GET", "/labels/printers/<uuid:printer_id>", stock_pages.printer),
    ("POST", "/labels/printers/<uuid:printer_id>", stock_pages.adjust_printer),
):
    blueprint.add_url_rule(address, view_func=view, methods=[method])
