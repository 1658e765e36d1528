"""What an order, or an HTTP status, proves about one of our payments."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from biobank import clock
from biobank.errors import Phrase
from biobank.payments.providers.base import Delivery, Outcome, OutcomeKind, PaymentRequest
from biobank.payments.providers.wire import Order

ANSWERED = frozenset({200, 201, 202})
REFUSALS = {
    400: OutcomeKind.REJECTED,
    401: OutcomeKind.REJECTED,
    402: OutcomeKind.NO_FUNDS,
    422: OutcomeKind.REJECTED,
    429: OutcomeKind.THROTTLED,
}
EXECUTED, FAILED = "EXECUTED", "FAILED"
LONGEST_PAUSE = 15 * 60
DEAD = Phrase("The provider's order failed and keeps its reference: pay under a new one.")
NOT_OURS = Phrase("The provider's order is not ours: %(differences)s.")
HELD = Phrase("The provider holds the order as %(status)s: ask again, or settle it with the provider.")


def judge(order: Order, *, external_id: str, expected: PaymentRequest | None, raw_hash: str, status: int) -> Outcome:
    """CONFIRMED only for an executed order equal to ours; FAILED at the provider is REJECTED; else UNKNOWN."""
    differences = tuple(_differences(order, external_id, expected))
    kind, detail = _verdict(order.status)
    if differences:
        kind, detail = OutcomeKind.UNKNOWN, NOT_OURS % {"differences": "; ".join(differences)}
    return Outcome(
        kind,
        detail,
        provider_ref=order.provider_ref,
        reward_ref=order.reward_ref,
        amount_cents=order.amount_cents,
        currency=order.currency,
        fee_cents=order.fee_cents,
        status=order.status,
        # Somebody else's bearer money must not reach our participant.
        link=None if differences else order.link,
        http_status=status,
        raw_hash=raw_hash,
    )


def _verdict(status: str) -> tuple[OutcomeKind, str]:
    if status == EXECUTED:
        return OutcomeKind.CONFIRMED, ""
    if status == FAILED:
        return OutcomeKind.REJECTED, DEAD
    return OutcomeKind.UNKNOWN, HELD % {"status": status}


def _differences(order: Order, external_id: str, expected: PaymentRequest | None) -> Iterator[str]:
    if order.external_id != external_id:
        yield f"reference {order.external_id or 'none'} instead of {external_id}"
    if expected is None:
        return
    if order.amount_cents != expected.amount_cents:
        yield f"{order.amount_cents} cents instead of {expected.amount_cents}"
    if order.currency != expected.currency:
        yield f"currency {order.currency} instead of {expected.currency}"
    if order.method != expected.delivery.upper():
        yield f"delivery {order.method} instead of {expected.delivery.upper()}"
    if not _same_recipient(order, expected):
        yield "another recipient"


def _same_recipient(order: Order, expected: PaymentRequest) -> bool:
    """True unless the provider names another address than ours; what it leaves out cannot be compared."""
    email, phone = order.recipient.get("email"), order.recipient.get("phone")
    if expected.delivery is Delivery.EMAIL and email:
        return str(email).casefold() == str(expected.recipient_email).casefold()
    if expected.delivery is Delivery.PHONE and phone:
        return _digits(str(phone)) == _digits(str(expected.recipient_phone))
    return True


def _digits(phone: str) -> str:
    # The provider adds the country code; ten digits are what a US number has.
    return "".join(filter(str.isdigit, phone))[-10:]


def retry_after(value: str | None) -> int:
    """Seconds to wait, from a Retry-After header (RFC 9110 10.2.3): 1 when absent, at most 15 minutes."""
    if value is None:
        return 1
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), LONGEST_PAUSE)
    try:
        until: datetime = parsedate_to_datetime(value)
        wait = until - clock.now()
    except (ValueError, TypeError):
        return 1
    return max(1, min(-(-wait // timedelta(seconds=1)), LONGEST_PAUSE))
