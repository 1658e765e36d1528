"""How the tubes in use at a site cross the wire."""

import marshmallow as ma

from biobank.specimens.sprec import products


class SupplySchema(ma.Schema):
    """A lot of tubes that is begun; `product` where a kind is made in several ways."""

    kind = ma.fields.String(required=True, validate=ma.validate.Length(1, 12))
    product = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf([*products.load()]))
    lot = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))
    expires_on = ma.fields.Date(load_default=None, allow_none=True)


class SupplyOutSchema(SupplySchema):
    """A lot in use."""

    since = ma.fields.AwareDateTime(format="iso")
    actor_name = ma.fields.String()
