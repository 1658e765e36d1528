"""How the administrator's forms are read."""

import marshmallow as ma

from biobank.access.models import SiteKind
from biobank.errors import Phrase

_LENGTH = ma.validate.Length
ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam",
)  # fmt: skip


class SiteFormSchema(ma.Schema):
    """A place where staff work. `code` stands on labels."""

    code = ma.fields.String(required=True, validate=ma.validate.Regexp(
        r"\A[A-Z0-9-]{2,12}\Z", error=Phrase("Use 2 to 12 capital letters, digits or hyphens.")))  # fmt: skip
    name = ma.fields.String(required=True, validate=_LENGTH(1, 120))
    kind = ma.fields.Enum(SiteKind, by_value=True, required=True)
    zone = ma.fields.String(required=True, validate=ma.validate.OneOf(ZONES))
