"""Payments and statements over JSON."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.payments import actions, book_api, file_api, listing, provider_api, wish_api
from biobank.payments.formats import csvmap
from biobank.payments.models import Disbursement, StatementFile
from biobank.payments.schemas import (
    CallSchema,
    EventSchema,
    MatchCountsSchema,
    MatchedLineSchema,
    PaymentQuery,
    PaymentSchema,
    PaymentStorySchema,
    StatementFileSchema,
    StatementSchema,
    TransferSchema,
    summary,
    wanted_of,
)
from biobank.payments.statement_files import Source
from biobank.web.api import PREFIX, Blueprint, keyset_page, with_next
from biobank.web.transaction import current_tx

blueprint = Blueprint("payments_api", __name__, url_prefix=PREFIX, description="Payments and statements")
book_api.register(blueprint)
provider_api.register(blueprint)
wish_api.register(blueprint)
file_api.register(blueprint)


@blueprint.route("/payments", methods=["GET"])
@blueprint.arguments(PaymentQuery, location="query")
@blueprint.response(200, PaymentSchema(many=True))
def list_payments(asked: dict[str, Any]) -> Response:
    """Payments, newest first."""
    query = listing.payments(wanted_of(asked))
    rows, after = keyset_page(current_tx().session, query, key=Disbursement.id, after=asked["after"],
                              limit=asked["limit"])  # fmt: skip
    response = with_next(rows, None, PaymentSchema().dump)
    if after is not None:
        following = urlencode(request.args.to_dict() | {"after": str(after)})
        response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
    return response


@blueprint.route("/payments/summary", methods=["GET"])
@blueprint.response(200)
def show_summary() -> dict[str, Any]:
    """How the payments stand: a count for each state, what is owed, whether the books agree."""
    return summary(actions.totals(current_tx()))


@blueprint.route("/payments/<uuid:disbursement_id>", methods=["GET"])
@blueprint.alt_response(200, schema=PaymentStorySchema)
def show(disbursement_id: UUID) -> dict[str, Any]:
    """One payment with everything behind it."""
    payment = actions.disbursement_of(current_tx(), disbursement_id)
    note_look("payment", payment.id, Purpose.PAYMENT)
    story = listing.story_of(current_tx(), payment.id)
    return {
        **PaymentSchema().dump(payment),
        "events": EventSchema(many=True).dump(story.events),
        "calls": CallSchema(many=True).dump(story.calls),
        "transfers": TransferSchema(many=True).dump(story.transfers),
        "matches": MatchedLineSchema(many=True).dump(story.matches),
    }


@blueprint.route("/statements", methods=["POST"])
@blueprint.arguments(StatementSchema)
@blueprint.response(201, StatementFileSchema)
def import_statement(given: dict[str, Any]) -> StatementFile:
    """Take a statement in, whole or not at all; the same content again answers the file kept before."""
    balances = csvmap.Balances(given["opening_cents"], given["closing_cents"])
    source = Source(form=given["format"], account=given["account"], layout_id=given["layout_id"], balances=balances)
    return actions.import_statement(current_tx(), given["content"].encode(), source)


@blueprint.route("/statements/<uuid:file_id>/match", methods=["POST"])
@blueprint.response(200, MatchCountsSchema)
def match(file_id: UUID) -> dict[str, int]:
    """Match the statement's open lines with our payments."""
    return actions.match(current_tx(), file_id)
