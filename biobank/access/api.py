"""Signing in and out over JSON."""

from typing import Any

from flask import Response, make_response, request

from biobank.access import actions, approval_api, guard
from biobank.access.interface import blueprint
from biobank.access.schemas import MeSchema, SignInSchema, TokenSchema
from biobank.web.transaction import actor, current_tx, databases

__all__ = ["approval_api", "blueprint"]


@blueprint.route("/sessions", methods=["POST"])
@blueprint.arguments(SignInSchema)
@blueprint.response(201, TokenSchema)
def sign_in(given: dict[str, Any]) -> dict[str, str]:
    """Open a session and answer its token."""
    token = actions.sign_in(databases(), guard.settings(), address=request.remote_addr or "", **given)
    return {"token": token}


@blueprint.route("/sessions/current", methods=["DELETE"])
@blueprint.response(204)
def sign_out() -> Response:
    """Sign out: this token is worth nothing from now on."""
    actions.sign_out(current_tx(), guard.presented_token(guard.settings()) or "")
    return make_response("", 204)


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Who is signed in."""
    who = actor()
    return {"id": who.id, "name": who.name, "roles": sorted(who.roles), "site_id": who.site_id}
