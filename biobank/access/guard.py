"""Before every request: who asks, and may they? Unlisted routes are refused."""

from collections.abc import Callable
from uuid import UUID

from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from biobank import clock
from biobank.access import actions
from biobank.access.models import Purpose
from biobank.access.table import ROUTES, Anyone
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.errors import Forbidden, NotSignedIn
from biobank.web.transaction import current_tx, databases

VerifyStation = Callable[[], Actor]
_TOUCH_SECONDS = 30


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS (RFC 6265bis); a demonstration has no TLS."""
    return "__Host-sid" if settings.cookie_secure else "sid"


def presented_token(settings: Settings) -> str | None:
    """The session token of this request. A bearer token switches the cookie off."""
    header = request.headers.get("Authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        return token if kind.lower() == "bearer" else None
    return request.cookies.get(cookie_name(settings))


def _staff(settings: Settings) -> Actor:
    token = presented_token(settings)
    if not token:
        raise NotSignedIn("Sign in to go on.")
    with databases().transaction(read_only=True) as tx:
        found = actions.session_of(tx, settings, token)
    g.zone, g.site_code, g.site_name = found.zone, found.site_code, found.site_name
    actor = found.actor
    if (clock.now() - found.last_seen_at).total_seconds() > _TOUCH_SECONDS and "background" not in request.args:
        with databases().transaction(actor) as tx:
            actions.touch_session(tx, found.session_id)
    return actor


def _allowed(actor: Actor, needed: frozenset[Role] | Anyone) -> bool:
    if isinstance(needed, Anyone):
        return needed is not Anyone.STATION or actor.kind == "station"
    return actor.has(*needed)


def admit(settings: Settings, verify_station: VerifyStation) -> None:
    """Name the actor of this request, or refuse it."""
    if request.endpoint is None:
        return
    needed = ROUTES.get(request.endpoint)
    if needed is Anyone.PUBLIC:
        return
    if needed is None:
        raise Forbidden("Nobody may use this address.", code="unlisted")
    g.actor = verify_station() if needed is Anyone.STATION else _staff(settings)
    if not _allowed(g.actor, needed):
        raise Forbidden("Your role does not include this. Ask your administrator if it should.")


def note_look(subject_kind: str, subject_id: UUID, purpose: Purpose) -> None:
    """Record this look before anything is shown: a GET commits it on its own, a change commits it with itself."""
    values = {
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "purpose": purpose,
        "route": str(request.url_rule),
        "request_id": g.get("request_id"),
    }
    tx = current_tx()
    if not tx.read_only:
        actions.record_look(tx, **values)
        return
    with databases().transaction(tx.actor) as own:
        actions.record_look(own, **values)


def _to_sign_in(message: str) -> AnyResponse:
    target = url_for("access.sign_in_form", next=request.full_path if request.method == "GET" else "/", why=message)
    if request.headers.get("HX-Request"):
        response: AnyResponse = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def register(app: Flask, verify_station: VerifyStation) -> None:
    app.extensions["biobank.to_sign_in"] = _to_sign_in
    app.before_request(lambda: admit(settings(), verify_station))
    app.context_processor(lambda: {"actor": g.get("actor"), "site_name": g.get("site_name")})
    app.jinja_env.globals["may"] = may


def may(endpoint: str) -> bool:
    """Whether the person of this request may use an endpoint."""
    needed = ROUTES.get(endpoint)
    return needed is not None and "actor" in g and _allowed(g.actor, needed)


def settings() -> Settings:
    """The running application's settings."""
    return current_app.extensions["biobank.settings"]  # type: ignore[no-any-return]
