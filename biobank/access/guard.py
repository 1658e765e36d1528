"""Before every request: who asks, and may they? Unlisted routes are refused."""

from collections.abc import Callable, Collection, Mapping
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from biobank import clock
from biobank.access import actions, cookies, denials, kept, sessions, watch
from biobank.access.models import Purpose
from biobank.access.networks import note_refusal, open_exceptions, refused_because
from biobank.access.own_routes import ANYWHERE, FRESH, FROM_ANYWHERE, REVEALS, SIGNS, STAGES
from biobank.access.policy import UNPHISHABLE, Method, Stage, policy_of
from biobank.access.sessions import SignedIn
from biobank.access.table import ROUTES, Anyone
from biobank.actor import SYSTEM, Actor, Role
from biobank.config import Settings
from biobank.db import EVERY_SITE, Tx
from biobank.errors import Forbidden, NotFound, NotSignedIn, Refused
from biobank.web import logs
from biobank.web.client import Network, client_address, client_country, networks
from biobank.web.transaction import current_tx, databases

VerifyStation = Callable[[], Actor]
SitesOf = Callable[[Tx, UUID], frozenset[UUID]]
_TOUCH_SECONDS = 30
_OPEN = frozenset({Stage.OPEN})
_ANY = frozenset(Method)


def presented_token(settings: Settings) -> str | None:
    """The session token of this request. A bearer token switches the cookie off."""
    header = request.headers.get("Authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        return token if kind.lower() == "bearer" else None
    return cookies.current(settings) or None


def _is_background() -> bool:
    return "background" in request.args


def _place() -> str | None:
    """The page somebody is at, so that they find it again; parts of pages are none."""
    is_page = request.method == "GET" and "HX-Request" not in request.headers and not request.path.startswith("/api/")
    return request.full_path.rstrip("?") if is_page else None


def _staff(settings: Settings) -> Actor:
    token = presented_token(settings)
    if not token:
        raise NotSignedIn("Sign in to go on.")
    with databases().study.asking() as connection:
        found = sessions.asked_for(connection, settings, token)
    _require_site_network(settings, found)
    g.signed_in, g.zone, g.site_code, g.site_name = found, found.zone, found.site_code, found.site_name
    sessions.require_stage(found, STAGES.get(request.endpoint or "", _OPEN))
    _touch(found)
    return found.actor


def _touch(found: SignedIn) -> None:
    rested = (clock.now() - found.last_seen_at).total_seconds()
    if rested > _TOUCH_SECONDS and found.stage is Stage.OPEN and not _is_background():
        with databases().transaction(found.actor) as tx:
            sessions.touch_session(tx, found.session_id, _place())
            watch.watch(tx)


def _allowed(actor: Actor, needed: frozenset[Role] | Anyone) -> bool:
    if isinstance(needed, Anyone):
        return needed is not Anyone.STATION or actor.kind == "station"
    return actor.has(*needed)


def fresh_methods(settings: Settings, endpoint: str) -> frozenset[Method]:
    """By what one may confirm before this endpoint: where names are revealed the policy may demand a passkey."""
    by_passkey = endpoint in REVEALS and policy_of(settings).reveal_by_passkey
    return UNPHISHABLE if by_passkey else _ANY


def _require_fresh(settings: Settings, endpoint: str) -> None:
    found: SignedIn | None = g.get("signed_in")
    signs = endpoint in SIGNS and policy_of(settings).signs_afresh
    if found is None or not (signs or endpoint in FRESH or endpoint in REVEALS):
        return
    if not found.is_fresh(settings, fresh_methods(settings, endpoint)):
        raise NotSignedIn("Show once more who you are before you go on.", code="confirm")


def _require_known_network(settings: Settings) -> None:
    among, countries = networks(settings.allowed_networks), settings.countries
    if among or countries:
        _require_network(settings, among, countries)


def _require_site_network(settings: Settings, found: SignedIn) -> None:
    if found.site_networks:
        _require_network(settings, networks(found.site_networks), ())


def _require_network(settings: Settings, among: Collection[Network], countries: Collection[str]) -> None:
    """Refuse, not warn: a request from elsewhere reaches nothing, unless an exception holds."""
    address, country = client_address(settings), client_country(settings)
    if not refused_because(address, country, among=among, countries=countries, exceptions=()):
        return
    with databases().transaction(SYSTEM) as tx:
        exceptions = [ip_network(item.network) for item in open_exceptions(tx)]
        why = refused_because(address, country, among=among, countries=countries, exceptions=exceptions)
        if why:
            note_refusal(tx, address, f"{why} {country}".strip())
    if why:
        raise Forbidden(
            "This service cannot be used from this network or country. If you must, ask an administrator for an "
            "exception and name this address: %(address)s", code="network", address=address,
        )  # fmt: skip


def admit(settings: Settings, verify_station: VerifyStation) -> None:
    """Name the actor of this request, or refuse it."""
    if request.endpoint is None:
        return
    if request.endpoint not in FROM_ANYWHERE:
        _require_known_network(settings)
    needed = ROUTES.get(request.endpoint)
    if needed is Anyone.PUBLIC:
        return
    if needed is None:
        raise Forbidden("Nobody may use this address.", code="unlisted")
    g.actor = verify_station() if needed is Anyone.STATION else _staff(settings)
    try:
        _require_role(g.actor, needed)
        _require_business(g.actor, request.endpoint)
    except (Forbidden, NotFound) as refusal:
        denials.note(databases(), g.actor, request.endpoint, refusal.code, g.get("request_id"))
        raise
    _require_fresh(settings, request.endpoint)


def readmit() -> None:
    """Ask again who is there, after a request has waited: a session may have ended or been locked meanwhile."""
    g.actor = _staff(settings())
    _require_role(g.actor, ROUTES[request.endpoint or ""])


def _require_role(actor: Actor, needed: frozenset[Role] | Anyone) -> None:
    if not _allowed(actor, needed):
        raise Forbidden("Your role does not include this. Ask your administrator if it should.")


def _require_business(actor: Actor, endpoint: str) -> None:
    """A participant's record is open to the clinics they have to do with, and to whoever opened it with a reason.

    The refusal is the same for a participant of elsewhere and for one who does not exist.
    """
    participant_id = (request.view_args or {}).get("participant_id")
    if participant_id is None or not actor.has(Role.CLINIC) or endpoint in ANYWHERE:
        return
    sites_of: SitesOf = current_app.extensions["biobank.sites_of"]
    # A transaction of its own: the view's must begin after its look was recorded, and see it.
    with databases().transaction(actor, read_only=True) as tx:
        is_ours = actor.site_id in sites_of(tx, participant_id) or watch.is_opened(tx, participant_id)
    # Whose business a person is sees the whole of them, the visits at other sites too.
    g.sites_seen = EVERY_SITE
    if not is_ours:
        raise NotFound("There is no such participant at your site.", code="elsewhere")


def signed_in() -> SignedIn:
    """The session of this request. Raises `NotSignedIn` where there is none."""
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        raise NotSignedIn("Sign in to go on.")
    return found


def note_look(subject_kind: str, subject_id: UUID, purpose: Purpose) -> None:
    """Record this look before anything is shown: a GET commits it on its own, a change commits it with itself."""
    values = {
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "purpose": purpose,
        "route": str(request.url_rule),
        "request_id": g.get("request_id"),
    }
    try:
        _record(values)
    except SQLAlchemyError as problem:
        logs.failure(problem, "look")
        raise NotRecorded from problem


class NotRecorded(Refused):
    """A look could not be written down: then there is none."""

    status = 503
    code = "not-recorded"

    def __init__(self) -> None:
        super().__init__("This look could not be recorded, so nothing is shown. Wait a minute and try again.")


def _record(values: Mapping[str, Any]) -> None:
    tx = current_tx()
    if not tx.read_only:
        actions.record_look(tx, **values)
        return
    with databases().transaction(tx.actor) as own:
        actions.record_look(own, **values)
        if values["subject_kind"] in watch.PEOPLE:
            watch.watch(own)


def keep_form() -> str:
    """What was sent with this request, sealed for this session; empty when nothing was."""
    found: SignedIn | None = g.get("signed_in")
    if request.method != "POST" or found is None or request.files:
        return ""
    form = kept.Kept(request.full_path.rstrip("?"), list(request.form.items(multi=True)))
    return kept.seal(databases().keys(kept.KEY), found.session_id, form)


def _person() -> dict[str, Any]:
    found: SignedIn | None = g.get("signed_in")
    is_open = found is None or found.stage is Stage.OPEN
    return {"actor": g.get("actor") if is_open else None, "site_name": g.get("site_name"),
            "idle_minutes": settings().session_idle_minutes}  # fmt: skip


def register(app: Flask, verify_station: VerifyStation, sites_of: SitesOf) -> None:
    app.extensions["biobank.sites_of"] = sites_of
    app.before_request(lambda: admit(settings(), verify_station))
    app.context_processor(_person)
    app.jinja_env.globals["may"] = may


def may(endpoint: str) -> bool:
    """Whether the person of this request may use an endpoint."""
    needed = ROUTES.get(endpoint)
    return needed is not None and "actor" in g and _allowed(g.actor, needed)


def settings() -> Settings:
    """The running application's settings."""
    return current_app.extensions["biobank.settings"]  # type: ignore[no-any-return]
