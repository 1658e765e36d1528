"""How what is lost, and where the courier saw it, crosses the wire."""

import marshmallow as ma


class WhereSchema(ma.Schema):
    """Where somebody looked for what cannot be found."""

    note = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))


class LoseSchema(WhereSchema):
    """The code of a tube that cannot be found, and where somebody looked."""

    lost_code = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))


class CarrierScanSchema(ma.Schema):
    """Where the courier says that it scanned the parcel."""

    where = ma.fields.String(load_default="", validate=ma.validate.Length(max=120))
