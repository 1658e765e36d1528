"""The pages at the door: sign in, second factor, lock, unlock, switch user, confirm."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import cookies, entrance, factors, guard, kept, passkeys, request_door, sessions
from biobank.access.entrance import Entered
from biobank.access.policy import UNPHISHABLE, Method, Stage, accepted, policy_of
from biobank.access.schemas import ProofSchema, SignInSchema
from biobank.access.sessions import SignedIn
from biobank.errors import NotSignedIn, Refused
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import databases

# Where to go for the step that is missing.
_STEPS = {
    "locked": "access.locked",
    "factor-needed": "access.second_factor_form",
    "enrol-needed": "access.account",
    "password-needed": "access.choose_password_form",
    "confirm": "access.confirm_form",
    "open": "access.home",
}
_QUICK = frozenset({Method.PASSWORD, Method.TOTP, Method.PASSKEY})


def safe_target(target: str) -> str:
    """Only a path of this site: `//host` and `\\\\host` would leave it."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def next_target() -> str:
    """Where somebody wanted to go before they were asked who they are."""
    return safe_target(request.values.get("next", "") or "/")


def _return_path() -> str:
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.full_path.rstrip("?")
    asked = urlsplit(request.headers.get("HX-Current-URL", ""))
    return (asked.path + (f"?{asked.query}" if asked.query else "")) or "/"


def to_step(message: str, code: str) -> Any:
    """The way to the step that is missing; what was typed goes along, sealed."""
    endpoint = _STEPS.get(code)
    if "HX-Request" in request.headers:
        target = _target(endpoint or "access.sign_in_form")
        response: AnyResponse = Response(status=204)
        # A locked page locks in its place, so that what was typed in it stays.
        header = ("HX-Trigger", "session-locked") if code == "locked" else ("HX-Redirect", target)
        response.headers[header[0]] = header[1]
        return response
    form = guard.keep_form() if code in ("locked", "confirm") else ""
    if form:
        return make_response(_asked(_PAGES[code], guard.signed_in(), typed=form, why=message), 401)
    if endpoint is None:
        return redirect(url_for("access.sign_in_form", next=_return_path(), why=message), 303)
    return redirect(_target(endpoint), 303)


def _target(endpoint: str) -> str:
    """The step's page; where only a passkey will do, it says so."""
    only_passkey = (
        endpoint == "access.confirm_form"
        and guard.fresh_methods(guard.settings(), request.endpoint or "") == UNPHISHABLE
    )
    return url_for(endpoint, next=_return_path(), by="passkey" if only_passkey else None)


def _ask(staff_id: UUID | None = None) -> passkeys.Asked | None:
    """What a page asks of a passkey; None where there are none."""
    place = request_door.here().place
    if not place.has_passkeys:
        return None
    with databases().transaction(read_only=True) as tx:
        if staff_id is not None and Method.PASSKEY not in factors.held_by(tx, staff_id).methods:
            return None
        return passkeys.ask_to_prove(tx, place, staff_id)


def _parked() -> Sequence[SignedIn]:
    """The people whose sessions wait, locked, at this browser."""
    found = []
    with databases().transaction(read_only=True) as tx:
        for token in cookies.parked(guard.settings()):
            try:
                found.append(sessions.find_session(tx, guard.settings(), token))
            except NotSignedIn:
                continue
    return found


def service_name() -> str:
    """The host of the sign-in service; empty where there is none."""
    return urlsplit(guard.settings().oidc_issuer).hostname or ""


def sign_in_form(**words: Any) -> str:
    shown = {"errors": {}, "values": {}, "why": request.args.get("why")} | words
    return render_template("access/sign_in.html", asked=_ask(), parked=_parked(), next=next_target(),
                           service=service_name(), **shown)  # fmt: skip


def go_on_with(entered: Entered, target: str = "") -> AnyResponse:
    """Take a new session to where it goes on; the one that was here waits, locked."""
    ways = {Stage.FACTOR: "access.second_factor_form", Stage.PASSWORD: "access.choose_password_form",
            Stage.ENROL: "access.account"}  # fmt: skip
    way = ways.get(entered.stage)
    target = target or next_target()
    response = redirect(url_for(way, next=target) if way else target, 303)
    _hand_over(response, entered.token)
    return response


def _hand_over(response: AnyResponse, token: str) -> None:
    settings = guard.settings()
    waiting = [item for item in cookies.parked(settings) if item != token]
    before = cookies.current(settings)
    if before and before != token and _set_aside(before):
        waiting = [before, *(item for item in waiting if item != before)]
    cookies.set_parked(response, settings, waiting)
    cookies.set_current(response, settings, token)


def _set_aside(token: str) -> bool:
    """Lock the session that was here; one that was not open yet just ends. Whether it waits."""
    with databases().transaction() as tx:
        try:
            found = sessions.find_session(tx, guard.settings(), token)
        except NotSignedIn:
            return False
        if found.stage not in (Stage.OPEN, Stage.LOCKED):
            sessions.sign_out(tx, token)
            return False
        sessions.lock_session(tx, found.session_id)
    return True


def sign_in() -> Any:
    values, errors = read_form(SignInSchema())
    if errors:
        return sign_in_form(errors=errors, values=request.form, why=None), 422
    try:
        entered = entrance.enter(request_door.here(), **values)
    except Refused as refusal:
        return sign_in_form(values=request.form, refusal=problems.say(refusal)), refusal.status
    return go_on_with(entered)


def sign_in_by_passkey() -> Any:
    values, _ = read_form(ProofSchema())
    try:
        entered = entrance.enter_by_passkey(request_door.here(), credential=values.get("credential", ""),
                                            challenge=values.get("challenge", ""))  # fmt: skip
    except Refused as refusal:
        return sign_in_form(refusal=problems.say(refusal)), refusal.status
    return go_on_with(entered)


_PAGES = {"factor-needed": "second_factor", "locked": "locked", "confirm": "confirm"}


def _methods(page: str, found: SignedIn) -> frozenset[Method]:
    """What counts on each of these pages, for this person."""
    with databases().transaction(read_only=True) as tx:
        held = factors.held_by(tx, found.staff_id).methods
    if page == "second_factor":
        return accepted(policy_of(guard.settings()), found.actor.roles, held)
    allowed = _QUICK
    if page == "confirm" and request.values.get("by") == Method.PASSKEY:
        allowed = frozenset({Method.PASSKEY})
    return allowed & (held | {Method.PASSWORD})


def _asked(page: str, found: SignedIn, *, typed: str = "", **words: Any) -> str:
    methods = _methods(page, found)
    template = "access/_locked.html" if page == "locked" and problems.wants_fragment() else f"access/{page}.html"
    return render_template(
        template, person=found.actor.name, asked=_ask(found.staff_id), methods=methods, kept=typed, next=next_target(),
        service="" if typed else service_name(),
        parked=[item for item in _parked() if item.session_id != found.session_id] if page == "locked" else [],
        **words,
    )  # fmt: skip


def _renewed(page: str) -> Any:
    """Check the proof given on one of these pages; the answer is the same page again if it is wrong."""
    found, typed = guard.signed_in(), request.form.get("kept", "")
    values, _ = read_form(ProofSchema())
    try:
        entrance.renew(request_door.here(), found, values, _methods(page, found))
    except Refused as refusal:
        return _asked(page, found, typed=typed, refusal=problems.say(refusal)), refusal.status
    form = kept.unseal(databases().keys(kept.KEY), found.session_id, typed) if typed else None
    if form is not None:
        return render_template("access/go_on.html", form=form)
    return ("", 204) if problems.wants_fragment() else redirect(next_target(), 303)


def second_factor_form() -> str:
    return _asked("second_factor", guard.signed_in())


def second_factor() -> Any:
    found = guard.signed_in()
    values, _ = read_form(ProofSchema())
    try:
        entered = entrance.pass_second_step(request_door.here(), found, values, _methods("second_factor", found))
    except Refused as refusal:
        return _asked("second_factor", found, refusal=problems.say(refusal)), refusal.status
    return go_on_with(entered)


def lock() -> Any:
    """Lock now. The page one was at is kept; the answer is the page to unlock."""
    with databases().transaction(guard.signed_in().actor) as tx:
        sessions.lock_session(tx, guard.signed_in().session_id, next_target())
    return ("", 204) if problems.wants_fragment() else redirect(url_for("access.locked", next=next_target()), 303)


def locked() -> Any:
    found = guard.signed_in()
    return _asked("locked", found)


def unlock() -> Any:
    return _renewed("locked")


def alive() -> tuple[str, int]:
    """Somebody is typing: the session is in use."""
    return "", 204


def confirm_form() -> str:
    return _asked("confirm", guard.signed_in())


def confirm() -> Any:
    return _renewed("confirm")


def resume() -> AnyResponse:
    """Bring back somebody's session that waits at this workstation: it is theirs once they unlock it."""
    settings = guard.settings()
    wanted = request.form.get("session", "")
    with databases().transaction(read_only=True) as tx:
        for token in cookies.parked(settings):
            try:
                found = sessions.find_session(tx, settings, token)
            except NotSignedIn:
                continue
            if str(found.session_id) == wanted:
                response = redirect(url_for("access.locked", next=safe_target(found.place or "/")), 303)
                _hand_over(response, token)
                return response
    flash(gettext("That session has ended. Sign in again."), "info")
    return redirect(url_for("access.sign_in_form"), 303)


def sign_out() -> AnyResponse:
    settings = guard.settings()
    with databases().transaction() as tx:
        sessions.sign_out(tx, guard.presented_token(settings) or "")
    response = redirect(url_for("access.sign_in_form"), 303)
    cookies.set_current(response, settings, "")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
