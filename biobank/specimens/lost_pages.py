"""Lost and found: a tube that is not where it should be, and one that turned up again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import Refused
from biobank.specimens import actions, losing
from biobank.specimens.lost_schemas import LoseSchema
from biobank.specimens.models import Tube
from biobank.specimens.schemas import ScanSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]


def lost() -> str:
    """What cannot be found, and the scan of what was found."""
    return _page()


def lose_tube() -> Answer:
    """Declare that a tube cannot be found."""
    values, errors = read_form(LoseSchema())
    if errors:
        return _page(errors=errors, values=request.form), 422
    return _do(values["lost_code"], lambda tube: actions.lose(current_tx(), tube.id, values["note"]),
               gettext("A case is open about tube %(code)s."))  # fmt: skip


def find_again() -> Answer:
    """A lost tube is in somebody's hand."""
    values, errors = read_form(ScanSchema())
    if errors:
        return _page(errors=errors), 422
    return _do(values["code"], lambda tube: actions.find_again(current_tx(), tube.id, values["code"]),
               gettext("Tube %(code)s is found. It goes on from where it was."))  # fmt: skip


def carrier_scanned(shipment_id: UUID) -> Response:
    """The courier's own site shows that it has the parcel."""
    actions.carrier_scanned(current_tx(), shipment_id, request.form.get("where", ""))
    return redirect(url_for("specimens.shipment", shipment_id=shipment_id), 303)


def _do(code: str, work: Callable[[Tube], object], said: str) -> Answer:
    tx = current_tx()
    try:
        tube = actions.tube_by_code(tx, code)
        work(tube)
    except Refused as refusal:
        tx.session.rollback()
        return _page(stop=problems.say(refusal), values=request.form), refusal.status
    flash(said % {"code": tube.code}, "success")
    return redirect(url_for("specimens.lost"), 303)


def _page(**context: Any) -> str:
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    tubes = actions.lost(current_tx())
    return render_template("specimens/lost.html", tubes=tubes, cases=losing.cases_of(current_tx(), tubes), **filled)


ROUTES = (
    ("GET", "/lost", lost),
    ("POST", "/lost", lose_tube),
    ("POST", "/lost/found", find_again),
    ("POST", "/shipments/<uuid:shipment_id>/carrier-scans", carrier_scanned),
)
