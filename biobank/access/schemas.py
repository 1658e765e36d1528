"""How sign-in crosses the wire."""

import marshmallow as ma

from biobank.actor import Role
from biobank.errors import Phrase

# No database text may hold a NUL character.
_STORED = ma.validate.ContainsNoneOf(["\x00"], error="This holds a character that cannot be printed. Type it again.")


class SignInSchema(ma.Schema):
    """A name and a password."""

    username = ma.fields.String(required=True, validate=[ma.validate.Length(1, 60), _STORED])
    password = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 200))


class SignInApiSchema(SignInSchema):
    """A name and a password, and the authenticator app's code where there is one."""

    code = ma.fields.String(load_default="", load_only=True, validate=ma.validate.Length(0, 20))


class ProofSchema(ma.Schema):
    """What proves anew who one is: a password or code in one box, or a passkey's answer with its challenge."""

    secret = ma.fields.String(load_default="", load_only=True, validate=ma.validate.Length(0, 200))
    credential = ma.fields.String(load_default="", load_only=True, validate=ma.validate.Length(0, 8000))
    challenge = ma.fields.String(load_default="", load_only=True, validate=ma.validate.Length(0, 200))


class PasskeySchema(ma.Schema):
    """A new passkey's answer, its challenge, and what its owner calls it."""

    credential = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 8000))
    challenge = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 200))
    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))


class NewStaffSchema(ma.Schema):
    """A member of staff: at least one role. The first password is drawn, not given."""

    username = ma.fields.String(required=True, validate=ma.validate.Regexp(
        r"\A[A-Za-z0-9._-]{2,60}\Z", error=Phrase("Use 2 to 60 letters, digits, dots or hyphens.")))  # fmt: skip
    display_name = ma.fields.String(required=True, validate=ma.validate.Length(1, 120))
    site_id = ma.fields.UUID(required=True)
    roles = ma.fields.List(ma.fields.Enum(Role, by_value=True), required=True,
                           validate=ma.validate.Length(1, error=Phrase("Give at least one role.")))  # fmt: skip


class FirstPasswordSchema(ma.Schema):
    """Whose first password this is: shown once, good until then, and only for choosing one's own."""

    id = ma.fields.UUID(attribute="member.id", dump_only=True)
    username = ma.fields.String(attribute="member.username", dump_only=True)
    first_password = ma.fields.String(attribute="password", dump_only=True)
    until = ma.fields.DateTime(dump_only=True)


class PasswordSchema(ma.Schema):
    """A new password, as it shall be from now on."""

    password = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 200))


class SessionSchema(ma.Schema):
    """One of one's own sessions."""

    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
    last_seen_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime()
    address = ma.fields.String()
    agent = ma.fields.String()


class SignInEventSchema(ma.Schema):
    """One attempt to prove who one is."""

    id = ma.fields.UUID()
    at = ma.fields.AwareDateTime()
    outcome = ma.fields.String()
    method = ma.fields.String()
    address = ma.fields.String()
    agent = ma.fields.String()


class TokenSchema(ma.Schema):
    """A session's token, to be sent as `Authorization: Bearer`."""

    token = ma.fields.String(required=True)


class MeSchema(ma.Schema):
    """Who is signed in."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    site_id = ma.fields.UUID()
