"""Security headers with a nonce policy, and the cross-site guard, on every route."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from biobank.errors import Forbidden, Invalid

REPORTS = "/policy-reports"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def nonce() -> str:
    """This response's nonce for the few inline scripts and styles there are."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce  # type: ignore[no-any-return]


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            f"style-src 'self' 'nonce-{nonce()}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "media-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
            # Every browser sends these at once; where `report-to` stands beside it, Chromium waits and may send none.
            f"report-uri {REPORTS}",
        )
    )


def refuse_cross_site() -> None:
    """Refuse a change that another site may have started (Go 1.25 CrossOriginProtection, refusing when in doubt).

    A request that carries its own credential (a bearer token, a station's signature) has no cookie to abuse.
    """
    if request.method in _SAFE or "Authorization" in request.headers or "Station-Signature" in request.headers:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in {"same-origin", "none"}:
            return
    elif "Origin" in request.headers:
        if urlsplit(request.headers["Origin"]).netloc == request.host:
            return
    elif request.path.startswith("/api/") and "Cookie" not in request.headers:
        # A program that signs in: neither a browser nor a cookie that one could have added.
        return
    raise Forbidden("This was sent from another site and was refused. Open the page here and try again.",
                    code="cross-site")  # fmt: skip


def refuse_nul() -> None:
    """Refuse a NUL character in an address or a form: no database text may hold one, and nobody types one."""
    given = [value for lists in (request.args, request.form) for _, values in lists.lists() for value in values]
    if any("\x00" in value for value in (*given, *map(str, (request.view_args or {}).values()))):
        raise Invalid("A text holds a character that cannot be stored (NUL). Type it anew.", code="nul")


def add_headers(response: Response) -> Response:
    """Add what a browser needs to be strict. Static files may be cached; nothing else is."""
    headers = response.headers
    headers["Content-Security-Policy"] = _policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), usb=(), serial=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    app.before_request(refuse_cross_site)
    app.before_request(refuse_nul)
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = nonce
