"""How sign-in crosses the wire."""

import marshmallow as ma


class SignInSchema(ma.Schema):
    """A name and a password."""

    username = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    password = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 200))


class TokenSchema(ma.Schema):
    """A session's token, to be sent as `Authorization: Bearer`."""

    token = ma.fields.String(required=True)


class MeSchema(ma.Schema):
    """Who is signed in."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    site_id = ma.fields.UUID()
