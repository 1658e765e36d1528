"""How the wish for a new label crosses the wire."""

import marshmallow as ma
from flask_babel import lazy_gettext

from biobank.specimens.relabelling import Flaw, KnownBy

_FLAW = {"required": lazy_gettext("Choose what is wrong with the label.")}
_KNOWN_BY = {"required": lazy_gettext("Say how you know that it is this tube.")}


class NewLabelSchema(ma.Schema):
    """What is wrong with the label, how the tube is known without it, and where the new one is printed."""

    flaw = ma.fields.Enum(Flaw, by_value=True, required=True, error_messages=_FLAW)
    known_by = ma.fields.Enum(KnownBy, by_value=True, required=True, error_messages=_KNOWN_BY)
    station_id = ma.fields.UUID(load_default=None)
