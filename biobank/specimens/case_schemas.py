"""How cases and evidence cross the wire."""

import marshmallow as ma

from biobank.specimens.case_lists import Show
from biobank.specimens.case_models import Resolution
from biobank.specimens.case_words import CLOSES, said
from biobank.specimens.custody import Correction
from biobank.specimens.schemas import ReceiptScanQuery

_note = ma.validate.Length(1, 1000)


class NoteSchema(ma.Schema):
    """Words about a case, of 1000 characters at most."""

    note = ma.fields.String(required=True, validate=_note)


class CloseCaseSchema(ma.Schema):
    """What a case came to; `other` needs a note."""

    resolution = ma.fields.Enum(Resolution, by_value=True, required=True, validate=ma.validate.OneOf(CLOSES))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))


class CaseQuery(ma.Schema):
    """Which cases: `open`, `overdue`, `missing` or `closed`, of one sending site, from after one."""

    show = ma.fields.Enum(Show, by_value=True, load_default=Show.OPEN)
    site = ma.fields.UUID(load_default=None)
    after = ma.fields.UUID(load_default=None)
    limit = ma.fields.Integer(strict=False, load_default=50, validate=ma.validate.Range(1, 200))


class CaseStepSchema(ma.Schema):
    """One step of a case."""

    seq = ma.fields.Integer(strict=True)
    step = ma.fields.String()
    at = ma.fields.AwareDateTime(format="iso")
    actor_name = ma.fields.String()
    note = ma.fields.String(allow_none=True)
    detail = ma.fields.Dict()


class CaseSchema(ma.Schema):
    """A discrepancy; `to_the_sender` is the sentence of its report."""

    id = ma.fields.UUID()
    type = ma.fields.String()
    condition = ma.fields.String()
    state = ma.fields.String()
    site_id = ma.fields.UUID(allow_none=True)
    shipment_id = ma.fields.UUID(allow_none=True)
    tube_id = ma.fields.UUID(allow_none=True)
    object_id = ma.fields.UUID(allow_none=True)
    opened_at = ma.fields.AwareDateTime(format="iso")
    due_at = ma.fields.AwareDateTime(format="iso")
    owner_name = ma.fields.String(allow_none=True)
    reported_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    resolution = ma.fields.String(allow_none=True)
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    version = ma.fields.Integer(strict=True)
    to_the_sender = ma.fields.Function(lambda case: str(said(case).notice))


class CaseFileSchema(ma.Schema):
    """A case with its history."""

    case = ma.fields.Nested(CaseSchema)
    history = ma.fields.List(ma.fields.Nested(CaseStepSchema))


class LoggerSchema(ma.Schema):
    """A logger's file as text."""

    content = ma.fields.String(required=True, validate=ma.validate.Length(1, 2_000_000))


class TemperatureLogSchema(ma.Schema):
    """A logger's record of the time on the way; degrees Celsius."""

    id = ma.fields.UUID()
    sha256 = ma.fields.String()
    serial = ma.fields.String(allow_none=True)
    started_at = ma.fields.AwareDateTime(format="iso")
    ended_at = ma.fields.AwareDateTime(format="iso")
    count = ma.fields.Integer(strict=True)
    minimum = ma.fields.Decimal(as_string=True)
    maximum = ma.fields.Decimal(as_string=True)
    seconds_outside = ma.fields.Integer(strict=True)


class PhotoQuery(ma.Schema):
    """A picture in base64, and the one thing it is of."""

    content = ma.fields.String(required=True, validate=ma.validate.Length(1, 2_000_000))
    tube_id = ma.fields.UUID(load_default=None)
    object_id = ma.fields.UUID(load_default=None)
    shipment_id = ma.fields.UUID(load_default=None)


class PhotoSchema(ma.Schema):
    """A photograph that is kept; its picture is at /photos/{id}."""

    id = ma.fields.UUID()
    tube_id = ma.fields.UUID(allow_none=True)
    object_id = ma.fields.UUID(allow_none=True)
    shipment_id = ma.fields.UUID(allow_none=True)
    taken_at = ma.fields.AwareDateTime(format="iso")
    width = ma.fields.Integer(strict=True)
    height = ma.fields.Integer(strict=True)
    sha256 = ma.fields.String()


class CorrectionSchema(ma.Schema):
    """An error on an event of a tube; `at` is when it truly happened, where only its time was wrong."""

    event_id = ma.fields.UUID(required=True)
    correction = ma.fields.Enum(Correction, by_value=True, required=True)
    note = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))
    at = ma.fields.AwareDateTime(load_default=None)


class CorrectionForm(CorrectionSchema):
    """The same with the site's wall clock."""

    at = ma.fields.NaiveDateTime(format="%Y-%m-%dT%H:%M", load_default=None)  # type: ignore[assignment]


class ScansSchema(ma.Schema):
    """Scans that were kept for want of a line, in the order in which they were made; each with its own key."""

    scans = ma.fields.List(ma.fields.Nested(ReceiptScanQuery), required=True, validate=ma.validate.Length(1, 200))
