"""Files to the bank and to the card programme over JSON, and the card or account that somebody is paid to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.participants import actions as participants
from biobank.payments import ach, ach_pages, card_loads
from biobank.payments.ach_models import AchBatch, FileForm
from biobank.payments.providers.nacha import AccountKind
from biobank.visits import actions as visits
from biobank.web.api import Blueprint
from biobank.web.transaction import current_tx

# An answer to the largest file is a few hundred kilobytes.
LARGEST = 5_000_000


class PaymentFileForm(ma.Schema):
    """Whom a file is to be prepared for."""

    form = ma.fields.Enum(FileForm, by_value=True, required=True)


class PaymentFileSchema(ma.Schema):
    """One file: how many payments of how many cents in all, who prepared it, who released it."""

    id = ma.fields.UUID()
    form = ma.fields.Enum(FileForm, by_value=True)
    sha256 = ma.fields.String()
    made_on = ma.fields.Date()
    entries = ma.fields.Integer()
    cents = ma.fields.Integer()
    prepared_at = ma.fields.AwareDateTime()
    prepared_by = ma.fields.String()
    released_at = ma.fields.AwareDateTime(allow_none=True)
    released_by = ma.fields.String(allow_none=True)
    dropped_at = ma.fields.AwareDateTime(allow_none=True)


class CardAnswersForm(ma.Schema):
    """The card programme's answer file, as its text."""

    content = ma.fields.String(required=True, validate=ma.validate.Length(1, LARGEST))


class CardAnswersSchema(ma.Schema):
    """How many payments were loaded, and how many were not and can be paid again."""

    loaded = ma.fields.Integer()
    came_back = ma.fields.Integer()


class CardForm(ma.Schema):
    """The number on the card that somebody was given."""

    card = ma.fields.String(required=True, validate=ma.validate.Length(1, 40), load_only=True)


class AccountForm(ma.Schema):
    """The account that somebody wants to be paid to."""

    kind = ma.fields.Enum(AccountKind, by_value=True, required=True, load_only=True)
    routing = ma.fields.String(required=True, validate=ma.validate.Length(1, 20), load_only=True)
    account = ma.fields.String(required=True, validate=ma.validate.Length(1, 40), load_only=True)


class LastFourSchema(ma.Schema):
    """The end of the number kept, to be compared with what somebody holds in their hand."""

    last4 = ma.fields.String()


def register(blueprint: Blueprint) -> None:
    """Add these addresses to the slice's part of the API."""
    _files(blueprint)

    @blueprint.route("/visits/<uuid:visit_id>/payment/card", methods=["POST"])
    @blueprint.arguments(CardForm)
    @blueprint.response(200, LastFourSchema)
    def note_card(given: dict[str, Any], visit_id: UUID) -> dict[str, str]:
        """Keep the card that the participant is given at the desk, sealed; nobody else may have it."""
        payee_id = _payee_of(visit_id)
        card_loads.note_card(current_tx(), payee_id, given["card"])
        return {"last4": card_loads.last4_of(current_tx(), payee_id)}

    @blueprint.route("/visits/<uuid:visit_id>/payment/account", methods=["POST"])
    @blueprint.arguments(AccountForm)
    @blueprint.response(200, LastFourSchema)
    def note_account(given: dict[str, Any], visit_id: UUID) -> dict[str, str]:
        """Keep the account that the participant gives at the desk, sealed."""
        payee_id = _payee_of(visit_id)
        ach.note_account(current_tx(), payee_id, **given)
        return {"last4": ach.last4_of(current_tx(), payee_id)}


def _payee_of(visit_id: UUID) -> UUID:
    visit = visits.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    return participants.payee_of(current_tx(), visit.participant_id)


def _files(blueprint: Blueprint) -> None:
    @blueprint.route("/payment-files", methods=["GET"])
    @blueprint.response(200, PaymentFileSchema(many=True))
    def list_files() -> Sequence[AchBatch]:
        """The last fifty files, the newest first."""
        return ach.batches(current_tx())

    @blueprint.route("/payment-files", methods=["POST"])
    @blueprint.arguments(PaymentFileForm)
    @blueprint.response(201, PaymentFileSchema)
    def prepare_file(given: dict[str, Any]) -> AchBatch:
        """Seal a file of every payment that waits for one, and ask a second person to release it."""
        if given["form"] is FileForm.CARDS:
            return card_loads.prepare(current_tx())
        return ach.prepare(current_tx(), ach_pages.originator())

    @blueprint.route("/payment-files/<uuid:batch_id>/content", methods=["GET"])
    @blueprint.alt_response(200, description="The file's bytes, the same each time.")
    def file_content(batch_id: UUID) -> Response:
        """The released file's bytes."""
        return ach_pages.bank_file(batch_id)

    @blueprint.route("/payment-files/answers", methods=["POST"])
    @blueprint.arguments(CardAnswersForm)
    @blueprint.response(200, CardAnswersSchema)
    def take_answers(given: dict[str, Any]) -> dict[str, int]:
        """Take the card programme's answer to a file, whole or not at all; the same one again changes nothing."""
        loaded, came_back = card_loads.take_answers(current_tx(), given["content"].encode())
        return {"loaded": loaded, "came_back": came_back}
