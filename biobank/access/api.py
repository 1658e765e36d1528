"""Signing in and out over JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, make_response

from biobank.access import (
    approval_api,
    entrance,
    export_api,
    factors_api,
    guard,
    request_door,
    sessions,
    staff_api,
    watch_api,
)
from biobank.access.factor_models import SignInEvent
from biobank.access.interface import blueprint
from biobank.access.models import StaffSession
from biobank.access.policy import Method, Stage
from biobank.access.schemas import MeSchema, SessionSchema, SignInApiSchema, SignInEventSchema, TokenSchema
from biobank.web.transaction import actor, current_tx

__all__ = ["approval_api", "blueprint", "export_api", "factors_api", "staff_api", "watch_api"]


@blueprint.route("/sessions", methods=["POST"])
@blueprint.arguments(SignInApiSchema)
@blueprint.response(201, TokenSchema)
def sign_in(given: dict[str, Any]) -> dict[str, str]:
    """Open a session and answer its token; with the authenticator app's code where the account has one."""
    door, code = request_door.here(), given.pop("code")
    entered = entrance.enter(door, **given)
    if entered.stage is Stage.FACTOR and code:
        with door.databases.transaction(read_only=True) as tx:
            found = sessions.find_session(tx, door.settings, entered.token)
        entered = entrance.pass_second_step(door, found, {"secret": code}, {Method.TOTP, Method.RECOVERY})
    return {"token": request_door.require_open(door, entered)}


@blueprint.route("/sessions/current", methods=["DELETE"])
@blueprint.response(204)
def sign_out() -> Response:
    """Sign out: this token is worth nothing from now on."""
    sessions.sign_out(current_tx(), guard.presented_token(guard.settings()) or "")
    return make_response("", 204)


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Who is signed in."""
    who = actor()
    return {"id": who.id, "name": who.name, "roles": sorted(who.roles), "site_id": who.site_id}


@blueprint.route("/me/sessions", methods=["GET"])
@blueprint.response(200, SessionSchema(many=True))
def list_sessions() -> Sequence[StaffSession]:
    """Your own live sessions."""
    return sessions.live_sessions(current_tx(), guard.signed_in().staff_id)


@blueprint.route("/me/sessions/<uuid:session_id>", methods=["DELETE"])
@blueprint.response(204)
def end_session(session_id: UUID) -> Response:
    """End one of your own sessions."""
    sessions.end_session(current_tx(), guard.signed_in().staff_id, session_id)
    return make_response("", 204)


@blueprint.route("/me/sign-ins", methods=["GET"])
@blueprint.response(200, SignInEventSchema(many=True))
def list_sign_ins() -> Sequence[SignInEvent]:
    """Your own latest attempts to sign in, unlock or confirm, the newest first."""
    return entrance.recent(current_tx(), guard.signed_in().staff_id)
