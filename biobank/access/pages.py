"""Sign in, sign out, language, each role's home, and the auditor's list of who saw whom."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import actions, approval_pages, guard
from biobank.access.models import Look
from biobank.access.schemas import SignInSchema
from biobank.actor import Role
from biobank.errors import NotSignedIn, Refused, TooMany
from biobank.web import languages, problems
from biobank.web.api import keyset_page
from biobank.web.forms import read_form
from biobank.web.transaction import actor, current_tx, databases

blueprint = Blueprint("access", __name__)
for method, address, name, view in (
    ("GET", "/approvals", "approvals", approval_pages.index),
    ("GET", "/approvals/<uuid:approval_id>", "approval", approval_pages.show),
    ("POST", "/approvals/<uuid:approval_id>", "decide_approval", approval_pages.decide),
):
    blueprint.add_url_rule(address, name, view, methods=[method])
# Each role has one home; the first that fits is shown.
HOMES = {
    Role.CLINIC: "visits.today",
    Role.BIOBANK: "specimens.bench",
    Role.FINANCE: "payments.home",
    Role.ADMINISTRATOR: "stations.administration",
    Role.AUDITOR: "access.looks",
}


def _safe_target(target: str) -> str:
    """Only a path of this site: `//host` and `\\\\host` would leave it."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


@blueprint.get("/sign-in")
def sign_in_form() -> str:
    return render_template("access/sign_in.html", errors={}, values={}, why=request.args.get("why"))


@blueprint.post("/sign-in")
def sign_in() -> Any:
    values, errors = read_form(SignInSchema())
    if not errors:
        try:
            token = actions.sign_in(databases(), guard.settings(), address=request.remote_addr or "", **values)
        except (NotSignedIn, TooMany) as refusal:
            return _refused(refusal)
        response = redirect(_safe_target(request.args.get("next", "/")), 303)
        settings = guard.settings()
        response.set_cookie(guard.cookie_name(settings), token, secure=settings.cookie_secure, httponly=True,
                            samesite="Strict", path="/")  # fmt: skip
        return response
    return render_template("access/sign_in.html", errors=errors, values=request.form, why=None), 422


def _refused(refusal: Refused) -> Any:
    page = render_template("access/sign_in.html", errors={}, values=request.form, refusal=problems.say(refusal))
    return page, refusal.status


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    settings = guard.settings()
    actions.sign_out(current_tx(), guard.presented_token(settings) or "")
    response = redirect(url_for("access.sign_in_form"), 303)
    response.delete_cookie(guard.cookie_name(settings), secure=settings.cookie_secure, httponly=True,
                           samesite="Strict", path="/")  # fmt: skip
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.post("/language")
def choose_language() -> AnyResponse:
    response = redirect(_safe_target(request.form.get("next", "/")), 303)
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
    return render_template("access/looks.html", rows=rows, more=more)
