"""How designs and rules cross the wire."""

import marshmallow as ma

from biobank.errors import Phrase
from biobank.printing.designs import RESOLUTIONS
from biobank.printing.routes import KINDS, MOST

_LENGTH = ma.validate.Length
NAME = ma.validate.Regexp(r"\A[a-z0-9][a-z0-9.-]{1,39}\Z",
                          error=Phrase("Use 2 to 40 small letters, digits, dots or hyphens."))  # fmt: skip
LONGEST = 100_000


def _condition() -> ma.fields.String:
    return ma.fields.String(load_default="*", validate=ma.validate.Regexp(
        r"\A(\*|[A-Za-z0-9][A-Za-z0-9 ._-]{0,59})\Z",
        error=Phrase("Write * for any, or one value of letters, digits and hyphens.")))  # fmt: skip


class DesignSchema(ma.Schema):
    """A version of a design; `layout` is its JSON text."""

    name = ma.fields.String()
    version = ma.fields.Integer()
    layout = ma.fields.String()
    note = ma.fields.String()
    published_by = ma.fields.String()
    published_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class LayoutSchema(ma.Schema):
    """A layout to look at, at a printer's resolution."""

    layout = ma.fields.String(required=True, validate=_LENGTH(2, LONGEST))
    dpi = ma.fields.Integer(load_default=203, validate=ma.validate.OneOf(RESOLUTIONS))


class SymbolSchema(ma.Schema):
    """A symbol of a layout and the width of its modules in mm as it is printed."""

    symbology = ma.fields.String()
    module_mm = ma.fields.String()


class PreviewSchema(ma.Schema):
    """A PNG in base64, one pixel a dot, and its symbols."""

    png = ma.fields.String()
    symbols = ma.fields.List(ma.fields.Nested(SymbolSchema))


class PublishSchema(ma.Schema):
    """A layout to publish; `based_on` is the version it was made from, 0 for a design of a new name."""

    layout = ma.fields.String(required=True, validate=_LENGTH(2, LONGEST))
    note = ma.fields.String(load_default="", validate=_LENGTH(0, 200))
    based_on = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(0, 1_000_000))


class RuleSchema(ma.Schema):
    """One routing rule: conditions, each a value or `*`, then the design, and a printer's name or `*`."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(("*", *KINDS)))
    sort = _condition()
    part = _condition()
    site = _condition()
    station = _condition()
    design = ma.fields.String(required=True, validate=NAME)
    printer = _condition()


class RoutingSchema(ma.Schema):
    """The whole ordered list; the first rule that matches applies."""

    version = ma.fields.Integer(dump_only=True)
    rules = ma.fields.List(ma.fields.Nested(RuleSchema), required=True, validate=_LENGTH(0, MOST))
    published_by = ma.fields.String(dump_only=True)
    published_at = ma.fields.AwareDateTime(dump_only=True, format="iso", allow_none=True)


class WantedSchema(ma.Schema):
    """A label somebody might ask for."""

    kind = ma.fields.String(load_default="tube", validate=ma.validate.OneOf(KINDS))
    sort = ma.fields.String(load_default="", validate=_LENGTH(0, 60))
    part = ma.fields.String(load_default="", validate=_LENGTH(0, 60))
    site = ma.fields.String(load_default="", validate=_LENGTH(0, 60))
    station = ma.fields.String(load_default="", validate=_LENGTH(0, 60))


class VerdictSchema(ma.Schema):
    """What one rule says: the condition that does not hold, or that it applies."""

    number = ma.fields.Integer()
    rule = ma.fields.Nested(RuleSchema)
    mismatch = ma.fields.String(allow_none=True)
    applies = ma.fields.Boolean()


class ChoiceSchema(ma.Schema):
    """The rule that applies, by number from 1, null when none does, and why."""

    number = ma.fields.Integer()
    rule = ma.fields.Nested(RuleSchema)
    verdicts = ma.fields.List(ma.fields.Nested(VerdictSchema))


class AddRuleForm(RuleSchema):
    """A rule and the place to put it."""

    place = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, MOST))
    based_on = ma.fields.Integer(required=True)


class ChangeRuleForm(ma.Schema):
    """A rule to take out or to move up."""

    place = ma.fields.Integer(required=True, validate=ma.validate.Range(1, MOST))
    based_on = ma.fields.Integer(required=True)
    do = ma.fields.String(required=True, validate=ma.validate.OneOf(("remove", "raise")))
