"""There and back: sent to the sign-in service with state, nonce and PKCE, and let in by what comes back."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import challenges, entrance, throttle
from biobank.access.entrance import Door, Entered
from biobank.access.factor_models import Outcome
from biobank.access.models import Staff
from biobank.access.oidc.service import Service, service_of
from biobank.access.policy import Method
from biobank.access.security_log import note_event
from biobank.access.security_models import Security, StaffIdentity
from biobank.access.sessions import SignedIn, renew_session
from biobank.config import Settings
from biobank.errors import Forbidden, NotFound, NotSignedIn, Refused

KEY = "oidc"
PURPOSE = "oidc"
RETURN = "/sign-in/service/return"
NOT_BELIEVED = "The sign-in service's answer was not accepted. Try again; if it happens again, call support."


class Aim(StrEnum):
    """What for somebody is sent to the service."""

    ENTER = "enter"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Sent:
    """What the browser keeps, sealed, until it comes back. `session` is the one to be confirmed, if any."""

    state: str
    nonce: str
    verifier: str
    aim: str
    next: str
    session: str
    at: float


def words(text: str) -> frozenset[str]:
    """A setting's words between commas."""
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def is_offered(settings: Settings) -> bool:
    return bool(settings.oidc_issuer)


def _service(settings: Settings) -> Service:
    if not is_offered(settings):
        raise NotFound("There is no sign-in service here. Use your name and password.")
    return service_of(settings)


def start(door: Door, *, aim: Aim, target: str, found: SignedIn | None) -> tuple[str, Sent]:
    """Where to send the browser, and what it must bring back."""
    service, settings = _service(door.settings), door.settings
    verifier = secrets.token_urlsafe(48)
    sent = Sent(challenges.make(door.databases.keys(KEY), PURPOSE), secrets.token_urlsafe(32), verifier, aim, target,
                str(found.session_id) if found else "", clock.now().timestamp())  # fmt: skip
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code", "scope": "openid", "client_id": service.client, "state": sent.state,
        "redirect_uri": door.place.origin + RETURN, "nonce": sent.nonce, "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }  # fmt: skip
    if words(settings.oidc_acr):
        asked["acr_values"] = " ".join(sorted(words(settings.oidc_acr)))
    if aim is Aim.CONFIRM:
        asked |= {"prompt": "login", "max_age": "0"}
    return service.address(**asked), sent


def as_kept(sent: Sent) -> dict[str, Any]:
    return asdict(sent)


def _tokens() -> Any:
    # Loaded where it is needed: the library is an extra.
    return import_module("biobank.access.oidc.tokens")


def _claimed(door: Door, sent: Sent, given: Mapping[str, str]) -> Any:
    """Who the service says came back. Raises `NotSignedIn` for whatever is not what was asked for."""
    service, settings = _service(door.settings), door.settings
    if not hmac.compare_digest(sent.state.encode(), given.get("state", "").encode()):
        raise _not_believed(door, "state")
    if given.get("iss", service.issuer) != service.issuer or given.get("error") or not given.get("code"):
        raise _not_believed(door, "refused" if given.get("error") else "answer")
    with door.databases.transaction() as tx:
        challenges.spend(tx, door.databases.keys(KEY), PURPOSE, sent.state)
    found, tokens = service.exchange(given["code"], sent.verifier, door.place.origin + RETURN), _tokens()
    expected = tokens.Expected(
        issuer=service.issuer, client=service.client, nonce=sent.nonce, algorithms=words(settings.oidc_algorithms),
        now=clock.now().timestamp(), access_token=found.access_token, contexts=words(settings.oidc_acr),
        authenticated_since=sent.at if sent.aim == Aim.CONFIRM else None,
    )  # fmt: skip
    try:
        keys = service.keys(tokens.header_of(found.id_token).get("kid"))
        return tokens.read(found.id_token, keys, expected)
    except tokens.BadToken as problem:
        raise _not_believed(door, str(problem)) from problem


def _not_believed(door: Door, why: str) -> NotSignedIn:
    with door.databases.transaction() as tx:
        throttle.count_failure(tx, [throttle.bucket("address", door.origin.address)])
        note_event(tx, Security.PROVIDER_REFUSED, address=door.origin.address, note=why)
        entrance.note(tx, None, Outcome.REFUSED, Method.OIDC, door.origin)
    return NotSignedIn(NOT_BELIEVED, code="service-not-believed")


def method_of(settings: Settings, ways: frozenset[str]) -> Method:
    """What the service's word is worth here, by the ways it names."""
    if ways & words(settings.oidc_piv):
        return Method.PIV
    return Method.OIDC_MFA if ways & words(settings.oidc_mfa) else Method.OIDC


def _person(door: Door, issuer: str, subject: str) -> Staff:
    """The account this subject was bound to by an administrator; never found by an e-mail address or a name."""
    with door.databases.transaction(read_only=True) as tx:
        query = sa.select(Staff).join(StaffIdentity, StaffIdentity.staff_id == Staff.id)
        found = tx.session.scalar(query.where(StaffIdentity.issuer == issuer, StaffIdentity.subject == subject))
    if found is None or not found.active:
        with door.databases.transaction() as tx:
            note_event(tx, Security.STRANGER, subject_kind="staff", subject_id=found.id if found else None,
                       address=door.origin.address, note=subject[:120])  # fmt: skip
        raise Forbidden("No account here belongs to this sign-in. Give your administrator this: %(subject)s",
                        code="stranger", subject=subject)  # fmt: skip
    return found


def come_back(door: Door, sent: Sent, given: Mapping[str, str], found: SignedIn | None) -> Entered | None:
    """Let somebody in, or confirm the session that sent them (then there is no new one)."""
    with door.databases.transaction(read_only=True) as tx:
        throttle.refuse_flood(tx, [throttle.bucket("address", door.origin.address)])
    claimed = _claimed(door, sent, given)
    staff, method = _person(door, door.settings.oidc_issuer, claimed.subject), method_of(door.settings, claimed.ways)
    if sent.aim == Aim.CONFIRM:
        _confirm(door, sent, found, staff.id, method)
        return None
    with door.databases.transaction() as tx:
        return entrance.let_in(tx, door, tx.session.get_one(Staff, staff.id), {method}, method)


def _confirm(door: Door, sent: Sent, found: SignedIn | None, staff_id: UUID, method: Method) -> None:
    if found is None or str(found.session_id) != sent.session or found.staff_id != staff_id:
        raise Refused("That was somebody else's sign-in, or the session has ended. Sign in again.", code="another")
    with door.databases.transaction(found.actor) as tx:
        renew_session(tx, found.session_id, method)
        entrance.note(tx, staff_id, entrance.renewed_as(found), method, door.origin)


def came_late(sent: Sent) -> bool:
    age = clock.now() - datetime.fromtimestamp(sent.at, UTC)
    return age.total_seconds() > challenges.SECONDS
