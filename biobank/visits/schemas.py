"""How visits cross the wire."""

from datetime import datetime, time
from typing import Any

import marshmallow as ma

from biobank.participants.schemas import AnswersSchema
from biobank.visits.models import CancelReason, IdentityFact


class CheckInSchema(ma.Schema):
    """A check-in over JSON. `identity` are the facts matched against a document, at least two."""

    participant_id = ma.fields.UUID(required=True)
    station_id = ma.fields.UUID(required=True)
    visit_id = ma.fields.UUID(load_default=None)
    identity = ma.fields.List(ma.fields.Enum(IdentityFact, by_value=True), load_default=None)
    answers = ma.fields.Nested(AnswersSchema, required=True)


class CheckInForm(AnswersSchema):
    """A check-in on the page, where two facts must have been matched."""

    station_id = ma.fields.UUID(required=True)
    visit_id = ma.fields.UUID(load_default=None)
    identity = ma.fields.List(ma.fields.Enum(IdentityFact, by_value=True), load_default=list)


class BookForm(ma.Schema):
    """A day and a time at the site."""

    day = ma.fields.Date(required=True)
    time = ma.fields.Time(required=True, format="%H:%M")

    @ma.post_load
    def _join(self, values: dict[str, Any], **_: Any) -> dict[str, datetime]:
        clock_time: time = values["time"]
        return {"local": datetime.combine(values["day"], clock_time)}


class CancelForm(ma.Schema):
    """Why a visit does not go on."""

    reason = ma.fields.Enum(CancelReason, by_value=True, required=True)


class VisitStepSchema(ma.Schema):
    """A finished step."""

    step = ma.fields.String()
    outcome = ma.fields.String()
    at = ma.fields.AwareDateTime(format="iso")


class VisitSchema(ma.Schema):
    """A visit, its finished steps and those still to do."""

    id = ma.fields.UUID()
    participant_id = ma.fields.UUID()
    site_id = ma.fields.UUID()
    station_id = ma.fields.UUID(allow_none=True)
    state = ma.fields.String()
    appointed_for = ma.fields.AwareDateTime(format="iso", allow_none=True)
    checked_in_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    completed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    steps = ma.fields.List(ma.fields.Nested(VisitStepSchema))
    missing = ma.fields.List(ma.fields.String())
    version = ma.fields.Integer(strict=True)
