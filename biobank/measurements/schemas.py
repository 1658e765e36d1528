"""How measurements cross the wire."""

from typing import Any

import marshmallow as ma

from biobank.measurements.alerts import LONGEST_ACTION

_MOST = 60


def _replicate() -> ma.fields.Integer:
    return ma.fields.Integer(strict=True, allow_none=True, load_default=None, validate=ma.validate.Range(0, 3))


class Answer(ma.fields.Boolean):
    """Yes, no or not answered; 1 and "true" are none of these."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class MeasuredValueSchema(ma.Schema):
    """One value as typed, in a unit that a clerk may choose; null takes the value back."""

    field = ma.fields.String(required=True, validate=ma.validate.Length(1, _MOST))
    replicate = _replicate()
    value = ma.fields.String(required=True, allow_none=True, validate=ma.validate.Length(max=10_000))
    unit = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=20))


class ModificationSchema(ma.Schema):
    """A coded deviation on one place; null takes it back."""

    measure = ma.fields.String(required=True, validate=ma.validate.Length(1, _MOST))
    replicate = _replicate()
    code = ma.fields.String(required=True, allow_none=True, validate=ma.validate.Length(max=_MOST))
    note = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=10_000))


class UseReadingSchema(ma.Schema):
    """A reading that was set aside, and the place it is to fill."""

    reading_id = ma.fields.UUID(required=True)
    measure = ma.fields.String(required=True, validate=ma.validate.Length(1, _MOST))
    replicate = _replicate()


class MeasurementChangeSchema(ma.Schema):
    """Changes that are stored together or not at all."""

    values = ma.fields.List(
        ma.fields.Nested(MeasuredValueSchema), load_default=list, validate=ma.validate.Length(max=100)
    )
    flags = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, _MOST)),
        values=Answer(allow_none=True),
        load_default=dict,
    )
    modifications = ma.fields.List(
        ma.fields.Nested(ModificationSchema), load_default=list, validate=ma.validate.Length(max=100)
    )
    confirmed = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, _MOST)), load_default=list, validate=ma.validate.Length(max=100)
    )
    fill_rest = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["refusal", "emergency"]))


class WholeEntrySchema(ma.Schema):
    """A whole entry in the shape of `biobank measurements check`; its measures are decimal strings in own units."""

    entry = ma.fields.Dict(keys=ma.fields.String(), required=True)


class StoredEntrySchema(ma.Schema):
    """What the protocol says of an entry that was stored."""

    version = ma.fields.Integer()
    state = ma.fields.String()
    unfinished = ma.fields.List(ma.fields.String())
    assessment = ma.fields.Dict()


class AlertActionSchema(ma.Schema):
    """What was done about an alert."""

    action = ma.fields.String(required=True, validate=ma.validate.Length(1, LONGEST_ACTION))


class FinishMeasurementsSchema(ma.Schema):
    """The version that was looked at; without it, the newest is finished."""

    version = ma.fields.Integer(strict=True, load_default=None, allow_none=True)


class HistoryReasonSchema(ma.Schema):
    """Why a finished record is amended or restored; `other` needs a note."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, _MOST))
    note = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=500))


class CancelMeasurementsSchema(HistoryReasonSchema):
    """Why a finished record is cancelled, and the word `cancel`, typed."""

    confirmation = ma.fields.String(required=True, validate=ma.validate.Length(1, _MOST))


class ImportQuerySchema(ma.Schema):
    """The participant's id in the document, where that is not a code of this programme."""

    subject = ma.fields.String(load_default=None, validate=ma.validate.Length(1, _MOST))


class MeasurementImportSchema(ma.Schema):
    """A document that was taken: which places it filled, and what of it was not taken with the reason."""

    id = ma.fields.UUID()
    document = ma.fields.String()
    subject = ma.fields.String()
    sha256 = ma.fields.String()
    dated = ma.fields.AwareDateTime(format="iso")
    taken = ma.fields.Raw()
    not_taken = ma.fields.Raw()
    at = ma.fields.AwareDateTime(format="iso")
    by = ma.fields.String()


class MeasurementVersionSchema(ma.Schema):
    """One finished version."""

    id = ma.fields.UUID()
    number = ma.fields.Integer()
    amends_id = ma.fields.UUID(allow_none=True)
    at = ma.fields.AwareDateTime(format="iso")
    by = ma.fields.String()


class MeasurementEventSchema(ma.Schema):
    """What happened to the record as a whole."""

    kind = ma.fields.String()
    version_id = ma.fields.UUID()
    reason = ma.fields.String(allow_none=True)
    note = ma.fields.String(allow_none=True)
    site_id = ma.fields.UUID()
    at = ma.fields.AwareDateTime(format="iso")
    by = ma.fields.String()


class MeasurementEntrySchema(ma.Schema):
    """One entry of the record, in force or replaced."""

    seq = ma.fields.Integer()
    kind = ma.fields.String()
    field = ma.fields.String()
    replicate = ma.fields.Integer()
    value = ma.fields.String(allow_none=True)
    typed_text = ma.fields.String(allow_none=True)
    typed_unit = ma.fields.String(allow_none=True)
    source = ma.fields.String(attribute="origin")
    reading_id = ma.fields.UUID(allow_none=True)
    import_id = ma.fields.UUID(allow_none=True)
    device = ma.fields.String(allow_none=True)
    protocol = ma.fields.String(allow_none=True)
    taken_at = ma.fields.AwareDateTime(format="iso")
    at = ma.fields.AwareDateTime(format="iso")
    by = ma.fields.String()


class MeasurementReadingSchema(ma.Schema):
    """A reading that came for the visit and what became of it."""

    reading_id = ma.fields.UUID()
    measure = ma.fields.String()
    measures = ma.fields.Raw()
    device = ma.fields.String()
    protocol = ma.fields.String()
    outcome = ma.fields.String()
    reason = ma.fields.Dict()
    captured_at = ma.fields.AwareDateTime(format="iso")


class MeasurementAlertSchema(ma.Schema):
    """An alert that was raised, and what was done about it."""

    code = ma.fields.String()
    fields_ = ma.fields.Raw(attribute="fields", data_key="fields")
    raised_at = ma.fields.AwareDateTime(format="iso")
    ended_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    acknowledged_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    acknowledged_by = ma.fields.String(allow_none=True)
    action = ma.fields.String(allow_none=True)


class SignatureSchema(ma.Schema):
    """Who stands for a finished version, and whether what it holds is what they signed."""

    by = ma.fields.String()
    at = ma.fields.AwareDateTime(format="iso")
    meaning = ma.fields.String()
    proved_by = ma.fields.String()
    is_valid = ma.fields.Boolean()


class MeasurementsSchema(ma.Schema):
    """A visit's measurements: the entry, what the protocol says of it, and where everything came from."""

    visit_id = ma.fields.UUID()
    participant_id = ma.fields.UUID()
    protocol = ma.fields.String()
    state = ma.fields.String()
    version = ma.fields.Integer()
    opened_at = ma.fields.AwareDateTime(format="iso")
    finalised_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    finalised_by = ma.fields.String(allow_none=True)
    signature = ma.fields.Nested(SignatureSchema, allow_none=True)
    entry = ma.fields.Dict()
    assessment = ma.fields.Dict()
    unfinished = ma.fields.List(ma.fields.String())
    to_confirm = ma.fields.List(ma.fields.String())
    versions = ma.fields.List(ma.fields.Nested(MeasurementVersionSchema))
    events = ma.fields.List(ma.fields.Nested(MeasurementEventSchema))
    entries = ma.fields.List(ma.fields.Nested(MeasurementEntrySchema))
    readings = ma.fields.List(ma.fields.Nested(MeasurementReadingSchema))
    alerts = ma.fields.List(ma.fields.Nested(MeasurementAlertSchema))
