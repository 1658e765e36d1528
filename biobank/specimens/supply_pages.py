"""The tubes that a site draws into: whose product, which lot, until when."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from biobank.errors import Refused
from biobank.specimens import actions
from biobank.specimens import supplies as lots
from biobank.specimens.sites import own_site
from biobank.specimens.sprec import products
from biobank.specimens.supply_schemas import SupplySchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]


def supplies() -> str:
    """What is in use, and a form for a lot that is begun."""
    return _page()


def use_supply() -> Answer:
    """Begin a lot."""
    values, errors = read_form(SupplySchema())
    if errors:
        return _page(errors=errors, values=request.form), 422
    tx = current_tx()
    try:
        lots.use_supply(tx, own_site(tx), **values)
    except Refused as refusal:
        tx.session.rollback()
        return _page(refusal=problems.say(refusal), values=request.form), refusal.status
    return redirect(url_for("specimens.supplies"), 303)


def _page(**context: Any) -> str:
    tx = current_tx()
    site_id = own_site(tx)
    used = lots.in_use(tx, site_id)
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    return render_template(
        "specimens/supplies.html", kinds=actions.tubes_at(tx, site_id), used=used, products=products.load(),
        over={kind for kind, supply in used.items() if lots.is_over(tx, supply)}, **filled,
    )  # fmt: skip


ROUTES = (
    ("GET", "/supplies", supplies),
    ("POST", "/supplies", use_supply),
)
