"""How sign-in crosses the wire."""

import marshmallow as ma

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
