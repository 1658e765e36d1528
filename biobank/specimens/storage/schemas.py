"""How places, aliquots and check-outs cross the wire."""

from typing import Any

import marshmallow as ma

from biobank.errors import Phrase
from biobank.specimens.entry import EnteredBy
from biobank.specimens.models import Rotor, Vessel
from biobank.specimens.storage.cold import RANGES, Cold
from biobank.specimens.storage.materials import Material
from biobank.specimens.storage.shelving import CheckOut, KeptAt
from biobank.specimens.storage.volumes import Unit
from biobank.stations.actions import WHY_AGAIN
from labels import SheetOptions

_name = ma.validate.Length(1, 40)
_words = ma.validate.Length(max=200)


class FreezerSchema(ma.Schema):
    """A new freezer: its name, how cold it is, and what stands in it."""

    name = ma.fields.String(required=True, validate=_name)
    cold = ma.fields.Enum(Cold, by_value=True, required=True)
    shelves = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 20))
    racks = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 20))
    boxes = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 26))


class NewBoxSchema(ma.Schema):
    """A new box in a rack; without `slot` it goes to the first free one."""

    name = ma.fields.String(required=True, validate=_name)
    rows = ma.fields.Integer(load_default=9, validate=ma.validate.Range(1, 26))
    columns = ma.fields.Integer(load_default=9, validate=ma.validate.Range(1, 50))
    slot = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 400))
    quarantine = ma.fields.Boolean(load_default=False)


class MoveSchema(ma.Schema):
    """The rack that a box is moved to, by its code; without `slot` to the first free one."""

    rack = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))
    slot = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 400))


class DeclaredSchema(ma.Schema):
    """What is known of the tubes of a batch."""

    kept = ma.fields.Enum(KeptAt, by_value=True, load_default=None, allow_none=True)
    no_more_spins = ma.fields.Boolean(load_default=False)


class PutAwaySchema(DeclaredSchema):
    """The box that a tube is put into; without a position the next free one."""

    place = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))
    position = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 8))


class CheckOutSchema(ma.Schema):
    """Why a tube is taken out, and whether it is kept frozen meanwhile."""

    reason = ma.fields.Enum(CheckOut, by_value=True, required=True)
    note = ma.fields.String(load_default="", validate=_words)
    kept_frozen = ma.fields.Boolean(load_default=False)


class PlanSchema(ma.Schema):
    """Vessels to be filled from a tube; the volume is that of each."""

    material = ma.fields.Enum(Material, by_value=True, required=True)
    vessel = ma.fields.Enum(Vessel, by_value=True, required=True,
                            validate=ma.validate.NoneOf([Vessel.PRIMARY]))  # fmt: skip
    count = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 40))
    volume = ma.fields.String(required=True, validate=ma.validate.Length(1, 12))
    unit = ma.fields.Enum(Unit, by_value=True, required=True)
    station_id = ma.fields.UUID(load_default=None, allow_none=True)


class FillSchema(ma.Schema):
    """The scan of a filled vessel; how its parent was kept until now, where that is known."""

    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))
    entered_by = ma.fields.Enum(EnteredBy, by_value=True, load_default=EnteredBy.UNKNOWN)
    kept = ma.fields.Enum(KeptAt, by_value=True, load_default=None, allow_none=True)


class SheetForm(ma.Schema):
    """The sheet in the printer: the first free place, places that are gone, and how far the printer is off in mm."""

    sheet = ma.fields.String(load_default="lcry-1700", validate=ma.validate.Length(1, 40))
    start = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, 200))
    skip = ma.fields.String(load_default="", validate=ma.validate.Regexp(
        r"\A(\d{1,3}([ ,]+\d{1,3})*)?\Z", error=Phrase("Write the places with commas, such as 5, 6.")))  # fmt: skip
    right_mm = ma.fields.Float(load_default=0.0, validate=ma.validate.Range(-5, 5))
    down_mm = ma.fields.Float(load_default=0.0, validate=ma.validate.Range(-5, 5))
    again = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *WHY_AGAIN]))

    @ma.post_load
    def _as_options(self, given: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
        """The sheet and the options to print it by."""
        gone = [int(place) for place in given["skip"].replace(",", " ").split()]
        options = SheetOptions(start=given["start"], skip=gone, offset_mm=(given["right_mm"], given["down_mm"]))
        return {"sheet": given["sheet"], "options": options, "again": given["again"]}


class BenchSpinSchema(ma.Schema):
    """A spin at the biobank: force (g), minutes, degrees Celsius, rotor, brake."""

    g = ma.fields.Integer(required=True, validate=ma.validate.Range(100, 200_000))
    minutes = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 600))
    celsius = ma.fields.Decimal(places=1, as_string=True, required=True, validate=ma.validate.Range(-20, 50))
    rotor = ma.fields.Enum(Rotor, by_value=True, required=True)
    brake = ma.fields.Boolean(load_default=None, allow_none=True)
    kept = ma.fields.Enum(KeptAt, by_value=True, load_default=None, allow_none=True)


class WhySchema(ma.Schema):
    """Why something is done."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))


class PlaceOutSchema(ma.Schema):
    """A place; `range` is what its freezer must keep."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    kind = ma.fields.String()
    name = ma.fields.String()
    parent_id = ma.fields.UUID(allow_none=True)
    slot = ma.fields.Integer(strict=True, allow_none=True)
    rows = ma.fields.Integer(strict=True)
    columns = ma.fields.Integer(strict=True)
    cold = ma.fields.String()
    range = ma.fields.Method("_range")
    is_quarantine = ma.fields.Boolean()
    version = ma.fields.Integer(strict=True)

    def _range(self, place: Any) -> str:
        return RANGES[Cold(place.cold)].text


class FillOutSchema(ma.Schema):
    """How full a place is."""

    place = ma.fields.Nested(PlaceOutSchema)
    taken = ma.fields.Integer(strict=True, attribute="fill.taken")
    size = ma.fields.Integer(strict=True, attribute="fill.size")


class PositionOutSchema(ma.Schema):
    """A taken position of a box."""

    position = ma.fields.String(attribute="name")
    tube_id = ma.fields.UUID(attribute="tube.id")
    code = ma.fields.String(attribute="tube.code")
    state = ma.fields.String(attribute="tube.state")


class InsideSchema(FillOutSchema):
    """A place with what is directly inside; for a box its taken positions and the next free one."""

    inside = ma.fields.List(ma.fields.Nested(FillOutSchema))
    positions = ma.fields.List(ma.fields.Nested(PositionOutSchema))
    next_free = ma.fields.String(allow_none=True)


class AliquotSchema(ma.Schema):
    """A derivative of a tube, volumes in microlitres."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    kind = ma.fields.String()
    parent_id = ma.fields.UUID()
    state = ma.fields.String()
    planned = ma.fields.Dict(allow_none=True)
    material = ma.fields.String(allow_none=True)
    vessel = ma.fields.String(allow_none=True)
    volume_ul = ma.fields.Decimal(as_string=True, allow_none=True)
    taken_ul = ma.fields.Decimal(as_string=True)
    thaws = ma.fields.Integer(strict=True)
    place = ma.fields.String(allow_none=True)
