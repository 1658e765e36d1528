"""How printers, labels and batches cross the wire."""

import marshmallow as ma

from biobank.stations.desk import PRINTER_KINDS, RESOLUTIONS
from biobank.stations.models import PrinterLanguage, PrintState
from biobank.stations.schemas import one_line
from labels.printers.base import PrinterStatus

_LENGTH = ma.validate.Length


class PrinterWordSchema(ma.Schema):
    """What a printer last said of itself, and whether a label may be sent to it."""

    name = one_line(60, required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf([status.value for status in PrinterStatus]))
    takes_labels = ma.fields.Boolean(required=True, truthy={True}, falsy={False})


class PrintClaimSchema(ma.Schema):
    """The station's printers: labels come for those that take them; for every printer when none is named.

    `wait_seconds` is how long the station is ready to wait for a label.
    """

    printers = ma.fields.List(ma.fields.Nested(PrinterWordSchema), load_default=None, validate=_LENGTH(0, 20))
    wait_seconds = ma.fields.Integer(load_default=0, strict=True, validate=ma.validate.Range(0, 20))


class PrintWorkSchema(ma.Schema):
    """A label to print: `content` is base64, `sha256` that of the bytes, `lease` what every word about it must name."""

    id = ma.fields.UUID()
    printer = ma.fields.String()
    content_type = ma.fields.String()
    content = ma.fields.String()
    sha256 = ma.fields.String()
    lease = ma.fields.String()


class PrintWorkListSchema(ma.Schema):
    """The labels this station holds now; `waited` is False where no place to wait was free: ask again in a moment."""

    jobs = ma.fields.List(ma.fields.Nested(PrintWorkSchema))
    waited = ma.fields.Boolean()


class PrintReportSchema(ma.Schema):
    """How far a label has come."""

    state = ma.fields.Enum(PrintState, by_value=True, required=True)
    detail = one_line(400, load_default="")
    lease = one_line(32, required=True)


class PrinterSchema(ma.Schema):
    """A label printer of a station."""

    name = one_line(60, required=True)
    dpi = ma.fields.Integer(required=True, validate=ma.validate.OneOf(RESOLUTIONS))
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(PRINTER_KINDS))
    language = ma.fields.Enum(PrinterLanguage, by_value=True, load_default=None)


class PrintJobSchema(ma.Schema):
    """One copy of a label."""

    id = ma.fields.UUID()
    station_id = ma.fields.UUID()
    batch_id = ma.fields.UUID()
    printer = ma.fields.String()
    template = ma.fields.String()
    template_version = ma.fields.Integer()
    object_kind = ma.fields.String()
    object_code = ma.fields.String()
    part = ma.fields.String()
    copy_no = ma.fields.Integer()
    reason = ma.fields.String(allow_none=True)
    state = ma.fields.Enum(PrintState, by_value=True)
    state_at = ma.fields.AwareDateTime(format="iso")
    detail = ma.fields.String()
    content_sha256 = ma.fields.String()
    requested_at = ma.fields.AwareDateTime(format="iso")
    requested_by = ma.fields.String()


class PrintAgainSchema(ma.Schema):
    """Why a label is printed again."""

    reason = one_line(200, required=True)


class CameOutSchema(ma.Schema):
    """Whether a label came out."""

    came_out = ma.fields.Boolean(required=True, truthy={True}, falsy={False})


class BatchSchema(ma.Schema):
    """Labels asked for together."""

    id = ma.fields.UUID()
    station_id = ma.fields.UUID()
    subject_code = ma.fields.String()
    state = ma.fields.String()
    requested_at = ma.fields.AwareDateTime(format="iso")
    requested_by = ma.fields.String()


class ProgressSchema(ma.Schema):
    """How far a batch is: came out, waits, in doubt, of how many."""

    batch = ma.fields.Nested(BatchSchema)
    total = ma.fields.Integer()
    out = ma.fields.Integer()
    waiting = ma.fields.Integer()
    in_doubt = ma.fields.Integer()
    jobs = ma.fields.List(ma.fields.Nested(PrintJobSchema))
