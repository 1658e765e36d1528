"""The administrator's pages of staff: who works here, with which roles, and what to do when a factor is lost."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import approvals, factors, first_passwords, guard, resting, security_log, sessions, staff
from biobank.access.first_passwords import First
from biobank.access.models import Staff
from biobank.access.oidc import identities
from biobank.access.policy import policy_of
from biobank.access.roles import WORDS
from biobank.access.watch_schemas import IdentitySchema, RolesForm
from biobank.actor import Role
from biobank.errors import Refused
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx


def index() -> str:
    """Everybody who works here."""
    people = current_tx().session.scalars(sa.select(Staff).order_by(Staff.username)).all()
    return render_template("access/staff.html", people=people, words=WORDS)


def member(staff_id: UUID, **shown: Any) -> str:
    """One person: roles, leave to sign in, factors, sessions."""
    tx = current_tx()
    found = staff.find_staff(tx, staff_id)
    return render_template(
        "access/member.html", member=found, held=factors.held_by(tx, staff_id), words=WORDS, roles=list(Role),
        identities=identities.identities_of(tx, staff_id), service=guard.settings().oidc_issuer,
        sessions=sessions.live_sessions(tx, staff_id),
        stopped=None if found.active else security_log.why_stopped(tx, staff_id),
        waiting=approvals.open_about(tx, staff.KIND, staff_id), **shown,
    )  # fmt: skip


def _again(staff_id: UUID, refusal: Refused) -> tuple[str, int]:
    current_tx().close()
    return member(staff_id, refusal=problems.say(refusal)), refusal.status


def _back(staff_id: UUID, message: str) -> AnyResponse:
    flash(message, "success")
    return redirect(url_for("access.member", staff_id=staff_id), 303)


def set_roles(staff_id: UUID) -> Any:
    values, errors = read_form(RolesForm())
    if errors:
        return member(staff_id, refusal=gettext("Give at least one role.")), 422
    try:
        waits = staff.change_roles(current_tx(), policy_of(guard.settings()), staff_id, **values)
    except Refused as refusal:
        return _again(staff_id, refusal)
    if waits is not None:
        return _back(staff_id, gettext("Another administrator must approve this. Until then nothing changes."))
    return _back(staff_id, gettext("The roles are changed, and the person is signed out everywhere."))


def set_active(staff_id: UUID) -> Any:
    active = request.form.get("active") == "yes"
    try:
        staff.set_active(current_tx(), staff_id, active=active)
    except Refused as refusal:
        return _again(staff_id, refusal)
    return _back(staff_id, gettext("May sign in again.") if active else gettext("Stopped, and signed out everywhere."))


def reset_factors(staff_id: UUID) -> Any:
    try:
        staff.reset_factors(current_tx(), staff_id)
    except Refused as refusal:
        return _again(staff_id, refusal)
    return _back(staff_id, gettext("The second factors are gone. New ones are set up at the next sign-in."))


def give_first_password(staff_id: UUID) -> Any:
    """A first password for somebody who forgot theirs, shown this once."""
    try:
        first = first_passwords.give(current_tx(), staff_id)
    except Refused as refusal:
        return _again(staff_id, refusal)
    return show_first_password(first)


def show_first_password(first: First) -> str:
    return render_template("access/first_password.html", first=first)


def bind_identity(staff_id: UUID) -> Any:
    values, errors = read_form(IdentitySchema())
    if errors:
        return member(staff_id, errors=errors), 422
    try:
        identities.bind(current_tx(), staff_id, issuer=guard.settings().oidc_issuer, subject=values["subject"])
    except Refused as refusal:
        return _again(staff_id, refusal)
    return _back(staff_id, gettext("Bound. The person can sign in through the sign-in service now."))


def unbind_identity(staff_id: UUID, identity_id: UUID) -> Any:
    identities.unbind(current_tx(), staff_id, identity_id)
    return _back(staff_id, gettext("Unbound, and signed out everywhere."))


def make_temporary(staff_id: UUID) -> Any:
    try:
        resting.make_temporary(current_tx(), staff_id, guard.settings().temporary_hours)
    except Refused as refusal:
        return _again(staff_id, refusal)
    return _back(staff_id, gettext("The account ends by itself at the time shown."))
