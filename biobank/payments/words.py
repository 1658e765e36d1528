"""Payments in words: what each state, outcome and exception means to whoever reads it, and what to do next."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency
from flask_babel import get_locale, lazy_gettext
from flask_babel.speaklater import LazyString

from biobank.payments import (
    ach,
    ach_changes,
    ach_returns,
    asking,
    bookings,
    caps,
    card_loads,
    deliveries,
    errands,
    floats,
    gates,
    handover,
    jobs,
    matching,
    matching_by_hand,
    orders,
    reconciliation,
    settling,
    strays,
    sweeps,
)
from biobank.payments.entry_words import ENTRIES, account_in
from biobank.payments.models import (
    CallPurpose,
    ExceptionKind,
    MatchState,
    PeriodState,
    PeriodStep,
    ResolutionCode,
    State,
    StatementForm,
    StopReason,
)
from biobank.payments.provider_words import (
    CAPS,
    DECISIONS,
    GATE_STEPS,
    MEANS,
    PROVIDERS,
    REASONS,
    STANDING_TONES,
    STANDINGS,
)
from biobank.payments.providers import judgement, tremendous
from biobank.payments.providers.base import OutcomeKind
from biobank.web.languages import said

__all__ = [
    "CAPS", "DECISIONS", "ENTRIES", "GATE_STEPS", "MEANS", "PROVIDERS", "REASONS", "STANDINGS", "STANDING_TONES",
    "account_in",
]  # fmt: skip

STATES: Mapping[State, LazyString] = {
    State.QUEUED: lazy_gettext("Waits to be sent"),
    State.SENDING: lazy_gettext("Being sent"),
    State.SENT: lazy_gettext("Sent"),
    State.UNKNOWN: lazy_gettext("Unknown"),
    State.SETTLED: lazy_gettext("Settled"),
    State.FAILED: lazy_gettext("Failed"),
    State.RETURNED: lazy_gettext("Returned"),
    State.HELD: lazy_gettext("Held"),
    State.VOIDED: lazy_gettext("Not wanted"),
    State.RESERVED: lazy_gettext("Kept ready at the desk"),
}
TONES: Mapping[State, str] = {
    State.QUEUED: "now",
    State.SENDING: "now",
    State.SENT: "done",
    State.UNKNOWN: "wait",
    State.SETTLED: "done",
    State.FAILED: "wrong",
    State.RETURNED: "wrong",
    State.HELD: "wait",
    State.VOIDED: "quiet",
    State.RESERVED: "now",
}
OUTCOMES: Mapping[OutcomeKind, LazyString] = {
    OutcomeKind.CONFIRMED: lazy_gettext("Confirmed"),
    OutcomeKind.REJECTED: lazy_gettext("Rejected"),
    OutcomeKind.NO_FUNDS: lazy_gettext("No funds, nothing made"),
    OutcomeKind.THROTTLED: lazy_gettext("Too many requests, nothing made"),
    OutcomeKind.UNKNOWN: lazy_gettext("Unclear"),
    OutcomeKind.ABSENT: lazy_gettext("Not there"),
}
PURPOSES: Mapping[CallPurpose, LazyString] = {
    CallPurpose.SUBMIT: lazy_gettext("Pay"),
    CallPurpose.LOOKUP: lazy_gettext("Look up"),
}
MATCHES: Mapping[MatchState, LazyString] = {
    MatchState.SUGGESTED: lazy_gettext("Suggested"),
    MatchState.CONFIRMED: lazy_gettext("Matched"),
    MatchState.UNDONE: lazy_gettext("Taken back"),
}
EXCEPTIONS: Mapping[ExceptionKind, LazyString] = {
    ExceptionKind.UNKNOWN_OUTCOME: lazy_gettext(
        "For three days the provider has not said whether it paid. Ask its support."
    ),
    ExceptionKind.FAILED: lazy_gettext("The provider did not pay. Open the payment, find out why, then pay again."),
    ExceptionKind.REF_COLLISION: lazy_gettext("The provider gave one reference to two payments. Ask its support."),
    ExceptionKind.AMOUNT_DIFF: lazy_gettext(
        "The statement shows another amount than ours. Ask the provider for the order."
    ),
    ExceptionKind.AMBIGUOUS: lazy_gettext(
        "One reference on several lines, or several on one. Compare with the provider's list."
    ),
    ExceptionKind.CHARGED_TWICE: lazy_gettext(
        "The provider charged a payment again that is settled. Claim the money back."
    ),
    ExceptionKind.PAID_AFTER_ALL: lazy_gettext(
        "The provider charged a payment that we hold as failed. Do not pay it again."
    ),
    ExceptionKind.PROVIDER_NOT_OURS: lazy_gettext(
        "The provider charged a payment that we never made. Ask its support at once."
    ),
    ExceptionKind.OURS_NOT_PROVIDER: lazy_gettext("We hold a payment as made that the provider does not know. Ask it."),
    ExceptionKind.DUPLICATE_PERSON_PAID: lazy_gettext(
        "Two registrations of one person were both paid. Note it; nothing is taken back."
    ),
    ExceptionKind.RETURNED: lazy_gettext(
        "Money of a payment came back. Book it as a refund; then it can be paid again."
    ),
    ExceptionKind.DELIVERY_FAILED: lazy_gettext(
        "The payment could not be delivered. Have the contact corrected and send the same one again."
    ),
    ExceptionKind.FLAGGED: lazy_gettext(
        "The provider holds the payment for review. Look at its page and answer there."
    ),
    ExceptionKind.STALE_CLEARING: lazy_gettext("Money in transit has not arrived for ten days. Ask the bank."),
    ExceptionKind.STOCK_COUNT_DIFF: lazy_gettext(
        "The cards counted are not those in the books. Count again with another person."
    ),
    ExceptionKind.FLOAT_DIFF: lazy_gettext(
        "The cash counted is not what the books say. Count again with another person."
    ),
    ExceptionKind.FEE_UNEXPECTED: lazy_gettext(
        "A fee stands on the statement that we did not expect. Ask for its reason, then book it."
    ),
    ExceptionKind.BOOKS_DIFFER: lazy_gettext(
        "An equation of the books does not hold. Find the entry behind it before anything else."
    ),
    ExceptionKind.STATEMENT_GAP: lazy_gettext(
        "Something is missing between two statements. Export the days between them."
    ),
}
RESOLUTIONS: Mapping[ResolutionCode, LazyString] = {
    ResolutionCode.EXPLAINED: lazy_gettext("Explained, nothing to correct"),
    ResolutionCode.CORRECTED: lazy_gettext("Corrected elsewhere"),
    ResolutionCode.BOOKED_FEE: lazy_gettext("A fee"),
    ResolutionCode.BOOKED_TOPUP: lazy_gettext("A top-up of the provider's balance"),
    ResolutionCode.BOOKED_SUSPENSE: lazy_gettext("To suspense, until it is cleared up"),
    ResolutionCode.BOOKED_REFUND: lazy_gettext("The refund of a payment of ours"),
    ResolutionCode.WRITTEN_OFF: lazy_gettext("Written off"),
}
FORMS: Mapping[StatementForm, LazyString] = {
    StatementForm.CSV: lazy_gettext("CSV of this program"),
    StatementForm.MAPPED_CSV: lazy_gettext("CSV by a saved layout"),
    StatementForm.BAI2: lazy_gettext("BAI2"),
    StatementForm.CAMT053: lazy_gettext("camt.053"),
    StatementForm.OFX: lazy_gettext("OFX"),
    StatementForm.TREMENDOUS: lazy_gettext("Tremendous balance transactions"),
    StatementForm.ACH_RETURNS: lazy_gettext("ACH returns"),
}
PERIODS: Mapping[PeriodState, LazyString] = {
    PeriodState.OPEN: lazy_gettext("Open"),
    PeriodState.LOCKED: lazy_gettext("Locked"),
    PeriodState.CLOSED: lazy_gettext("Closed"),
}
PERIOD_TONES: Mapping[PeriodState, str] = {
    PeriodState.OPEN: "now",
    PeriodState.LOCKED: "wait",
    PeriodState.CLOSED: "done",
}
STEPS: Mapping[PeriodStep, LazyString] = {
    PeriodStep.LOCKED: lazy_gettext("Locked"),
    PeriodStep.UNLOCKED: lazy_gettext("Opened again before the close"),
    PeriodStep.WAIVED: lazy_gettext("Waived"),
    PeriodStep.SIGNED: lazy_gettext("Signed"),
    PeriodStep.REFUSED: lazy_gettext("Close refused"),
    PeriodStep.CLOSED: lazy_gettext("Closed"),
    PeriodStep.REOPENED: lazy_gettext("Opened again after the close"),
}
STOPS: Mapping[StopReason, LazyString] = {
    StopReason.NO_FUNDS: lazy_gettext(
        "The provider's balance is empty: nothing is sent. Fill it; sending goes on by itself."
    ),
    StopReason.REFUSED: lazy_gettext(
        "The provider refuses our key: nothing is sent. Have the key renewed; sending goes on by itself."
    ),
}
# What we write into the history ourselves; everything else there is somebody's own words.
_KEPT = (
    strays.NAMES, reconciliation.DIFFERS, reconciliation.UNCLEAR, settling.TOLD,
    matching_by_hand.TAKEN_BACK, matching_by_hand.MATCHED, reconciliation.CAME_BACK, matching.SUMMED, bookings.BOOKED,
    orders.MISSING,
    matching.EXACT, matching.ALONE, jobs.TAKEN, judgement.NOT_OURS, judgement.HELD,
    tremendous.UNANSWERED, tremendous.REFUSED, gates.OPENED, sweeps.MENDED, sweeps.FORGOTTEN,
    asking.UNDELIVERED, asking.CANCELLED, caps.PASSED, caps.RELEASED, floats.DIFFERS, handover.READY,
    handover.GIVEN, handover.BACK, handover.BY_LINK, ach.IN_FILE, ach.RELEASED, ach.DROPPED, ach_returns.CAME_BACK,
    ach_changes.CHANGED, deliveries.BY_EMAIL, deliveries.BY_PHONE, deliveries.NO_ADDRESS, errands.SENT_AGAIN,
    errands.TAKEN_BACK, errands.KEPT, errands.REFUSED, card_loads.LOADED, card_loads.CAME_BACK,
)  # fmt: skip


def note(text: str | None) -> str:
    """A note of the history in the reader's language if we wrote it, as it is if a person or the provider did."""
    return said(text, _KEPT)


def money(cents: int) -> str:
    """Cents as dollars in the reader's language, as that language writes them in the United States."""
    reader = get_locale()
    return str(format_currency(Decimal(cents).scaleb(-2), "USD", locale=f"{reader.language if reader else 'en'}_US"))
