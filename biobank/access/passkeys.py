"""Passkeys (W3C WebAuthn): added to an account, and used to sign in, to unlock and to confirm."""

import ipaddress
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from biobank import clock
from biobank.access import challenges
from biobank.access.factor_models import Passkey
from biobank.access.models import Staff
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotSignedIn

KEY = "challenges"
SIGN_IN = "sign-in"
_REQUIRED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Place:
    """Where the service is found: the domain a passkey is bound to, and the origin a browser must come from."""

    domain: str
    origin: str

    @property
    def has_passkeys(self) -> bool:
        """A passkey is bound to a name; a bare address has none (WebAuthn section 5.1.2)."""
        try:
            ipaddress.ip_address(self.domain.strip("[]"))
        except ValueError:
            return True
        return False


@dataclass(frozen=True)
class Asked:
    """What a page asks an authenticator: the options for the browser, and the challenge that comes back with them."""

    options: str
    challenge: str


def _purpose(purpose: str, staff_id: UUID | None) -> str:
    return f"{purpose}:{staff_id}" if staff_id else purpose


def _descriptors(tx: Tx, staff_id: UUID | None) -> list[PublicKeyCredentialDescriptor]:
    if staff_id is None:
        return []
    found = tx.session.scalars(sa.select(Passkey.credential_id).filter_by(staff_id=staff_id))
    return [PublicKeyCredentialDescriptor(id=bytes(item)) for item in found]


def ask_to_add(tx: Tx, place: Place, staff: Staff) -> Asked:
    """Options for a new passkey: discoverable, verified by PIN or finger, not one that the account has already."""
    challenge = challenges.make(tx.databases.keys(KEY), _purpose("add", staff.id))
    options = webauthn.generate_registration_options(
        rp_id=place.domain, rp_name="Biobank", user_id=staff.id.bytes, user_name=staff.username,
        user_display_name=staff.username, challenge=challenges.challenge_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=_descriptors(tx, staff.id),
    )  # fmt: skip
    return Asked(webauthn.options_to_json(options), challenge)


def ask_to_prove(tx: Tx, place: Place, staff_id: UUID | None = None) -> Asked:
    """Options to use a passkey: one of this person's, or anybody's to sign in with."""
    challenge = challenges.make(tx.databases.keys(KEY), _purpose(SIGN_IN, staff_id))
    options = webauthn.generate_authentication_options(
        rp_id=place.domain, challenge=challenges.challenge_bytes(challenge), user_verification=_REQUIRED,
        allow_credentials=_descriptors(tx, staff_id) or None,
    )  # fmt: skip
    return Asked(webauthn.options_to_json(options), challenge)


def _read(credential: str) -> dict[str, Any]:
    try:
        found = json.loads(credential)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid("The passkey's answer cannot be read. Try again.", code="passkey-unreadable")
    return found


def add(tx: Tx, place: Place, staff_id: UUID, *, credential: str, challenge: str, name: str) -> Passkey:
    """Keep a new passkey. Raises `Invalid` when its answer does not prove it, `Conflict` if it is known already."""
    expected = challenges.spend(tx, tx.databases.keys(KEY), _purpose("add", staff_id), challenge)
    try:
        made = webauthn.verify_registration_response(
            credential=_read(credential), expected_challenge=expected, expected_rp_id=place.domain,
            expected_origin=place.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise Invalid("The passkey was not accepted. Try again, or use another one.", code="passkey") from problem
    if tx.session.scalar(sa.select(Passkey.id).filter_by(credential_id=made.credential_id)):
        raise Conflict("This passkey belongs to an account already.")
    passkey = Passkey(staff_id=staff_id, credential_id=made.credential_id, public_key=made.credential_public_key,
                      sign_count=made.sign_count, name=name, added_at=clock.now())  # fmt: skip
    tx.session.add(passkey)
    tx.session.flush()
    return passkey


def _refused() -> NotSignedIn:
    return NotSignedIn("That passkey was not accepted. Try again, or use another way.", code="wrong-passkey")


def _found(tx: Tx, given: dict[str, Any], staff_id: UUID | None) -> Passkey:
    try:
        credential_id = base64url_to_bytes(str(given.get("id", "")))
    except ValueError:
        raise _refused() from None
    passkey = tx.session.scalar(sa.select(Passkey).filter_by(credential_id=credential_id).with_for_update())
    if passkey is None or staff_id not in (None, passkey.staff_id):
        raise _refused()
    return passkey


def use(tx: Tx, place: Place, *, credential: str, challenge: str, staff_id: UUID | None = None) -> UUID:
    """Whose passkey this is, proven. A counter that does not rise tells of a copy and is refused."""
    expected = challenges.spend(tx, tx.databases.keys(KEY), _purpose(SIGN_IN, staff_id), challenge)
    given = _read(credential)
    passkey = _found(tx, given, staff_id)
    try:
        done = webauthn.verify_authentication_response(
            credential=given, expected_challenge=expected, expected_rp_id=place.domain, expected_origin=place.origin,
            credential_public_key=passkey.public_key, credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise _refused() from problem
    passkey.sign_count, passkey.last_used_at = done.new_sign_count, clock.now()
    tx.session.flush()
    return passkey.staff_id
