"""Limits on finance's page: what is in force and used up, a change that a second person approves, what they held."""

from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from biobank.access.models import Site, SiteKind
from biobank.errors import Conflict, Invalid
from biobank.payments import actions, caps, means
from biobank.payments.cap_models import CapKind
from biobank.payments.cash_models import Means
from biobank.payments.notes import read_note
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

# As many payments as one look at a list can answer for.
RELEASED_AT_ONCE = 500


class CapForm(ma.Schema):
    """A limit to set: in payments, of all sites or of one."""

    kind = ma.fields.Enum(CapKind, by_value=True, required=True)
    payments = ma.fields.Integer(strict=False, required=True, validate=ma.validate.Range(0, caps.LARGEST))
    site_id = ma.fields.UUID(load_default=None, allow_none=True)


class MeansForm(ma.Schema):
    """How a site pays."""

    site_id = ma.fields.UUID(required=True)
    means = ma.fields.Enum(Means, by_value=True, required=True)


def _page(**context: Any) -> str:
    tx = current_tx()
    sites = tx.session.scalars(sa.select(Site).filter_by(kind=SiteKind.CLINIC).order_by(Site.name)).all()
    filled: dict[str, Any] = {"values": {}, "errors": {}} | context
    return render_template("payments/caps.html", caps=caps.caps(tx, actions.SCHEME), held=caps.held(tx), sites=sites,
                           means=means.of_sites(tx), policy=actions.policy_today(), **filled)  # fmt: skip


def show_caps() -> str:
    return _page()


def ask_cap() -> Any:
    """Ask a second person for another limit."""
    given, errors = read_form(CapForm())
    if errors:
        return _page(values=request.form, errors=errors), 422
    try:
        caps.ask(current_tx(), given["kind"], given["payments"], given["site_id"])
    except (Invalid, Conflict) as refusal:
        return _page(values=request.form, refusal=problems.say(refusal)), refusal.status
    flash(gettext("A second person of finance is asked. Until then the old limit holds."))
    return redirect(url_for("payments.caps"), 303)


def release_capped() -> Any:
    """Send what passed a limit, after a look at it."""
    note, errors = read_note()
    if errors:
        return _page(errors=errors), 422
    count = caps.release(current_tx(), note, RELEASED_AT_ONCE)
    flash(gettext("%(number)s payments are released.", number=count))
    return redirect(url_for("payments.caps"), 303)


def set_means() -> Any:
    """Choose how a site pays from now on."""
    given, errors = read_form(MeansForm())
    if errors:
        return _page(values=request.form, errors=errors), 422
    means.choose(current_tx(), UUID(str(given["site_id"])), given["means"])
    flash(gettext("Saved. It holds for visits completed from now on."))
    return redirect(url_for("payments.caps"), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/limits", "GET", "caps", show_caps),
    ("/payments/limits", "POST", "ask_cap", ask_cap),
    ("/payments/limits/release", "POST", "release_capped", release_capped),
    ("/payments/limits/means", "POST", "set_means", set_means),
)
