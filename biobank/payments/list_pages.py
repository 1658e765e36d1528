"""Payments as a list on the page: narrowed, counted, kept under a name, given out as a file."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access.models import Site
from biobank.errors import NotFound
from biobank.payments import list_files, listing, saved_views
from biobank.payments.listing import Wanted
from biobank.payments.models import Disbursement
from biobank.payments.schemas import Narrowed, wanted_of
from biobank.web.api import keyset_page
from biobank.web.transaction import current_tx

_SCHEMA = Narrowed()
SHOWN = 50


def asked() -> tuple[Wanted, dict[str, str]]:
    """What the address narrows the list to, and its words that count; what cannot be read narrows nothing."""
    given = {name: text for name in _SCHEMA.fields if (text := request.values.get(name, "").strip())}
    try:
        values: dict[str, Any] = _SCHEMA.load(given)
    except ma.ValidationError as problem:
        valid: Any = problem.valid_data
        given = {name: text for name, text in given.items() if name in valid}
        values = _SCHEMA.load(given)
    return wanted_of(values), given


def context(*, is_list: bool) -> dict[str, Any]:
    """What the list shows: its rows, how many there are and what they come to, and the lists kept under a name."""
    tx, (wanted, given) = current_tx(), asked()
    query = listing.payments(wanted)
    rows, more = keyset_page(tx.session, query, key=Disbursement.id, after=request.args.get("after", type=UUID),
                             limit=SHOWN)  # fmt: skip
    counted = listing.counted(tx, query) if is_list and given else None
    return {
        "rows": rows, "more": more, "given": given, "counted": counted, "most_counted": listing.COUNTED,
        "kept": saved_views.of_actor(tx), "ways": listing.ways(tx), "forms": list(list_files.FORMS),
        "sites": tx.session.execute(sa.select(Site.id, Site.code).order_by(Site.code)).all(),
    }  # fmt: skip


def export_list(form: str) -> FlaskResponse:
    """The list as a file, exactly as it is narrowed."""
    if form not in list_files.FORMS:
        raise NotFound("There is no such form. Choose CSV or XLSX.")
    kind, write = list_files.FORMS[form]
    answer = make_response(write(list_files.rows(current_tx(), asked()[0])))
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="payments-{clock.now():%Y-%m-%d}.{form}"'
    return answer


def save_view() -> Response:
    """Keep the list under a name."""
    _, given = asked()
    view = saved_views.save(current_tx(), request.form.get("name", ""), given)
    flash(gettext("Kept as %(name)s.", name=view.name))
    return redirect(f"{url_for('payments.home')}?{urlencode(given)}", 303)


def forget_view(view_id: UUID) -> Response:
    """Remove a kept list."""
    saved_views.forget(current_tx(), view_id)
    flash(gettext("The list is not kept any more. The payments stay as they are."))
    return redirect(url_for("payments.home"), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/list.<form>", "GET", "export_list", export_list),
    ("/payments/views", "POST", "save_view", save_view),
    ("/payments/views/<uuid:view_id>/forget", "POST", "forget_view", forget_view),
)
