"""The session's cookie, and the one that holds the locked sessions of others at the same workstation."""

from collections.abc import Sequence

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from biobank.config import Settings

MOST_PARKED = 4


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS (RFC 6265bis); a demonstration has no TLS."""
    return named("sid", settings)


def named(name: str, settings: Settings) -> str:
    return f"__Host-{name}" if settings.cookie_secure else name


def _set(response: AnyResponse, settings: Settings, name: str, value: str) -> None:
    if value:
        response.set_cookie(name, value, secure=settings.cookie_secure, httponly=True, samesite="Strict", path="/")
    else:
        response.delete_cookie(name, secure=settings.cookie_secure, httponly=True, samesite="Strict", path="/")


def set_current(response: AnyResponse, settings: Settings, token: str) -> None:
    """Make this the browser's session; an empty token makes it nobody's."""
    _set(response, settings, cookie_name(settings), token)


def current(settings: Settings) -> str:
    return request.cookies.get(cookie_name(settings), "")


def parked(settings: Settings) -> Sequence[str]:
    """The tokens of the sessions that wait, locked, at this browser."""
    return [token for token in request.cookies.get(named("parked", settings), "").split(".") if token][:MOST_PARKED]


def set_parked(response: AnyResponse | Response, settings: Settings, tokens: Sequence[str]) -> None:
    _set(response, settings, named("parked", settings), ".".join(tokens[:MOST_PARKED]))


def set_named(response: AnyResponse, settings: Settings, name: str, value: str) -> None:
    """Keep something for this browser alone; an empty value takes it away."""
    _set(response, settings, named(name, settings), value)
