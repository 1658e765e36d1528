"""What each answer proves: only the provider's own word makes a payment sent or failed."""

import pytest

from biobank.payments.models import CallPurpose, State
from biobank.payments.providers.base import Outcome, OutcomeKind
from biobank.payments.verdict import Answer, judge, needs_lookup

SUBMIT, LOOKUP = CallPurpose.SUBMIT, CallPurpose.LOOKUP
REJECTED = Outcome(OutcomeKind.REJECTED, http_status=422)
KEY_REFUSED = Outcome(OutcomeKind.REJECTED, http_status=401)
DEAD_ORDER = Outcome(OutcomeKind.REJECTED, provider_ref="ORDER")


def _after(*answers: Answer, is_doubtful: bool = False, absent_counts: bool = False) -> State:
    return judge(answers, is_doubtful=is_doubtful, absent_counts=absent_counts)


@pytest.mark.parametrize("is_doubtful", [False, True])
@pytest.mark.parametrize("kind", [OutcomeKind.UNKNOWN, OutcomeKind.ABSENT])
def test_an_unclear_answer_is_never_a_failure(kind: OutcomeKind, is_doubtful: bool) -> None:
    assert _after(Answer(SUBMIT, Outcome(kind)), is_doubtful=is_doubtful) is State.UNKNOWN


@pytest.mark.parametrize("purpose", CallPurpose)
def test_a_confirmed_order_is_sent_whatever_went_before(purpose: CallPurpose) -> None:
    assert _after(Answer(purpose, Outcome(OutcomeKind.CONFIRMED)), is_doubtful=True) is State.SENT


@pytest.mark.parametrize("kind", [OutcomeKind.NO_FUNDS, OutcomeKind.THROTTLED])
def test_a_call_that_made_nothing_waits_for_its_turn_again(kind: OutcomeKind) -> None:
    assert _after(Answer(SUBMIT, Outcome(kind))) is State.QUEUED


@pytest.mark.parametrize("kind", [OutcomeKind.NO_FUNDS, OutcomeKind.THROTTLED])
def test_a_call_that_made_nothing_does_not_clear_an_earlier_doubt(kind: OutcomeKind) -> None:
    assert _after(Answer(SUBMIT, Outcome(kind)), is_doubtful=True) is State.UNKNOWN


def test_a_first_rejection_is_a_failure() -> None:
    assert _after(Answer(SUBMIT, REJECTED)) is State.FAILED


def test_a_refused_key_fails_no_payment() -> None:
    assert _after(Answer(SUBMIT, KEY_REFUSED)) is State.QUEUED
    assert not needs_lookup(KEY_REFUSED, is_doubtful=True)


def test_an_order_that_the_provider_holds_as_failed_is_a_failure_even_after_doubt() -> None:
    assert _after(Answer(SUBMIT, DEAD_ORDER), is_doubtful=True) is State.FAILED
    assert _after(Answer(LOOKUP, DEAD_ORDER), is_doubtful=True) is State.FAILED


def test_a_rejection_after_doubt_must_be_looked_up() -> None:
    assert needs_lookup(REJECTED, is_doubtful=True)
    assert not needs_lookup(REJECTED, is_doubtful=False)
    assert _after(Answer(SUBMIT, REJECTED), is_doubtful=True) is State.UNKNOWN


@pytest.mark.parametrize(("absent_counts", "state"), [(False, State.UNKNOWN), (True, State.FAILED)])
def test_rejected_and_absent_is_a_failure_once_the_wait_is_over(absent_counts: bool, state: State) -> None:
    answers = Answer(SUBMIT, REJECTED), Answer(LOOKUP, Outcome(OutcomeKind.ABSENT))
    assert _after(*answers, is_doubtful=True, absent_counts=absent_counts) is state


def test_absent_alone_is_no_failure() -> None:
    answer = Answer(LOOKUP, Outcome(OutcomeKind.ABSENT))
    assert _after(answer, is_doubtful=True, absent_counts=True) is State.UNKNOWN
