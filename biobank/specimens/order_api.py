"""Orders after their sign-off over JSON: amended, cancelled, restored."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from biobank.specimens import orders_changing as changing
from biobank.specimens.interface import blueprint
from biobank.specimens.models import CollectionOrder
from biobank.specimens.orders import find_order
from biobank.specimens.schemas import OrderSchema, RecordedSchema
from biobank.web.transaction import current_tx

_note = ma.validate.Length(max=200)


class TimesSchema(ma.Schema):
    """The right times of one tube; what is left out stays as it was recorded."""

    tube_id = ma.fields.UUID(required=True)
    collected_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    processed_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class AmendSchema(ma.Schema):
    """What is amended and why."""

    reason = ma.fields.Enum(changing.AmendReason, by_value=True, required=True)
    note = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))
    times = ma.fields.List(ma.fields.Nested(TimesSchema), load_default=list)


class CancelSchema(ma.Schema):
    """Why an order is cancelled after its sign-off."""

    reason = ma.fields.Enum(changing.CancelReason, by_value=True, required=True)
    note = ma.fields.String(load_default="", validate=_note)


class RestoreSchema(ma.Schema):
    """Why a cancelled order is restored."""

    reason = ma.fields.Enum(changing.RestoreReason, by_value=True, required=True)
    note = ma.fields.String(load_default="", validate=_note)


class OrderEventSchema(ma.Schema):
    """What happened to an order after its sign-off."""

    seq = ma.fields.Integer(strict=True)
    step = ma.fields.String()
    at = ma.fields.AwareDateTime(format="iso")
    actor_name = ma.fields.String()
    reason = ma.fields.String()
    note = ma.fields.String()


@blueprint.route("/orders/<uuid:order_id>/amend", methods=["POST"])
@blueprint.arguments(AmendSchema)
@blueprint.response(200, RecordedSchema)
def amend(given: dict[str, Any], order_id: UUID) -> dict[str, Any]:
    """Correct a finalised order; what was recorded stays beside it."""
    tx = current_tx()
    times = [changing.Times(**one) for one in given.pop("times")]
    warnings = changing.amend(tx, order_id, times=times, **given)
    return {"order": find_order(tx, order_id), "warnings": warnings}


@blueprint.route("/orders/<uuid:order_id>/cancel-final", methods=["POST"])
@blueprint.arguments(CancelSchema)
@blueprint.response(200, OrderSchema)
def cancel_final(given: dict[str, Any], order_id: UUID) -> CollectionOrder:
    """Cancel an order that was signed off; its tubes are held."""
    return changing.cancel_final(current_tx(), order_id, **given)


@blueprint.route("/orders/<uuid:order_id>/restore", methods=["POST"])
@blueprint.arguments(RestoreSchema)
@blueprint.response(200, OrderSchema)
def restore(given: dict[str, Any], order_id: UUID) -> CollectionOrder:
    """Restore an order that was cancelled after its sign-off."""
    return changing.restore(current_tx(), order_id, **given)


@blueprint.route("/orders/<uuid:order_id>/history", methods=["GET"])
@blueprint.response(200, OrderEventSchema(many=True))
def order_history(order_id: UUID) -> Any:
    """What happened to an order after its sign-off."""
    return changing.history(current_tx(), find_order(current_tx(), order_id).id)
