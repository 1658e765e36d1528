"""The payments as jobs: claimed under a lease before the call, recorded by whoever still holds it after."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import deliveries, gates, ledger, links, states, stops
from biobank.payments.models import (
    CallPurpose,
    Disbursement,
    DisbursementEvent,
    ExceptionKind,
    PayScheme,
    ProviderCall,
    State,
    TransferKind,
)
from biobank.payments.providers.base import Delivery, Outcome, PaymentRequest
from biobank.payments.questions import open_exception
from biobank.payments.states import Step
from biobank.payments.till import FIRST_ASKED, Till
from biobank.payments.verdict import MADE_NOTHING, Answer

TAKEN = Phrase("The provider's reference %(reference)s is taken.")
NOT_CALLED = Phrase("The provider was not asked about it: it waits as before.")
_WAITING = (State.QUEUED, State.UNKNOWN, State.SENDING)

_CALL = sa.insert(ProviderCall.__table__)  # type: ignore[arg-type]
_PAYMENT: Any = Disbursement.__table__
_TAKEN_BY = sa.select(_PAYMENT.c.id).where(
    _PAYMENT.c.provider == sa.bindparam("till"), _PAYMENT.c.provider_ref == sa.bindparam("ref"),
    _PAYMENT.c.id != sa.bindparam("own"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One try of one payment; `doubt_since` is when the last earlier try that may have paid began, if there is one.

    The call goes at `call_at` by the provider's rate.
    """

    disbursement_id: UUID
    request: PaymentRequest
    attempt: int
    lease_token: str
    doubt_since: datetime | None
    first_at: datetime
    call_at: datetime


def _due(state: State) -> sa.Select[UUID]:
    """Payments whose time has come; one in the state `sending` has it when its lease runs out."""
    return sa.select(_PAYMENT.c.id).where(
        _PAYMENT.c.state == state,
        _PAYMENT.c.next_at <= sa.bindparam("now", type_=_PAYMENT.c.next_at.type),
        sa.or_(_PAYMENT.c.provider.is_(None), _PAYMENT.c.provider == sa.bindparam("till")),
    )


def _oldest(state: State, most: int) -> sa.Select[UUID]:
    """Those that have waited longest and that no other worker holds, read from the index however many wait."""
    # The number stands in the statement itself: for an unknown one a server plans to sort a tenth of all that wait.
    first = _due(state).order_by(_PAYMENT.c.next_at).limit(sa.literal_column(str(most)))
    return sa.select(first.with_for_update(skip_locked=True).subquery().c.id)


_IS_ANY = sa.select(sa.or_(*(_due(state).exists() for state in _WAITING)))


@cache
def _claimed(most: int) -> sa.Select[Any]:
    oldest = [_oldest(state, most if state is State.QUEUED else 1) for state in _WAITING]
    scheme: Any = PayScheme.__table__
    return (
        sa.select(_PAYMENT.c.id, _PAYMENT.c.entitlement_id, _PAYMENT.c.state, _PAYMENT.c.attempts,
                  _PAYMENT.c.external_id, _PAYMENT.c.amount_cents, scheme.c.currency,
                  deliveries.chosen_for(_PAYMENT.c.entitlement_id).label("chosen"))
        .join(scheme, scheme.c.id == _PAYMENT.c.scheme_id)
        .where(_PAYMENT.c.id.in_(sa.union_all(*oldest)), ~stops.holds(sa.bindparam("till")))
        .order_by(_PAYMENT.c.next_at)
        .limit(sa.literal_column(str(most)))
    )  # fmt: skip


def is_any_due(tx: Tx, till: Till) -> bool:
    """Whether a payment waits to be called about; only reads."""
    return tx.connection.scalar(_IS_ANY, {"now": clock.now(), "till": till.name}) or False


def claim(tx: Tx, till: Till) -> Claim | None:
    """Lease the payment that has waited longest, before any call is made; None when there is none or no turn yet."""
    return next(iter(claim_some(tx, till, 1)), None)


def claim_some(tx: Tx, till: Till, most: int) -> list[Claim]:
    """Lease those that have waited longest, each with its turn; none when nothing is due or there is no turn yet.

    Nothing that was looked at before is relied upon: a stopped provider, a shut gate and a used-up rate answer none.
    """
    found = tx.connection.execute(_claimed(most), {"now": clock.now(), "till": till.name}).all()
    together = [*found[:1], *takewhile(_is_fresh, found[1:])]
    turns = gates.pass_some(tx, till, len(together)) if together else []
    claims = [_lease(tx, till, payment, call_at) for payment, call_at in zip(together, turns, strict=False)]
    return [one for one in claims if one is not None]


def _is_fresh(payment: sa.Row[*tuple[Any, ...]]) -> bool:
    """Whether it was never tried and goes out as a link, so that a claim without a call can be undone without trace."""
    return not payment.attempts and payment.state is State.QUEUED and payment.chosen in (None, Delivery.LINK)


def _lease(tx: Tx, till: Till, payment: sa.Row[*tuple[Any, ...]], call_at: datetime) -> Claim | None:
    token, until, attempt = secrets.token_urlsafe(32), clock.now() + till.pace.lease, payment.attempts + 1
    # Of a first try nothing was called before, and no history needs to be read.
    doubt_since = _doubt_since(tx, payment.id) if payment.attempts else None
    first_at = _first_at(tx, payment.id) if payment.attempts else clock.now()
    changes = {"lease_token": token, "lease_until": until, "next_at": until, "attempts": attempt, "provider": till.name}
    request, note = deliveries.request_of(tx, payment)
    if not states.move(tx, Step(disbursement_id=payment.id, came_from=payment.state, to=State.SENDING,
                                changes=changes, note=note)):  # fmt: skip
        return None
    return Claim(
        disbursement_id=payment.id, attempt=attempt, lease_token=token, doubt_since=doubt_since,
        request=request, first_at=first_at, call_at=call_at,
    )  # fmt: skip


def give_back(tx: Tx, claim: Claim) -> None:
    """Let a payment wait as before that was claimed and never called about: its first try is still to come."""
    waits = {"lease_token": None, "lease_until": None, "next_at": clock.now(), "attempts": claim.attempt - 1}
    states.move(tx, Step(disbursement_id=claim.disbursement_id, came_from=State.SENDING, to=State.QUEUED,
                         note=NOT_CALLED, changes=waits, lease_token=claim.lease_token))  # fmt: skip


def _doubt_since(tx: Tx, disbursement_id: UUID) -> datetime | None:
    """When the last try began of which no answer says that it made nothing."""
    harmless = sa.select(ProviderCall.attempt).where(
        ProviderCall.disbursement_id == disbursement_id,
        ProviderCall.purpose == CallPurpose.SUBMIT,
        ProviderCall.outcome.in_(MADE_NOTHING),
    )
    begun = sa.select(sa.func.max(DisbursementEvent.at)).where(
        DisbursementEvent.disbursement_id == disbursement_id,
        DisbursementEvent.state == State.SENDING,
        DisbursementEvent.attempt.not_in(harmless),
    )
    return tx.session.scalar(begun)


def _first_at(tx: Tx, disbursement_id: UUID) -> datetime:
    query = sa.select(sa.func.min(DisbursementEvent.at)).filter_by(disbursement_id=disbursement_id, state=State.SENDING)
    return tx.session.scalars(query).one()


def record(tx: Tx, till: Till, claim: Claim, answers: Sequence[Answer], state: State) -> bool:
    """Write down the calls, and the state unless the lease has gone to somebody else; answers whether it counted."""
    for answer in answers:
        _write_call(tx, claim, answer)
    outcome = answers[-1].outcome
    if state is State.SENT and _is_taken(tx, till, claim, outcome):
        state = State.UNKNOWN
        open_exception(tx, ExceptionKind.REF_COLLISION, TAKEN % {"reference": outcome.provider_ref},
                       disbursement_id=claim.disbursement_id)  # fmt: skip
    changes = _paid(tx, claim, outcome) if state is State.SENT else _unpaid(till, claim, outcome, state)
    if not states.move(tx, Step(disbursement_id=claim.disbursement_id, came_from=State.SENDING, to=state,
                                lease_token=claim.lease_token, note=outcome.detail, changes=changes)):  # fmt: skip
        return False
    _follow_up(tx, till, claim, outcome, state)
    return True


def _write_call(tx: Tx, claim: Claim, answer: Answer) -> None:
    outcome = answer.outcome
    tx.connection.execute(
        _CALL,
        {
            "disbursement_id": claim.disbursement_id, "attempt": claim.attempt, "purpose": answer.purpose,
            "at": clock.now(), "outcome": outcome.kind, "http_status": outcome.http_status,
            "provider_ref": outcome.provider_ref, "status": outcome.status, "amount_cents": outcome.amount_cents,
            "detail": outcome.detail[:600], "raw_hash": outcome.raw_hash,
        },
    )  # fmt: skip


def _is_taken(tx: Tx, till: Till, claim: Claim, outcome: Outcome) -> bool:
    given = {"till": till.name, "ref": outcome.provider_ref, "own": claim.disbursement_id}
    return tx.connection.scalar(_TAKEN_BY, given) is not None


def _paid(tx: Tx, claim: Claim, outcome: Outcome) -> dict[str, Any]:
    sealed = links.seal(tx.databases, claim.disbursement_id, outcome.link) if outcome.link else None
    has_all = sealed is not None or claim.request.delivery is not Delivery.LINK
    return {
        "provider_ref": outcome.provider_ref, "reward_ref": outcome.reward_ref, "sealed_link": sealed,
        "sent_at": clock.now(), "lease_token": None, "lease_until": None,
        "next_at": clock.now() + (FIRST_ASKED if has_all else timedelta(0)),
    }  # fmt: skip


def _unpaid(till: Till, claim: Claim, outcome: Outcome, state: State) -> dict[str, Any]:
    pause = till.pace.pause(claim.attempt, outcome.retry_after)
    return {"lease_token": None, "lease_until": None, "next_at": None if state in states.DEAD else clock.now() + pause}


def _follow_up(tx: Tx, till: Till, claim: Claim, outcome: Outcome, state: State) -> None:
    """What belongs in the same transaction: the books, or the question to a person."""
    if state is State.SENT:
        ledger.post(tx, TransferKind.PAYMENT, claim.disbursement_id, claim.request.amount_cents)
        if outcome.fee_cents:
            ledger.post(tx, TransferKind.FEE, claim.disbursement_id, outcome.fee_cents)
    elif state is State.FAILED:
        open_exception(tx, ExceptionKind.FAILED, outcome.detail or Phrase("The provider holds no such payment."),
                       disbursement_id=claim.disbursement_id)  # fmt: skip
    elif state is State.UNKNOWN and clock.now() - claim.first_at > till.pace.patience:
        open_exception(tx, ExceptionKind.UNKNOWN_OUTCOME, outcome.detail, disbursement_id=claim.disbursement_id)
