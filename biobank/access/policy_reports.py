"""What browsers report of pages that tried what their policy forbids (Content Security Policy 3, section 5)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app, request
from werkzeug.exceptions import HTTPException

from biobank import clock
from biobank.access.security_log import note_event
from biobank.access.security_models import Security, SecurityEvent
from biobank.actor import SYSTEM
from biobank.db import Databases, Tx
from biobank.web.client import client_address
from biobank.web.strict_json import loads
from biobank.web.transaction import databases

LARGEST = 20_000
# Whoever can reach the service can send reports: an hour keeps each kind once, and so many kinds.
_WITHIN, _KINDS = timedelta(hours=1), 50
_DIRECTIVE = re.compile(r"[a-z][a-z-]{1,30}")
# What a report names where nothing was fetched.
_WORDS = frozenset(
    {"inline", "eval", "wasm-eval", "trusted-types-policy", "trusted-types-sink", "data", "blob", "self"}
)


def _bodies(report: Any) -> Iterator[dict[str, Any]]:
    """The bodies of a report, of the older shape (one object) and of the newer (a list)."""
    items = report if isinstance(report, list) else [report]
    for item in items[:10]:
        body = item.get("csp-report", item.get("body")) if isinstance(item, dict) else None
        if isinstance(body, dict):
            yield body


def _text(body: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := body.get(name), str)), "")


def _route(address: str) -> str:
    """The route of a page, never its address, which holds keys."""
    try:
        rule, _ = current_app.url_map.bind("localhost").match(urlsplit(address).path, "GET", return_rule=True)
    except (HTTPException, ValueError):
        return "?"
    return str(rule.rule)


def _source(address: str) -> str:
    """What was blocked: a word, or the scheme and host alone."""
    if address in _WORDS:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return "?"
    host = re.sub(r"[^a-z0-9.:-]", "", parts.netloc.rpartition("@")[2].lower())[:80]
    return f"{parts.scheme[:20]}://{host}" if host else parts.scheme[:20] or "?"


def told(report: Any) -> list[str]:
    """Each violation in a report as `directive source route`; what has another shape is passed over."""
    found = []
    for body in _bodies(report):
        directive = _text(body, "effectiveDirective", "effective-directive", "violated-directive").partition(" ")[0]
        if _DIRECTIVE.fullmatch(directive):
            source = _source(_text(body, "blockedURL", "blocked-uri"))
            found.append(f"{directive} {source} {_route(_text(body, 'documentURL', 'document-uri'))}"[:300])
    return found


def keep(tx: Tx, notes: list[str], address: str) -> None:
    """Write each kind of violation down once an hour."""
    query = sa.select(SecurityEvent.note).where(
        SecurityEvent.kind == Security.POLICY_BROKEN, SecurityEvent.at > clock.now() - _WITHIN
    )
    known = set(tx.session.scalars(query))
    for note in dict.fromkeys(notes):
        if note not in known and len(known) < _KINDS:
            known.add(note)
            note_event(tx, Security.POLICY_BROKEN, address=address, note=note)


def report_policy() -> tuple[str, int]:
    """Take a browser's report; it is told nothing."""
    if (request.content_length or LARGEST + 1) > LARGEST:
        return "", 413
    try:
        notes = told(loads(request.get_data()))
    except ValueError:
        return "", 400
    if notes:
        opened: Databases = databases()
        with opened.transaction(SYSTEM) as tx:
            keep(tx, notes, client_address(current_app.extensions["biobank.settings"]))
    return "", 204
