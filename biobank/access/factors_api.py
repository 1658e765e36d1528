"""One's own second factors over JSON. Secrets stand in one answer each, which is not kept for its key."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, make_response

from biobank.access import factors, guard, own_factors, passkeys, request_door, totp
from biobank.access.factor_models import Passkey
from biobank.access.interface import blueprint
from biobank.access.models import Staff
from biobank.access.policy import policy_of
from biobank.access.schemas import PasskeySchema
from biobank.web.transaction import current_tx

_ISSUER = "Biobank"


class HeldPasskeySchema(ma.Schema):
    """A passkey of one's own."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    added_at = ma.fields.AwareDateTime()
    last_used_at = ma.fields.AwareDateTime(allow_none=True)


class HeldSchema(ma.Schema):
    """What somebody holds besides the password."""

    totp_since = ma.fields.AwareDateTime(allow_none=True)
    passkeys = ma.fields.List(ma.fields.Nested(HeldPasskeySchema))
    recovery_codes = ma.fields.Integer(strict=True)


class TotpSecretSchema(ma.Schema):
    """The secret of an authenticator app: in base32, and as the address that an app reads from a picture."""

    secret = ma.fields.String()
    address = ma.fields.String()


class CodeSchema(ma.Schema):
    """The code that the app shows now."""

    code = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 20))


class OptionsSchema(ma.Schema):
    """What the authenticator is asked (WebAuthn, PublicKeyCredentialCreationOptions as JSON), and its challenge."""

    options = ma.fields.String()
    challenge = ma.fields.String()


class CodesSchema(ma.Schema):
    """Ten codes to print; each opens once."""

    codes = ma.fields.List(ma.fields.String())


@blueprint.route("/me/factors", methods=["GET"])
@blueprint.response(200, HeldSchema)
def show_factors() -> factors.Held:
    """Your own second factors."""
    return factors.held_by(current_tx(), guard.signed_in().staff_id)


@blueprint.route("/me/factors/totp", methods=["POST"])
@blueprint.response(201, TotpSecretSchema)
def begin_totp() -> dict[str, str]:
    """Draw a secret for an authenticator app; it counts once its first code was given."""
    tx, staff_id = current_tx(), guard.signed_in().staff_id
    secret, name = factors.begin_totp(tx, staff_id), tx.session.get_one(Staff, staff_id).username
    return {"secret": totp.spoken(secret).replace(" ", ""), "address": totp.address(secret, name, _ISSUER)}


@blueprint.route("/me/factors/totp/confirm", methods=["POST"])
@blueprint.arguments(CodeSchema)
@blueprint.response(204)
def confirm_totp(given: dict[str, str]) -> Response:
    """The app's first code: from now on it counts."""
    factors.confirm_totp(current_tx(), guard.signed_in().staff_id, given["code"])
    return make_response("", 204)


@blueprint.route("/me/factors/totp", methods=["DELETE"])
@blueprint.response(204)
def remove_totp() -> Response:
    """Take your authenticator app away."""
    own_factors.remove_totp(current_tx(), policy_of(guard.settings()), guard.signed_in())
    return make_response("", 204)


@blueprint.route("/me/factors/passkeys/options", methods=["GET"])
@blueprint.response(200, OptionsSchema)
def ask_passkey() -> Any:
    """What a new passkey is asked."""
    tx = current_tx()
    return passkeys.ask_to_add(tx, request_door.here().place, tx.session.get_one(Staff, guard.signed_in().staff_id))


@blueprint.route("/me/factors/passkeys", methods=["POST"])
@blueprint.arguments(PasskeySchema)
@blueprint.response(201, HeldPasskeySchema)
def add_passkey(given: dict[str, str]) -> Passkey:
    """Keep a new passkey."""
    return passkeys.add(current_tx(), request_door.here().place, guard.signed_in().staff_id, **given)


@blueprint.route("/me/factors/passkeys/<uuid:passkey_id>", methods=["DELETE"])
@blueprint.response(204)
def remove_passkey(passkey_id: UUID) -> Response:
    """Take one of your passkeys away."""
    own_factors.remove_passkey(current_tx(), policy_of(guard.settings()), guard.signed_in(), passkey_id)
    return make_response("", 204)


@blueprint.route("/me/factors/recovery-codes", methods=["POST"])
@blueprint.response(201, CodesSchema)
def make_recovery_codes() -> dict[str, list[str]]:
    """Ten new codes in place of all earlier ones, shown this once."""
    own_factors.require_any(current_tx(), guard.signed_in())
    return {"codes": factors.make_recovery_codes(current_tx(), guard.signed_in().staff_id)}
