"""Kept lists, what the provider is asked about a payment, and how a payment reaches somebody, over JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, make_response

from biobank.participants import actions as participants
from biobank.payments import deliveries, errands, saved_views
from biobank.payments.delivery_models import ErrandKind, RewardErrand
from biobank.payments.desk_pages import DeliverySchema
from biobank.payments.models import SavedView
from biobank.payments.schemas import Narrowed, NoteForm
from biobank.visits import actions as visits
from biobank.web.api import Blueprint
from biobank.web.transaction import current_tx


class ViewForm(ma.Schema):
    """A list to keep: its name, and what it narrows the payments to, in the words of `GET /payments`."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    narrowed = ma.fields.Nested(Narrowed, required=True)


class ViewSchema(ma.Schema):
    """A kept list."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    narrowed = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    made_at = ma.fields.AwareDateTime()


class ErrandForm(NoteForm):
    """What the provider is to be asked, and why."""

    kind = ma.fields.Enum(ErrandKind, by_value=True, required=True)


class ErrandSchema(ma.Schema):
    """One thing that the provider was asked about a payment; `came_of_it` once it has answered."""

    id = ma.fields.UUID()
    kind = ma.fields.Enum(ErrandKind, by_value=True)
    note = ma.fields.String()
    asked_at = ma.fields.AwareDateTime()
    asked_by = ma.fields.String()
    done_at = ma.fields.AwareDateTime(allow_none=True)
    came_of_it = ma.fields.String(allow_none=True)


def register(blueprint: Blueprint) -> None:
    """Add these addresses to the slice's part of the API."""
    _views(blueprint)
    _errands(blueprint)

    @blueprint.route("/visits/<uuid:visit_id>/delivery", methods=["POST"])
    @blueprint.arguments(DeliverySchema)
    @blueprint.response(200, DeliverySchema)
    def choose_delivery(given: dict[str, Any], visit_id: UUID) -> dict[str, Any]:
        """Let the participant's payment reach them by link, e-mail or text message, as long as it is not on its way."""
        visit = visits.visit_of(current_tx(), visit_id)
        deliveries.choose(current_tx(), participants.payee_of(current_tx(), visit.participant_id), given["delivery"])
        return given


def _views(blueprint: Blueprint) -> None:
    @blueprint.route("/payments/views", methods=["GET"])
    @blueprint.response(200, ViewSchema(many=True))
    def list_views() -> Sequence[SavedView]:
        """The lists that you keep, by name."""
        return saved_views.of_actor(current_tx())

    @blueprint.route("/payments/views", methods=["POST"])
    @blueprint.arguments(ViewForm)
    @blueprint.response(201, ViewSchema)
    def save_view(given: dict[str, Any]) -> SavedView:
        """Keep a list under a name; the same name again changes what it shows."""
        words = {name: str(value) for name, value in given["narrowed"].items() if value}
        return saved_views.save(current_tx(), given["name"], words)

    @blueprint.route("/payments/views/<uuid:view_id>", methods=["DELETE"])
    @blueprint.response(204)
    def forget_view(view_id: UUID) -> Response:
        """Keep a list no more; the payments in it stay as they are."""
        saved_views.forget(current_tx(), view_id)
        return make_response("", 204)


def _errands(blueprint: Blueprint) -> None:
    @blueprint.route("/payments/<uuid:disbursement_id>/errands", methods=["GET"])
    @blueprint.response(200, ErrandSchema(many=True))
    def list_errands(disbursement_id: UUID) -> Sequence[RewardErrand]:
        """What the provider was asked about a payment, the oldest first."""
        return errands.of_payment(current_tx(), disbursement_id)

    @blueprint.route("/payments/<uuid:disbursement_id>/errands", methods=["POST"])
    @blueprint.arguments(ErrandForm)
    @blueprint.response(201, ErrandSchema)
    def ask_provider(given: dict[str, Any], disbursement_id: UUID) -> RewardErrand:
        """Have the provider send a payment again, or take it back. The worker asks; look again for the answer."""
        return errands.ask(current_tx(), disbursement_id, given["kind"], given["note"])
