"""How orders, tubes, boxes, shipments and scans cross the wire."""

from typing import Any

import marshmallow as ma

from biobank.specimens import p650
from biobank.specimens.entry import EnteredBy
from biobank.specimens.models import ContainerKind, NotCollectedReason, OrderSort, Rotor

_code = ma.validate.Length(1, 80)
_words = ma.validate.Length(max=200)


class AnswersSchema(ma.Schema):
    """The questions before the draw; every one is to be answered."""

    whole_blood = ma.fields.Boolean(required=True)
    red_cells = ma.fields.Boolean(required=True)
    plasma = ma.fields.Boolean(required=True)
    transfusion = ma.fields.Boolean(required=True)
    fainted = ma.fields.Boolean(required=True)


class StartOrderSchema(ma.Schema):
    """A new order of a visit."""

    answers = ma.fields.Nested(AnswersSchema, required=True)
    sort = ma.fields.Enum(OrderSort, by_value=True, load_default=OrderSort.FULL)
    chosen = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 12)), load_default=list)
    kit = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 20))
    kit_again = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 20))


class PrintSchema(ma.Schema):
    """Which labels to print, all that are not printed yet when none is named, and why again."""

    tube_ids = ma.fields.List(ma.fields.UUID(), load_default=list)
    reason = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 200))


class ScanSchema(ma.Schema):
    """One scan, as it was read."""

    code = ma.fields.String(required=True, validate=_code)
    entered_by = ma.fields.Enum(EnteredBy, by_value=True, load_default=EnteredBy.UNKNOWN)


class ApplySchema(ScanSchema):
    """A label's scan; `kind` is the tube in hand, where that is known."""

    kind = ma.fields.String(load_default=None, validate=_code)


class CollectSchema(ma.Schema):
    """Which tubes were filled, all labelled ones when none is named; the time only if it was not now."""

    tube_ids = ma.fields.List(ma.fields.UUID(), load_default=list)
    collected_at = ma.fields.AwareDateTime(load_default=None)


class NotCollectedSchema(ma.Schema):
    """Why a tube was not filled."""

    tube_id = ma.fields.UUID(required=True)
    reason = ma.fields.Enum(NotCollectedReason, by_value=True, required=True)
    note = ma.fields.String(load_default="", validate=_words)
    label_destroyed = ma.fields.Boolean(load_default=False)


class SpinSchema(ma.Schema):
    """How tubes were spun: relative centrifugal force, minutes, degrees Celsius, rotor."""

    g = ma.fields.Integer(strict=True, required=True, validate=ma.validate.Range(100, 30_000))
    minutes = ma.fields.Integer(strict=True, required=True, validate=ma.validate.Range(1, 120))
    celsius = ma.fields.Decimal(places=1, as_string=True, required=True, validate=ma.validate.Range(-20, 50))
    rotor = ma.fields.Enum(Rotor, by_value=True, required=True)
    brake = ma.fields.Boolean(load_default=None, allow_none=True)
    kept = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(["room", "cold", "warm"]))


class ProcessSchema(SpinSchema):
    """One spin: these tubes, or all that wait for it; the time of its end only if it was not now."""

    tube_ids = ma.fields.List(ma.fields.UUID(), load_default=list)
    processed_at = ma.fields.AwareDateTime(load_default=None)


class ReasonSchema(ma.Schema):
    """Why something is done."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))


class ShipSchema(ma.Schema):
    """The boxes that leave together."""

    box_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, 200))


class HandOverSchema(ma.Schema):
    """The courier's number, scanned, or typed twice; and that the parcel is packed by P650."""

    tracking = ma.fields.String(required=True, validate=_code)
    tracking_again = ma.fields.String(load_default=None, validate=_code)
    packed_by_p650 = ma.fields.Boolean(required=True)
    checklist = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(list(p650.ITEMS))), load_default=None)


class TemperatureSchema(ma.Schema):
    """Degrees Celsius in the parcel as it was opened, or why that is not known."""

    celsius = ma.fields.Decimal(
        places=1, as_string=True, load_default=None, allow_none=True, validate=ma.validate.Range(-90, 60)
    )
    reason = ma.fields.String(load_default="", validate=_words)


class CloseSchema(ma.Schema):
    """How many tubes are declared missing."""

    missing = ma.fields.Integer(strict=True, required=True, validate=ma.validate.Range(0))


class ReceiptScanQuery(ma.Schema):
    """One scan at the bench; `scan_id` is the sender's own key for it.

    A scan that was kept for want of a line comes with when it was made and sent, both by the sender's clock.
    """

    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))
    scan_id = ma.fields.UUID(load_default=None)
    scanned_at = ma.fields.AwareDateTime(load_default=None)
    sent_at = ma.fields.AwareDateTime(load_default=None)
    device = ma.fields.String(load_default=None, validate=ma.validate.Length(max=80))
    entered_by = ma.fields.Enum(EnteredBy, by_value=True, load_default=EnteredBy.UNKNOWN)


class TubeSchema(ma.Schema):
    """A tube as its events tell it."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    order_id = ma.fields.UUID()
    kind = ma.fields.String()
    position = ma.fields.Integer(strict=True)
    state = ma.fields.String()
    custodian = ma.fields.String()
    withdrawn = ma.fields.Boolean()
    container_id = ma.fields.UUID(allow_none=True)
    collected_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    processed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    product = ma.fields.String(allow_none=True)
    not_collected_reason = ma.fields.String(allow_none=True)
    place = ma.fields.String(allow_none=True)


class EventSchema(ma.Schema):
    """One event of custody."""

    id = ma.fields.UUID()
    seq = ma.fields.Integer(strict=True)
    type = ma.fields.String()
    set_code = ma.fields.String(allow_none=True)
    from_custodian = ma.fields.String(allow_none=True)
    to_custodian = ma.fields.String(allow_none=True)
    actor_kind = ma.fields.String()
    actor_name = ma.fields.String()
    event_time = ma.fields.AwareDateTime(format="iso")
    zone = ma.fields.String()
    time_source = ma.fields.String()
    recorded_time = ma.fields.AwareDateTime(format="iso")
    reason = ma.fields.String(allow_none=True)
    detail = ma.fields.Dict()
    corrects = ma.fields.UUID(allow_none=True)
    hash = ma.fields.String()


class TubeStorySchema(TubeSchema):
    """A tube with its story, and whether the chain of that story holds."""

    events = ma.fields.List(ma.fields.Nested(EventSchema))
    is_whole = ma.fields.Boolean()


class TubeQuery(ma.Schema):
    """The code to look for."""

    code = ma.fields.String(required=True, validate=_code)


class WarningSchema(ma.Schema):
    """A time that deserves a second look."""

    tube = ma.fields.String()
    code = ma.fields.String()
    message = ma.fields.Function(lambda finding: finding.words.en)


class OrderSchema(ma.Schema):
    """A collection order with its tubes; `warnings` are those of the step just recorded."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    state = ma.fields.String()
    outcome = ma.fields.String(allow_none=True)
    withheld = ma.fields.String(allow_none=True)
    sort = ma.fields.String()
    kit = ma.fields.String(allow_none=True)
    tube_set = ma.fields.String()
    created_at = ma.fields.AwareDateTime(format="iso")
    finalised_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    version = ma.fields.Integer(strict=True)
    tubes = ma.fields.List(ma.fields.Nested(TubeSchema))


class RecordedSchema(ma.Schema):
    """An order after a step, with what its times warn of."""

    order = ma.fields.Nested(OrderSchema)
    warnings = ma.fields.List(ma.fields.Nested(WarningSchema))


class PrintedSchema(ma.Schema):
    """A label that a station was asked to print."""

    id = ma.fields.UUID()
    object_code = ma.fields.String()
    part = ma.fields.String()
    copy_no = ma.fields.Integer(strict=True)
    state = ma.fields.String()


class OpenBoxSchema(ma.Schema):
    """What to open: a box, or a bag that goes into one."""

    kind = ma.fields.Enum(ContainerKind, by_value=True, load_default=ContainerKind.BOX)


class BoxSchema(ma.Schema):
    """A box or a bag; a bag's `parent_id` is the box it lies in."""

    kind = ma.fields.String()
    parent_id = ma.fields.UUID(allow_none=True)

    id = ma.fields.UUID()
    code = ma.fields.String()
    state = ma.fields.String()
    shipment_id = ma.fields.UUID(allow_none=True)
    version = ma.fields.Integer(strict=True)


class PackedSchema(ma.Schema):
    """What a scan at a box did: `is_in` is false when the tube was taken out again."""

    is_in = ma.fields.Boolean()
    tube = ma.fields.Nested(TubeSchema, allow_none=True)
    bag = ma.fields.Nested(BoxSchema, allow_none=True)


class ShipmentSchema(ma.Schema):
    """A shipment."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    state = ma.fields.String()
    tracking = ma.fields.String(allow_none=True)
    manifest_sha256 = ma.fields.String(allow_none=True)
    carrier = ma.fields.String(allow_none=True)
    p650 = ma.fields.Dict(allow_none=True)
    handed_over_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    expected_by = ma.fields.AwareDateTime(format="iso", allow_none=True)
    arrived_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    temperature = ma.fields.Dict(allow_none=True)
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    version = ma.fields.Integer(strict=True)
    boxes = ma.fields.List(ma.fields.Nested(BoxSchema))


class ReceiptScanSchema(ma.Schema):
    """A scan at the bench and what it came to."""

    id = ma.fields.UUID()
    at = ma.fields.AwareDateTime(format="iso")
    entered_by = ma.fields.String()
    outcome = ma.fields.String()
    message = ma.fields.Method("_say")
    code = ma.fields.String(allow_none=True)
    shipment_id = ma.fields.UUID(allow_none=True)
    tube_id = ma.fields.UUID(allow_none=True)

    def _say(self, scan: Any) -> str:
        return str(scan.message % scan.words)
