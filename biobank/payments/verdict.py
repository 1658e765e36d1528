"""What the provider's answers mean for a payment: pure, and never "failed" without the provider's own proof."""

from collections.abc import Sequence
from dataclasses import dataclass

from biobank.payments.models import CallPurpose, State
from biobank.payments.providers.base import Outcome, OutcomeKind

# After these this one call has made nothing, whatever became of earlier ones.
MADE_NOTHING = frozenset({OutcomeKind.REJECTED, OutcomeKind.NO_FUNDS, OutcomeKind.THROTTLED})


@dataclass(frozen=True, slots=True)
class Answer:
    """One call and what came of it."""

    purpose: CallPurpose
    outcome: Outcome


def needs_lookup(first: Outcome, *, is_doubtful: bool) -> bool:
    """Whether a rejection must be checked: it speaks of its own call, and an earlier one may have paid."""
    return first.kind is OutcomeKind.REJECTED and is_doubtful and not first.stops_provider and not _is_dead(first)


def judge(answers: Sequence[Answer], *, is_doubtful: bool, absent_counts: bool) -> State:
    """The state after these calls: SENT, FAILED, QUEUED or UNKNOWN.

    `is_doubtful`: an earlier call with this key may have paid. `absent_counts`: it is so long ago that the provider
    would know of it by now.
    """
    last = answers[-1]
    if last.outcome.kind is OutcomeKind.CONFIRMED:
        return State.SENT
    if last.purpose is CallPurpose.LOOKUP:
        return _after_lookup(answers, absent_counts=absent_counts)
    return _after_submit(last.outcome, is_doubtful=is_doubtful)


def _after_lookup(answers: Sequence[Answer], *, absent_counts: bool) -> State:
    found = answers[-1].outcome
    if _is_dead(found):
        return State.FAILED
    was_rejected = answers[0].outcome.kind is OutcomeKind.REJECTED
    if was_rejected and found.kind is OutcomeKind.ABSENT and absent_counts:
        return State.FAILED
    return State.UNKNOWN


def _after_submit(outcome: Outcome, *, is_doubtful: bool) -> State:
    if _is_dead(outcome):
        return State.FAILED
    if outcome.kind not in MADE_NOTHING or is_doubtful:
        return State.UNKNOWN
    if outcome.kind is OutcomeKind.REJECTED and not outcome.stops_provider:
        return State.FAILED
    return State.QUEUED


def _is_dead(outcome: Outcome) -> bool:
    """Whether the provider itself holds the order as failed, which it will stay."""
    return outcome.kind is OutcomeKind.REJECTED and outcome.provider_ref is not None
