"""The administrator's page of networks: from where each site works, and what is let in for a while."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import guard, networks
from biobank.access.models import Site
from biobank.access.policy import policy_of
from biobank.access.watch_schemas import ExceptionSchema, SiteNetworksSchema
from biobank.errors import Refused
from biobank.web import problems
from biobank.web.client import client_address, client_country
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx


def index(**shown: Any) -> str:
    """The lists that hold, each site's networks, and the exceptions."""
    tx, settings = current_tx(), guard.settings()
    return render_template(
        "access/networks.html", sites=tx.session.scalars(sa.select(Site).order_by(Site.code)).all(),
        exceptions=networks.open_exceptions(tx), allowed=settings.allowed_networks,
        countries=", ".join(sorted(settings.countries)), address=client_address(settings),
        country=client_country(settings), **({"errors": {}, "values": {}} | shown),
    )  # fmt: skip


def _again(refusal: Refused) -> tuple[str, int]:
    current_tx().close()
    return index(refusal=problems.say(refusal), values=request.form), refusal.status


def _back(message: str) -> AnyResponse:
    flash(message, "success")
    return redirect(url_for("access.networks"), 303)


def add_exception() -> Any:
    values, errors = read_form(ExceptionSchema())
    if errors:
        return index(errors=errors, values=request.form), 422
    try:
        waits = networks.ask_exception(current_tx(), policy_of(guard.settings()), **values)
    except Refused as refusal:
        return _again(refusal)
    if waits:
        return _back(gettext("Another administrator must approve this. Until then nothing changes."))
    return _back(gettext("The network is let in until the time shown."))


def close_exception(exception_id: UUID) -> AnyResponse:
    networks.close_exception(current_tx(), exception_id)
    return _back(gettext("The exception has ended."))


def set_site(site_id: UUID) -> Any:
    values, errors = read_form(SiteNetworksSchema())
    try:
        networks.set_site_networks(current_tx(), site_id, values["networks"] if not errors else "?")
    except Refused as refusal:
        return _again(refusal)
    return _back(gettext("The site's networks are kept. They hold from the next request on."))
