"""The way to the sign-in service and back, as a browser walks it."""

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from biobank.access import cookies, entry_pages, guard, request_door, sessions
from biobank.access.oidc import flow
from biobank.access.oidc.flow import Aim, Sent
from biobank.access.sessions import SignedIn
from biobank.errors import NotSignedIn, Refused
from biobank.web import problems
from biobank.web.transaction import databases

_COOKIE = "oidc"


def _seal(sent: Sent) -> str:
    nonce = secrets.token_bytes(12)
    body = json.dumps(flow.as_kept(sent)).encode()
    return base64.urlsafe_b64encode(nonce + AESGCM(databases().keys(flow.KEY)).encrypt(nonce, body, None)).decode()


def _brought() -> Sent:
    """What this browser was sent away with. Raises `NotSignedIn` if it was not, or too long ago."""
    try:
        whole = base64.urlsafe_b64decode(request.cookies.get(cookies.named(_COOKIE, guard.settings()), ""))
        kept = json.loads(AESGCM(databases().keys(flow.KEY)).decrypt(whole[:12], whole[12:], None))
    except (InvalidTag, ValueError):
        raise NotSignedIn("That took too long, or began in another browser. Sign in again.", code="stale") from None
    sent = Sent(**kept)
    if flow.came_late(sent):
        raise NotSignedIn("That took too long, or began in another browser. Sign in again.", code="stale")
    return sent


def _session_here() -> SignedIn | None:
    token = cookies.current(guard.settings())
    try:
        with databases().transaction(read_only=True) as tx:
            return sessions.find_session(tx, guard.settings(), token)
    except NotSignedIn:
        return None


def go_to_service() -> AnyResponse:
    """Send the browser to the sign-in service."""
    aim = Aim.CONFIRM if request.args.get("aim") == Aim.CONFIRM else Aim.ENTER
    found = _session_here() if aim is Aim.CONFIRM else None
    target = entry_pages.safe_target(request.args.get("next", "") or "/")
    address, sent = flow.start(request_door.here(), aim=aim, target=target, found=found)
    response = redirect(address, 303)
    cookies.set_named(response, guard.settings(), _COOKIE, _seal(sent))
    return response


def service_return() -> str:
    """Where the service sends the browser back to. The strict cookies come with the form that goes on from here."""
    given = {name: request.args.get(name, "") for name in ("code", "state", "iss", "error")}
    return render_template("access/service_return.html", given={key: value for key, value in given.items() if value})


def finish_service() -> Any:
    """Check what came back and go on."""
    try:
        sent = _brought()
        found = _session_here() if sent.aim == Aim.CONFIRM else None
        entered = flow.come_back(request_door.here(), sent, request.form, found)
    except Refused as refusal:
        page = entry_pages.sign_in_form(refusal=problems.say(refusal))
        return _without_cookie(page), refusal.status
    target = entry_pages.safe_target(sent.next)
    response = redirect(target, 303) if entered is None else entry_pages.go_on_with(entered, target)
    return _without_cookie(response)


def _without_cookie(answer: Any) -> Any:
    response = make_response(answer)
    cookies.set_named(response, guard.settings(), _COOKIE, "")
    return response
