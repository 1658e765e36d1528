"""The worker that pays: claim and commit, call with the saved key, record; a timeout is unknown, never failed."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.db import Databases, Tx, run_tx
from biobank.errors import UnsafeSettings
from biobank.payments import asking, errands, gates, jobs, links, providers, stops, sweeps, verdict
from biobank.payments.jobs import Claim
from biobank.payments.models import CallPurpose, State
from biobank.payments.providers.base import Provider
from biobank.payments.till import Pace, Till
from biobank.payments.verdict import Answer
from biobank.web.logs import log

# Of a key's life at the provider, so much may pass before nothing is sent with it any more.
KEY_SHARE = 0.8
# So many payments are claimed together while the provider answers well, and the last of them begins to be called about
# within such a share of the lease.
TOGETHER, ROUND_SHARE = 5, 0.1


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked and answered about one payment, and the state that follows."""

    claim: Claim
    answers: Sequence[Answer]
    state: State


def run_worker(databases: Databases, settings: Settings, stop: threading.Event, *, pace: Pace | None = None) -> None:
    """Pay what is due until told to stop. Raises `UnsafeSettings` when the provider is not set up."""
    with closing(open_provider(settings)) as provider:
        _work_until(stop, Till(databases=databases, provider=provider, name=settings.payment_provider,
                               pace=pace or Pace()))  # fmt: skip


def _work_until(stop: threading.Event, till: Till) -> None:
    sweep_at, most = 0.0, 1
    while not stop.is_set():
        started, paid = time.monotonic(), list[State]()
        try:
            if started >= sweep_at:
                _sweep(till)
                sweep_at = started + till.pace.sweep.total_seconds()
            paid = pay_next(till, most=most)
            calls = len(paid) or _do_other(till)
        except sa.exc.SQLAlchemyError as problem:
            # The database is away or busy: what was claimed is claimed again when its lease runs out.
            log.error("failed", exception_kind=type(problem).__name__, where="payment worker")
            calls = 0
        most = TOGETHER if paid and set(paid) == {State.SENT} else 1
        pause = till.between_calls * calls if calls else till.pace.idle
        stop.wait(max(0.0, pause.total_seconds() - (time.monotonic() - started)))


def _sweep(till: Till) -> None:
    if sweeps.sweep_when_due(till):
        log.warning("forgotten payments found")


def _do_other(till: Till) -> bool:
    """One call about what is no payment to make, of whichever kind is due; False when there is none."""
    return links.renew_next(till) or errands.run_next(till) or asking.ask_next(till)


def open_provider(settings: Settings) -> Provider:
    """The provider that the settings name. Raises `UnsafeSettings` saying what is missing."""
    if not settings.payment_base_url or settings.payment_key_file is None:
        raise UnsafeSettings("BIOBANK_PAYMENT_BASE_URL and BIOBANK_PAYMENT_KEY_FILE must be set to send payments.")
    try:
        if not providers.kind_of(settings.payment_provider).capabilities.is_called:
            raise UnsafeSettings("BIOBANK_PAYMENT_PROVIDER pays by file or by hand: choose one that a worker calls.")
        return providers.load(
            settings.payment_provider,
            base_url=settings.payment_base_url,
            api_key=_key(settings.payment_key_file),
            funding_source_id=settings.payment_funding_source,
            campaign_id=settings.payment_campaign,
        )
    except (ValueError, LookupError) as problem:
        raise UnsafeSettings(str(problem)) from problem


def _key(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as problem:
        raise UnsafeSettings("The file of BIOBANK_PAYMENT_KEY_FILE cannot be read.") from problem


def work_once(databases: Databases, provider: Provider, *, name: str = "tremendous", pace: Pace | None = None) -> int:
    """Handle everything that is due now, one after another; answers how many calls' results were recorded."""
    till = Till(databases=databases, provider=provider, name=name, pace=pace or Pace())
    count = 0
    while paid := len(pay_next(till)) or links.renew_next(till):
        count += paid
        time.sleep(till.between_calls.total_seconds())
    return count


def pay_next(till: Till, *, most: int = 1) -> list[State]:
    """Try the payments that have waited longest, each in its turn; what came of each, none when nothing can be sent.

    More than one are claimed together, and their answers recorded together, while the provider answers well. A process
    that dies in between leaves each to whoever claims it next, under the same key, as if it had been the only one.
    """
    if most == 1 and not _is_worth_a_claim(till):
        return []
    claimed_at, most = clock.now(), most if till.provider.capabilities.idempotent else 1
    claims = run_tx(till.databases, lambda tx: jobs.claim_some(tx, till, most), SYSTEM)
    # No transaction is open here: a call may take a minute, and the process may die in it.
    calls: list[Call] = []
    for claim in claims:
        if calls and not _goes_on(till, calls[-1], claimed_at):
            break
        _await(claim)
        answers = _ask(till, claim)
        calls.append(Call(claim, answers, _judge(till, claim, answers)))
    if calls:
        counted = run_tx(till.databases, lambda tx: _record(tx, till, calls, claims[len(calls) :]), SYSTEM)
        for call, is_ours in zip(calls, counted, strict=True):
            log.info("payment", state=call.state if is_ours else "lease lost", count=call.claim.attempt)
    return [call.state for call in calls]


def _goes_on(till: Till, last: Call, claimed_at: datetime) -> bool:
    """Whether the next payment of a round is called about: all is well, and its lease outlasts the longest call."""
    return last.state is State.SENT and clock.now() - claimed_at < till.pace.lease * ROUND_SHARE


def _await(claim: Claim) -> None:
    time.sleep(max(0.0, (claim.call_at - clock.now()).total_seconds()))


def _judge(till: Till, claim: Claim, answers: Sequence[Answer]) -> State:
    return verdict.judge(answers, is_doubtful=claim.doubt_since is not None, absent_counts=_absent_counts(till, claim))


def _record(tx: Tx, till: Till, calls: Sequence[Call], uncalled: Sequence[Claim]) -> list[bool]:
    """Which of them counted. The payments come before the gate, as in a claim: no two workers wait for each other."""
    counted = [jobs.record(tx, till, call.claim, call.answers, call.state) for call in calls]
    for claim in uncalled:
        jobs.give_back(tx, claim)
    stops.stop_for(tx, till, calls[-1].answers[0].outcome, calls[-1].claim.request.amount_cents)
    gates.note(tx, till, [[answer.outcome for answer in call.answers] for call in calls])
    return counted


def _is_worth_a_claim(till: Till) -> bool:
    """Whether a payment is due and may be sent; only reads, and asks a stopped provider for its balance in time."""
    with till.databases.transaction(read_only=True) as tx:
        if gates.is_shut(tx, till.name) or not jobs.is_any_due(tx, till):
            return False
        need = stops.need_of(tx, till.name)
    return need is None or not stops.is_stopped(till, need)


def _ask(till: Till, claim: Claim) -> list[Answer]:
    if not _may_submit(till, claim):
        return [_look_up(till, claim)]
    answers = [Answer(CallPurpose.SUBMIT, till.provider.submit(claim.request))]
    if verdict.needs_lookup(answers[0].outcome, is_doubtful=claim.doubt_since is not None):
        answers.append(_look_up(till, claim))
    return answers


def _look_up(till: Till, claim: Claim) -> Answer:
    return Answer(CallPurpose.LOOKUP, till.provider.lookup(claim.request.external_id, expected=claim.request))


def _may_submit(till: Till, claim: Claim) -> bool:
    """Whether a call with this key is safe: the first one, or the provider keeps to the key and still knows it."""
    if claim.doubt_since is None:
        return True
    promised = till.provider.capabilities
    is_fresh = promised.key_ttl is None or clock.now() - claim.first_at < promised.key_ttl * KEY_SHARE
    return promised.idempotent and is_fresh


def _absent_counts(till: Till, claim: Claim) -> bool:
    """Whether so much time has passed since the last doubtful call that the provider would know of it."""
    wait = till.provider.capabilities.min_wait_before_absent
    return claim.doubt_since is not None and clock.now() - claim.doubt_since >= wait
