"""Sign in, sign out, language, each role's home, and the auditor's list of who saw whom."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import (
    account_pages,
    approval_pages,
    entry_pages,
    export_pages,
    guard,
    network_pages,
    policy_reports,
    staff_pages,
    watch,
    watch_pages,
)
from biobank.access.models import Look
from biobank.access.oidc import flow
from biobank.access.oidc import pages as oidc_pages
from biobank.actor import Role
from biobank.web import languages
from biobank.web.api import keyset_page
from biobank.web.guard import REPORTS
from biobank.web.transaction import actor, current_tx

blueprint = Blueprint("access", __name__)


@blueprint.record_once
def _show_the_way(state: BlueprintSetupState) -> None:
    state.app.extensions["biobank.to_sign_in"] = entry_pages.to_step


_SECOND, _CONFIRM, _MEMBER = "/second-factor", "/confirm", "/staff/<uuid:staff_id>"
_ROUTES: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
    ("GET", "/sign-in", "sign_in_form", entry_pages.sign_in_form),
    ("POST", "/sign-in", "sign_in", entry_pages.sign_in),
    ("POST", "/sign-in/passkey", "sign_in_by_passkey", entry_pages.sign_in_by_passkey),
    ("POST", "/sign-in/resume", "resume", entry_pages.resume),
    ("POST", "/sign-out", "sign_out", entry_pages.sign_out),
    ("GET", "/sign-in/service", "go_to_service", oidc_pages.go_to_service),
    ("GET", flow.RETURN, "service_return", oidc_pages.service_return),
    ("POST", "/sign-in/service/finish", "finish_service", oidc_pages.finish_service),
    ("GET", _SECOND, "second_factor_form", entry_pages.second_factor_form),
    ("POST", _SECOND, "second_factor", entry_pages.second_factor),
    ("GET", "/sign-in/password", "choose_password_form", account_pages.choose_password_form),
    ("POST", "/sign-in/password", "choose_password", account_pages.choose_password),
    ("POST", REPORTS, "report_policy", policy_reports.report_policy),
    ("POST", "/lock", "lock", entry_pages.lock),
    ("GET", "/locked", "locked", entry_pages.locked),
    ("POST", "/unlock", "unlock", entry_pages.unlock),
    ("POST", "/alive", "alive", entry_pages.alive),
    ("GET", _CONFIRM, "confirm_form", entry_pages.confirm_form),
    ("POST", _CONFIRM, "confirm", entry_pages.confirm),
    ("GET", "/account", "account", account_pages.account),
    ("GET", "/account/totp", "totp_form", account_pages.totp_form),
    ("POST", "/account/totp", "add_totp", account_pages.add_totp),
    ("POST", "/account/totp/remove", "remove_totp", account_pages.remove_totp),
    ("POST", "/account/passkeys", "add_passkey", account_pages.add_passkey),
    ("POST", "/account/passkeys/<uuid:passkey_id>/remove", "remove_passkey", account_pages.remove_passkey),
    ("POST", "/account/recovery-codes", "make_recovery_codes", account_pages.make_recovery_codes),
    ("POST", "/account/finish", "finish_enrolment", account_pages.finish_enrolment),
    ("POST", "/account/password", "change_password", account_pages.change_password),
    ("POST", "/account/sessions/<uuid:session_id>/end", "end_session", account_pages.end_session),
    ("POST", "/account/sessions/end-others", "end_other_sessions", account_pages.end_other_sessions),
    ("GET", "/participants/<uuid:participant_id>/open", "open_form", watch_pages.open_form),
    ("POST", "/participants/<uuid:participant_id>/open", "open_record", watch_pages.open_record),
    ("GET", "/looks/touched", "touched", watch_pages.touched),
    ("GET", "/looks/alerts", "alerts", watch_pages.alerts),
    ("POST", "/looks/alerts/<uuid:alert_id>", "answer_alert", watch_pages.answer_alert),
    ("GET", "/staff", "staff", staff_pages.index),
    ("GET", _MEMBER, "member", staff_pages.member),
    ("POST", f"{_MEMBER}/roles", "set_roles", staff_pages.set_roles),
    ("POST", f"{_MEMBER}/active", "set_active", staff_pages.set_active),
    ("POST", f"{_MEMBER}/reset-factors", "reset_factors", staff_pages.reset_factors),
    ("POST", f"{_MEMBER}/first-password", "give_first_password", staff_pages.give_first_password),
    ("POST", f"{_MEMBER}/temporary", "make_temporary", staff_pages.make_temporary),
    ("POST", f"{_MEMBER}/identities", "bind_identity", staff_pages.bind_identity),
    ("POST", f"{_MEMBER}/identities/<uuid:identity_id>/remove", "unbind_identity", staff_pages.unbind_identity),
    ("GET", "/networks", "networks", network_pages.index),
    ("POST", "/networks/exceptions", "add_network_exception", network_pages.add_exception),
    (
        "POST",
        "/networks/exceptions/<uuid:exception_id>/close",
        "close_network_exception",
        network_pages.close_exception,
    ),
    ("POST", "/networks/sites/<uuid:site_id>", "set_site_networks", network_pages.set_site),
    ("GET", "/looks/exports", "exports", export_pages.index),
    ("GET", "/looks/events", "security_events", watch_pages.security_events),
    ("GET", "/approvals", "approvals", approval_pages.index),
    ("GET", "/approvals/<uuid:approval_id>", "approval", approval_pages.show),
    ("POST", "/approvals/<uuid:approval_id>", "decide_approval", approval_pages.decide),
)
for method, address, name, view in _ROUTES:
    blueprint.add_url_rule(address, name, view, methods=[method])
# Each role has one home; the first that fits is shown.
HOMES = {
    Role.CLINIC: "visits.today",
    Role.BIOBANK: "specimens.bench",
    Role.FINANCE: "payments.home",
    Role.ADMINISTRATOR: "stations.administration",
    Role.AUDITOR: "access.looks",
}


@blueprint.post("/language")
def choose_language() -> AnyResponse:
    response = redirect(entry_pages.safe_target(request.form.get("next", "/")), 303)
    wanted = request.form.get("language", "")
    if wanted in guard.settings().locales:
        response.set_cookie(languages.COOKIE, wanted, max_age=365 * 86400, samesite="Strict", httponly=True,
                            secure=guard.settings().cookie_secure)  # fmt: skip
    return response


@blueprint.get("/")
def home() -> AnyResponse:
    for role, endpoint in HOMES.items():
        if actor().has(role) and endpoint in current_app.view_functions:
            return redirect(url_for(endpoint), 303)
    return make_response(render_template("refusal.html", status=200, code="no-home", message="–"))


@blueprint.get("/api")
def api_guide() -> str:
    """A page one can browse beside the OpenAPI document."""
    api = current_app.extensions["biobank.api"]
    return render_template("access/api_guide.html", document=api.spec.to_dict())


@blueprint.get("/looks")
def looks() -> str | Response:
    """Who saw whom, newest first."""
    after = request.args.get("after", type=UUID)
    rows, more = keyset_page(current_tx().session, sa.select(Look), key=Look.id, after=after, limit=100)
    open_alerts = sum(alert.answer is None for alert in watch.alerts(current_tx()))
    return render_template("access/looks.html", rows=rows, more=more, open_alerts=open_alerts)
