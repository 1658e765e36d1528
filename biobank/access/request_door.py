"""The way in as a request finds it: where the service is, where the request is from."""

import re
from urllib.parse import urlsplit

from flask import request

from biobank.access import guard, sessions
from biobank.access.entrance import Door, Entered
from biobank.access.passkeys import Place
from biobank.access.policy import Stage
from biobank.access.sessions import Origin
from biobank.web.client import client_address
from biobank.web.transaction import databases

_FAMILIES = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Mac OS", "macOS"),
            ("Linux", "Linux"))  # fmt: skip


def agent_family(text: str) -> str:
    """The browser and system in two words, such as `Chrome, Windows`; of a program its own first word."""
    family = next((word for mark, word in _FAMILIES if mark in text), "")
    if not family:
        found = re.match(r"[\w.-]{1,40}", text)
        return found[0] if found else ""
    system = next((word for mark, word in _SYSTEMS if mark in text), "")
    return f"{family}, {system}" if system else family


def here() -> Door:
    """Everything that a way in needs of this request."""
    settings = guard.settings()
    address = settings.public_address or request.host_url
    parts = urlsplit(address)
    place = Place(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")
    origin = Origin(client_address(settings), agent_family(request.headers.get("User-Agent", "")))
    return Door(databases(), settings, place, origin)


def require_open(door: Door, entered: Entered) -> str:
    """The token of an open session. One that lacks a step is ended, and `NotSignedIn` says which."""
    if entered.stage is not Stage.OPEN:
        with door.databases.transaction() as tx:
            found = sessions.find_session(tx, door.settings, entered.token)
            sessions.sign_out(tx, entered.token)
        sessions.require_stage(found, {Stage.OPEN})
    return entered.token
