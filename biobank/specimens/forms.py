"""Forms of the collection, packing and bench pages, where they differ from the JSON."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask_babel import lazy_gettext

from biobank.errors import Invalid
from biobank.specimens.models import NotCollectedReason, OrderSort, Rotor
from biobank.specimens.schemas import AnswersSchema, CloseSchema, HandOverSchema, ReasonSchema
from biobank.specimens.storage.schemas import PutAwaySchema

__all__ = [
    "ANSWERS",
    "REASONS",
    "ROTORS",
    "AnswersForm",
    "CloseForm",
    "CollectForm",
    "HandOverForm",
    "NotCollectedForm",
    "PlaceForm",
    "PrintForm",
    "ProcessForm",
    "ReasonForm",
    "TemperatureForm",
    "to_utc",
    "wall_clock",
]

_answer = {"required": lazy_gettext("Answer yes or no.")}
ANSWERS = {
    "whole_blood": lazy_gettext("Has the participant donated whole blood in the past 8 weeks?"),
    "red_cells": lazy_gettext("Has the participant donated red cells in the past 2 months?"),
    "plasma": lazy_gettext("Has the participant donated plasma, platelets or cryoprecipitate in the past week?"),
    "transfusion": lazy_gettext("Has the participant received a transfusion of red cells in the past 2 months, or of "
                                "plasma, platelets or cryoprecipitate in the past week?"),
    "fainted": lazy_gettext("Has the participant fainted at an earlier blood draw?"),
}  # fmt: skip
REASONS = {
    NotCollectedReason.SHORT_DRAW: lazy_gettext("Short draw"),
    NotCollectedReason.REFUSAL: lazy_gettext("The participant refused"),
    NotCollectedReason.ATTEMPTED: lazy_gettext("Attempted without success"),
    NotCollectedReason.SUPPLY_UNAVAILABLE: lazy_gettext("No supply"),
    NotCollectedReason.OTHER: lazy_gettext("Other: say what"),
}
ROTORS = {Rotor.SWINGING: lazy_gettext("Swinging bucket"), Rotor.FIXED: lazy_gettext("Fixed angle")}


class AnswersForm(AnswersSchema):
    """The questions before the draw."""

    whole_blood = ma.fields.Boolean(required=True, error_messages=_answer)
    red_cells = ma.fields.Boolean(required=True, error_messages=_answer)
    plasma = ma.fields.Boolean(required=True, error_messages=_answer)
    transfusion = ma.fields.Boolean(required=True, error_messages=_answer)
    fainted = ma.fields.Boolean(required=True, error_messages=_answer)
    sort = ma.fields.Enum(OrderSort, by_value=True, load_default=OrderSort.FULL)
    chosen = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 12)), load_default=list)
    kit = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 20))
    kit_again = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 20))


def wall_clock() -> Any:
    """A day and a time as the site's clock shows them."""
    return ma.fields.NaiveDateTime(
        format="%Y-%m-%dT%H:%M", load_default=None,
        error_messages={"invalid": lazy_gettext("Enter a day and a time, such as 2026-11-20 12:05.")},
    )  # fmt: skip


class PrintForm(ma.Schema):
    """All labels, or one again with a reason."""

    tube_id = ma.fields.UUID(load_default=None)
    reason = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 200))


class CollectForm(ma.Schema):
    """When, if not now."""

    tube_id = ma.fields.UUID(load_default=None)
    at = wall_clock()


class NotCollectedForm(ma.Schema):
    """Why a tube was not filled."""

    tube_id = ma.fields.UUID(required=True)
    reason = ma.fields.Enum(NotCollectedReason, by_value=True, required=True,
                            error_messages={"required": lazy_gettext("Choose a reason.")})  # fmt: skip
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    label_destroyed = ma.fields.Boolean(load_default=False)


class ProcessForm(ma.Schema):
    """A spin as the clerk types it."""

    tube_ids = ma.fields.List(
        ma.fields.UUID(), required=True,
        validate=ma.validate.Length(1, error=lazy_gettext("Tick at least one tube.")),
    )  # fmt: skip
    g = ma.fields.Integer(required=True, validate=ma.validate.Range(100, 30_000))
    minutes = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 120))
    celsius = ma.fields.Decimal(places=1, required=True, validate=ma.validate.Range(Decimal(-20), Decimal(50)))
    rotor = ma.fields.Enum(Rotor, by_value=True, required=True)
    brake = ma.fields.Boolean(load_default=None)
    kept = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["room", "cold", "warm"]))
    at = wall_clock()


class HandOverForm(HandOverSchema):
    """The courier's number and the packing."""

    tracking = ma.fields.String(required=True, validate=ma.validate.Length(1, 80),
                                error_messages={"required": lazy_gettext("Scan the courier's bar code.")})  # fmt: skip
    packed_by_p650 = ma.fields.Boolean(load_default=False)


class TemperatureForm(ma.Schema):
    """Degrees Celsius, or why not."""

    celsius = ma.fields.Decimal(places=1, load_default=None, validate=ma.validate.Range(Decimal(-90), Decimal(60)))
    reason = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


class CloseForm(CloseSchema):
    """How many are declared missing."""

    missing = ma.fields.Integer(required=True, validate=ma.validate.Range(0))


PlaceForm, ReasonForm = PutAwaySchema, ReasonSchema


def to_utc(local: datetime | None, zone: str) -> datetime | None:
    """What the site's wall clock showed, as an instant. Raises Invalid for the hour that daylight saving leaves out."""
    if local is None:
        return None
    placed = local.replace(tzinfo=ZoneInfo(zone))
    moment = placed.astimezone(ZoneInfo("UTC"))
    if moment.astimezone(placed.tzinfo).replace(tzinfo=None) != local:
        raise Invalid("The clocks are put forward then: there is no such time on that day. Enter another.")
    return moment
