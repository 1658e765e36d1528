"""How the condition of a tube crosses the wire."""

import marshmallow as ma

from biobank.specimens.flaws import OF_TUBES


class ConditionSchema(ma.Schema):
    """A tube's condition by its two letters, and what else there is to say."""

    condition = ma.fields.String(required=True, validate=ma.validate.OneOf([condition.code for condition in OF_TUBES]))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))
