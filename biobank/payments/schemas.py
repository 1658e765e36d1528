"""How payments cross the wire: codes, cents and states; never a link, never a name."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from biobank.payments import ledger
from biobank.payments.ageing import BUCKETS
from biobank.payments.figures import Totals
from biobank.payments.formats.csvmap import DAY_FORMS
from biobank.payments.listing import PAYABLE, Wanted
from biobank.payments.models import ResolutionCode, State, StatementForm
from biobank.payments.statement_files import ACCOUNTS
from biobank.web.api import PageQuery


class Narrowed(ma.Schema):
    """Which payments: of one state or still to be paid, of one age, site, way and time; or those of a reference."""

    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(["", *State, PAYABLE]))
    age = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *BUCKETS]))
    reference = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    site = ma.fields.UUID(load_default=None, allow_none=True)
    provider = ma.fields.String(load_default="", validate=ma.validate.Length(max=40))
    since = ma.fields.Date(load_default=None, allow_none=True)
    until = ma.fields.Date(load_default=None, allow_none=True)


class PaymentQuery(PageQuery, Narrowed):
    """A page of payments."""


def wanted_of(given: Mapping[str, Any]) -> Wanted:
    """What a request narrows the payments to."""
    return Wanted(state=given["state"] or None, age=given["age"], reference=given["reference"].strip(),
                  site_id=given["site"], provider=given["provider"], since=given["since"],
                  until=given["until"])  # fmt: skip


class PaymentSchema(ma.Schema):
    """One attempt to pay; `reference` is the key it has with the provider and on the statement."""

    id = ma.fields.UUID()
    state = ma.fields.String()
    amount_cents = ma.fields.Integer()
    seq = ma.fields.Integer()
    reference = ma.fields.String(attribute="external_id")
    payee_code = ma.fields.String(attribute="entitlement.payee.code")
    site_code = ma.fields.String(attribute="entitlement.site.code")
    earned_at = ma.fields.AwareDateTime(attribute="entitlement.earned_at")
    created_at = ma.fields.AwareDateTime()
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    settled_at = ma.fields.AwareDateTime(allow_none=True)
    attempts = ma.fields.Integer()
    provider_ref = ma.fields.String(allow_none=True)
    version = ma.fields.Integer()


class EventSchema(ma.Schema):
    """One step of a payment."""

    at = ma.fields.AwareDateTime()
    came_from = ma.fields.String(allow_none=True)
    state = ma.fields.String()
    attempt = ma.fields.Integer()
    by = ma.fields.String(attribute="actor_name")
    note = ma.fields.String()


class CallSchema(ma.Schema):
    """One call to the provider."""

    at = ma.fields.AwareDateTime()
    attempt = ma.fields.Integer()
    purpose = ma.fields.String()
    outcome = ma.fields.String()
    http_status = ma.fields.Integer(allow_none=True)
    status = ma.fields.String(allow_none=True)
    detail = ma.fields.String()
    raw_hash = ma.fields.String(allow_none=True)


class TransferSchema(ma.Schema):
    """One entry of the ledger."""

    uid = ma.fields.String()
    debit = ma.fields.String()
    credit = ma.fields.String()
    amount_cents = ma.fields.Integer()
    posted_on = ma.fields.Date()


class MatchedLineSchema(ma.Schema):
    """A statement line that belongs to a payment, and why."""

    state = ma.fields.String()
    rule = ma.fields.String()
    why = ma.fields.String()
    statement_id = ma.fields.UUID(attribute="line.file_id")
    line_number = ma.fields.Integer(attribute="line.number")
    booked_on = ma.fields.Date(attribute="line.booked_on")
    amount_cents = ma.fields.Integer(attribute="line.amount_cents")


class PaymentStorySchema(PaymentSchema):
    """A payment with everything behind it, down to the statement line."""

    events = ma.fields.List(ma.fields.Nested(EventSchema))
    calls = ma.fields.List(ma.fields.Nested(CallSchema))
    transfers = ma.fields.List(ma.fields.Nested(TransferSchema))
    matches = ma.fields.List(ma.fields.Nested(MatchedLineSchema))


def summary(totals: Totals) -> dict[str, Any]:
    """The figures as JSON: a count for each state, amounts in cents."""
    return {
        **{str(state): count for state, count in totals.counts.items()},
        "payable": totals.payable_count,
        "payable_cents": totals.payable_cents,
        "sent_cents": totals.sent_cents,
        "settled_cents": totals.settled_cents,
        "unknown_since": totals.unknown_since and totals.unknown_since.isoformat(),
        "exceptions": totals.exceptions,
        "unmatched_lines": totals.unmatched_lines,
        "unmatched_transfers": totals.unmatched_transfers,
        "books_difference_cents": totals.books_difference_cents,
    }


class StatementSchema(ma.Schema):
    """A statement to take in, its text in full; of the provider's balance (1100) or the bank (1000).

    `layout_id` is the saved layout of a bank's own CSV; the balances in cents are for a layout without that column.
    """

    format = ma.fields.Enum(StatementForm, by_value=True, required=True)
    content = ma.fields.String(required=True, load_only=True)
    account = ma.fields.String(load_default=ledger.PROVIDER, validate=ma.validate.OneOf([*ACCOUNTS]))
    layout_id = ma.fields.UUID(load_default=None)
    opening_cents = ma.fields.Integer(strict=True, load_default=None)
    closing_cents = ma.fields.Integer(strict=True, load_default=None)


class StatementFileSchema(ma.Schema):
    """A statement that was kept; balances in cents."""

    id = ma.fields.UUID()
    sha256 = ma.fields.String()
    account = ma.fields.String()
    opened_on = ma.fields.Date()
    closed_on = ma.fields.Date()
    opening_cents = ma.fields.Integer()
    closing_cents = ma.fields.Integer()
    line_count = ma.fields.Integer()
    new_count = ma.fields.Integer()


class MatchCountsSchema(ma.Schema):
    """How many lines ended in each way."""

    confirmed = ma.fields.Integer()
    suggested = ma.fields.Integer()
    ambiguous = ma.fields.Integer()
    exceptions = ma.fields.Integer()
    unmatched_lines = ma.fields.Integer()
    unmatched_transfers = ma.fields.Integer()


class NoteForm(ma.Schema):
    """What a person says about what they do."""

    note = ma.fields.String(required=True, validate=ma.validate.Length(3, 400))


class ResolveForm(NoteForm):
    """How an exception ends."""

    code = ma.fields.Enum(ResolutionCode, by_value=True, load_default=ResolutionCode.EXPLAINED)


class AssignForm(ma.Schema):
    """Whose an exception is, and by when it must be answered."""

    owner = ma.fields.UUID(required=True)
    due_on = ma.fields.Date(required=True)


class BasketForm(NoteForm):
    """The lines and entries of one basket, and why they are the same money."""

    line = ma.fields.List(ma.fields.UUID(), load_default=list)
    entry = ma.fields.List(ma.fields.UUID(), load_default=list)


class BookingForm(NoteForm):
    """What a statement line is to be booked as."""

    code = ma.fields.Enum(ResolutionCode, by_value=True, required=True)


class LayoutForm(ma.Schema):
    """How one source writes its CSV; `text` names one or more columns, divided by commas."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(2, 60))
    day = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    day_form = ma.fields.String(required=True, validate=ma.validate.OneOf([*DAY_FORMS]))
    text = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))
    reference = ma.fields.String(load_default="")
    amount = ma.fields.String(load_default="")
    paid_out = ma.fields.String(load_default="")
    paid_in = ma.fields.String(load_default="")
    balance = ma.fields.String(load_default="")
    delimiter = ma.fields.String(load_default=",", validate=ma.validate.Length(1, 1))
    out_is_positive = ma.fields.Boolean(load_default=False)
    newest_first = ma.fields.Boolean(load_default=False)


class EquationSchema(ma.Schema):
    """Two ways to one figure, in cents or counts; `difference` is 0 when the books hold."""

    code = ma.fields.String()
    name = ma.fields.String()
    expected = ma.fields.Integer()
    found = ma.fields.Integer()
    difference = ma.fields.Integer()
    unit = ma.fields.String()


class PeriodSchema(ma.Schema):
    """A month of the books."""

    code = ma.fields.String()
    state = ma.fields.String()
    opens_on = ma.fields.Date()
    closes_on = ma.fields.Date()
    signed_by = ma.fields.String(allow_none=True)
    signed_at = ma.fields.AwareDateTime(allow_none=True)
    closed_by = ma.fields.String(allow_none=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True)
    pack_sha256 = ma.fields.String(allow_none=True)
    version = ma.fields.Integer()


class PointSchema(ma.Schema):
    """One point of a month's checklist."""

    code = ma.fields.String()
    name = ma.fields.String()
    count = ma.fields.Integer()
    cents = ma.fields.Integer(allow_none=True)
    is_blocker = ma.fields.Boolean()
    stops = ma.fields.Boolean()


class WaiveSchema(NoteForm):
    """Which point of the checklist is waived, and why."""

    item = ma.fields.String(required=True)


class ExceptionSchema(ma.Schema):
    """Something a person must look into."""

    id = ma.fields.UUID()
    kind = ma.fields.String()
    disbursement_id = ma.fields.UUID(allow_none=True)
    line_id = ma.fields.UUID(allow_none=True)
    opened_at = ma.fields.AwareDateTime()
    due_on = ma.fields.Date(allow_none=True)
    owner = ma.fields.String(allow_none=True)
    note = ma.fields.String()
    resolved_at = ma.fields.AwareDateTime(allow_none=True)
    resolution = ma.fields.String(allow_none=True)
    resolution_code = ma.fields.String(allow_none=True)
    version = ma.fields.Integer()


class ProviderSchema(ma.Schema):
    """How a provider stands."""

    name = ma.fields.String()
    standing = ma.fields.String()
    until = ma.fields.AwareDateTime(allow_none=True)
    held_by = ma.fields.String(allow_none=True)
    held_reason = ma.fields.String(allow_none=True)
    waiting = ma.fields.Integer()
    in_doubt = ma.fields.Integer()
    oldest = ma.fields.AwareDateTime(allow_none=True)
    open_hints = ma.fields.Integer()
