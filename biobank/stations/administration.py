"""The administrator's pages: sites, stations and staff at a glance, and the forms that add to them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access import actions as access
from biobank.access import first_passwords, staff_pages
from biobank.access.models import Site, SiteKind, Staff
from biobank.access.schemas import NewStaffSchema
from biobank.actor import Role
from biobank.errors import Refused
from biobank.stations import actions
from biobank.stations.administration_schemas import ZONES, SiteFormSchema
from biobank.stations.schemas import StationSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]


def _sites() -> Sequence[Site]:
    return current_tx().session.scalars(sa.select(Site).order_by(Site.code)).all()


def _staff() -> Sequence[Staff]:
    return current_tx().session.scalars(sa.select(Staff).order_by(Staff.username)).all()


def to_administration() -> Response:
    return redirect(url_for("stations.administration"), 303)


def administration() -> str:
    """Every site, station and member of staff."""
    now = clock.now()
    stations = [
        {
            "it": station,
            "alive": actions.is_alive(station, now),
            "skewed": actions.is_skewed(station),
            "connected": actions.connected_devices(station, now),
        }
        for station in actions.stations_of(current_tx())
    ]
    return render_template("stations/administration.html", stations=stations, sites=_sites(), staff=_staff(),
                           due=actions.calibrations_due(current_tx()))  # fmt: skip


def _form(name: str, values: Any, errors: Any, refusal: str | None = None) -> str:
    sites = [(str(site.id), f"{site.code} · {site.name}") for site in _sites()]
    return render_template(f"stations/{name}_form.html", values=values, errors=errors, refusal=refusal, sites=sites,
                           kinds=list(SiteKind), zones=[(zone, zone) for zone in ZONES], roles=list(Role))  # fmt: skip


def _again(name: str, errors: Any, refusal: Refused | None = None) -> tuple[str, int]:
    """The same form with what was typed and what is wrong."""
    said = problems.say(refusal) if refusal else None
    return _form(name, request.form, errors, said), refusal.status if refusal else 422


def site_form() -> str:
    return _form("site", {}, {})


def add_site() -> Answer:
    values, errors = read_form(SiteFormSchema())
    if errors:
        return _again("site", errors)
    try:
        access.add_site(current_tx(), **values)
    except Refused as refusal:
        return _again("site", {}, refusal)
    return to_administration()


def station_form() -> str:
    return _form("station", {}, {})


def add_station() -> Answer:
    values, errors = read_form(StationSchema())
    if errors:
        return _again("station", errors)
    try:
        station = actions.add_station(current_tx(), **values)
    except Refused as refusal:
        return _again("station", {}, refusal)
    return redirect(url_for("stations.show", station_id=station.id), 303)


def staff_form() -> str:
    return _form("staff", {}, {})


def add_staff() -> Answer:
    """Add somebody, and show their first password, this once."""
    values, errors = read_form(NewStaffSchema())
    if errors:
        return _again("staff", errors)
    try:
        first = first_passwords.add_staff(current_tx(), **values)
    except Refused as refusal:
        return _again("staff", {}, refusal)
    return staff_pages.show_first_password(first)


def set_staff_active(staff_id: UUID) -> Response:
    access.set_active(current_tx(), staff_id, active=request.form.get("active") == "yes")
    return to_administration()


def sign_everyone_out() -> Response:
    """End every session, also the one that asks."""
    for member in _staff():
        access.revoke_sessions(current_tx(), member.id)
    flash(gettext("Everyone is signed out."))
    return redirect(url_for("access.sign_in_form"), 303)
