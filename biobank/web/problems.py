"""Refusals on their way out: RFC 9457 problems under /api, pages in a clerk's words everywhere else."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, json, render_template, request
from flask_babel import get_locale, gettext
from werkzeug.exceptions import HTTPException, InternalServerError

from biobank.errors import Invalid, NotSignedIn, Phrase, Quoted, Refused
from biobank.web import logs
from biobank.web.languages import said

PROBLEM = "application/problem+json"


def is_api() -> bool:
    return request.path.startswith("/api/")


def wants_fragment() -> bool:
    """Whether htmx asks, and so only a part of the page is to be sent."""
    return request.headers.get("HX-Request") == "true"


def say(refusal: Refused) -> str:
    """The refusal in the reader's language."""
    return str(gettext(refusal.template, **spoken(refusal.words)))


def spoken(words: Mapping[str, Any]) -> dict[str, Any]:
    """What fills a sentence: our own phrases in the reader's language, names and values as they are."""
    return {name: _spoken(word) for name, word in words.items()}


def _spoken(word: Any) -> Any:
    if isinstance(word, Quoted):
        return said(word, word.templates, word.templates)
    if isinstance(word, Phrase):
        return said(word)
    return word.to(str(get_locale())) if hasattr(word, "to") else word


def problem(status: int, title: str, code: str, **extra: Any) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": f"urn:biobank:problem:{code}", "title": title, "status": status} | extra
    return current_app.response_class(json.dumps(body), status=status, mimetype=PROBLEM)


def _page(status: int, message: str, code: str) -> tuple[str, int]:
    template = "_refusal.html" if wants_fragment() else "refusal.html"
    return render_template(template, message=message, status=status, code=code), status


def answer_refusal(refusal: Refused) -> Any:
    """Turn an action's refusal into an answer."""
    message = say(refusal)
    if is_api():
        response = problem(refusal.status, message, refusal.code, **refusal.details)
    elif isinstance(refusal, NotSignedIn):
        response = current_app.extensions["biobank.to_sign_in"](message, refusal.code)
    else:
        response = current_app.make_response(_page(refusal.status, message, refusal.code))
    if "retry_after" in refusal.details:
        response.headers["Retry-After"] = str(refusal.details["retry_after"])
    return response


def _words(error: HTTPException) -> str:
    known = {
        404: gettext("There is no such page. Check the address, or start again from your home page."),
        405: gettext("That cannot be done at this address."),
        413: gettext("That is too large to send."),
        500: gettext("Something went wrong here. Nothing was saved. Try again; if it happens again, call support."),
    }
    return str(known.get(error.code or 500) or error.description or error.name)


def answer_http(error: HTTPException) -> Any:
    """Turn a routing, parsing or server error into an answer. A redirect passes as it is."""
    status = error.code or 500
    if status < 400:
        return error
    if not is_api():
        return current_app.make_response(_page(status, _words(error), "http"))
    data = getattr(error, "data", None) or {}
    extra: dict[str, Any] = {}
    if "messages" in data:
        extra["errors"] = data["messages"]
    title = _words(error)
    if status == 422:
        title = str(gettext("The values sent break a rule; see `errors` for each."))
    response = problem(status, title, error.name.lower().replace(" ", "-"), **extra)
    for name, value in (data.get("headers") or {}).items():
        response.headers[name] = value
    return response


def _holds_no_text(error: Exception) -> bool:
    """Whether a text was sent that a database cannot keep: half a character, or for PostgreSQL a NUL."""
    if isinstance(error, sa.exc.DataError):
        return "NUL" in str(error.orig)
    return isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8"


def register(app: Flask) -> None:
    """Answer every refusal and error of the application."""

    def crashed(error: Exception) -> Any:
        if _holds_no_text(error):
            return answer_refusal(Invalid("This holds a character that cannot be printed. Type it again."))
        logs.failure(error, request.endpoint or "?")
        return answer_http(InternalServerError())

    app.register_error_handler(Refused, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, crashed)
