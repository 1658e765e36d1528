"""Months of the books: locked, signed and closed in their order; one that is shut takes nothing more."""

import calendar
import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Forbidden, Invalid, NotFound, Phrase
from biobank.payments import checklist, ledger, packs, seals
from biobank.payments.models import Period, PeriodEvent, PeriodPack, PeriodState, PeriodStep, StatementLine, Transfer

CODE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
CLOSE, REOPEN = "payments.close", "payments.reopen"


def days_of(code: str) -> tuple[date, date]:
    """First and last day of the month YYYY-MM. Raises `Invalid` for anything else."""
    found = CODE.fullmatch(code)
    if found is None or int(found[1]) == 0:
        raise Invalid("Write the month as YYYY-MM, such as 2026-11.", code="period-unreadable")
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months(tx: Tx) -> list[str]:
    """Every month from the first entry or statement line to this one, the newest first."""
    first = min(
        (day for day in (tx.session.scalar(sa.select(sa.func.min(Transfer.posted_on))),
                         tx.session.scalar(sa.select(sa.func.min(StatementLine.booked_on)))) if day),
        default=None,
    )  # fmt: skip
    today = clock.now().date()
    first = min(first or today, today)
    number = (today.year - first.year) * 12 + today.month - first.month
    return [_shift(first, step) for step in range(number, -1, -1)]


def _shift(first: date, step: int) -> str:
    year, month = divmod(first.year * 12 + first.month - 1 + step, 12)
    return f"{year:04}-{month + 1:02}"


def period_of(tx: Tx, code: str) -> Period:
    """The month, made known to the database when it is first asked for; raises for a month without any entry."""
    opens_on, closes_on = days_of(code)
    query = sa.select(Period).filter_by(code=code).execution_options(populate_existing=True)
    query = query if tx.read_only else query.with_for_update()
    found = tx.session.scalar(query)
    if found is None and not tx.read_only:
        if code not in months(tx):
            raise NotFound("The books have nothing in this month. Choose one from the list.")
        insert_ignore(tx.session, Period, id=new_id(), code=code, opens_on=opens_on, closes_on=closes_on,
                      state=PeriodState.OPEN, version=1)  # fmt: skip
        found = tx.session.scalars(query).one()
    if found is None:
        return Period(code=code, opens_on=opens_on, closes_on=closes_on, state=PeriodState.OPEN, version=1)
    return found


def history(tx: Tx, period_id: UUID) -> Sequence[PeriodEvent]:
    """What was done to a month, oldest first."""
    return tx.session.scalars(sa.select(PeriodEvent).filter_by(period_id=period_id).order_by(PeriodEvent.id)).all()


def pack_of(tx: Tx, code: str) -> PeriodPack:
    """What was signed for this month last."""
    days_of(code)
    query = sa.select(PeriodPack).join(Period, Period.id == PeriodPack.period_id).where(Period.code == code)
    found = tx.session.scalar(query.order_by(PeriodPack.id.desc()).limit(1))
    if found is None:
        raise NotFound("This month is not signed yet, so there is no pack. Sign it first.")
    return found


def lock(tx: Tx, code: str) -> Period:
    """Shut the month for entries, lines and matches, so that its figures stand while they are checked."""
    period = period_of(tx, code)
    ledger.lock_all(tx)
    if period.state is not PeriodState.OPEN:
        raise Conflict("This month is locked or closed already.", code="period-shut")
    if period.closes_on >= clock.now().date():
        raise Conflict("This month is not over yet. Lock it when its last day has passed.", code="period-not-over")
    _require_before(tx, period)
    return _set(tx, period, PeriodState.LOCKED, PeriodStep.LOCKED)


def _require_before(tx: Tx, period: Period) -> None:
    known = months(tx)
    place = known.index(period.code)
    if place + 1 == len(known):
        return
    before = period_of(tx, known[place + 1])
    if before.state is not PeriodState.CLOSED:
        raise Conflict("Close %(month)s first: months are closed in their order.", code="period-order",
                       month=before.code)  # fmt: skip


def unlock(tx: Tx, code: str, reason: str) -> Period:
    """Open a month again that was locked and not yet closed; what was signed does not count any more."""
    period = period_of(tx, code)
    if period.state is not PeriodState.LOCKED:
        raise Conflict("Only a locked month can be unlocked. To open a closed one, ask for it with a second person.")
    period.signed_by = period.signed_by_id = period.signed_at = period.pack_sha256 = None
    return _set(tx, period, PeriodState.OPEN, PeriodStep.UNLOCKED, _reason(reason))


def waive(tx: Tx, code: str, item: str, reason: str) -> None:
    """Let a warning of the checklist pass, with the reason; a blocker cannot be waived."""
    period = period_of(tx, code)
    found = {point.code: point for point in checklist.points(tx, period)}.get(item)
    if found is None or found.is_blocker:
        raise Conflict("This point stops the close and cannot be waived. Follow its link and put it right.",
                       code="blocker")  # fmt: skip
    if period.state is PeriodState.CLOSED:
        raise Conflict("This month is closed already.", code="period-shut")
    _note(tx, period, PeriodStep.WAIVED, _reason(reason), item)


def sign(tx: Tx, code: str) -> PeriodPack:
    """Sign the locked month: its figures are kept with their hash, and a second person is asked to close it."""
    period = period_of(tx, code)
    if tx.actor.kind != "staff" or tx.actor.id is None:
        raise Forbidden("Only a member of staff can sign a month.")
    if period.state is not PeriodState.LOCKED:
        raise Conflict("Lock the month before signing it, so that its figures stand still.", code="not-locked")
    if period.signed_at is not None:
        raise Conflict("This month is signed already and waits for the second person.", code="signed")
    stopping = [point for point in checklist.points(tx, period) if point.stops]
    if stopping:
        raise Conflict("%(count)s points of the checklist still stop this month. Put them right, or waive the warnings "
                       "with a reason.", code="checklist", count=len(stopping))  # fmt: skip
    pack = packs.keep(tx, period, seals.seal(tx, period))
    period.signed_by, period.signed_by_id, period.signed_at = tx.actor.name, tx.actor.id, clock.now()
    period.pack_sha256 = pack.sha256
    _note(tx, period, PeriodStep.SIGNED, pack.sha256)
    approvals.ask(
        tx, kind=CLOSE, subject=code, payload={"sha256": pack.sha256},
        summary=Phrase("Close %(month)s of the books. The pack's hash is %(hash)s."),
        words={"month": code, "hash": pack.sha256[:16]},
    )  # fmt: skip
    return pack


def close(tx: Tx, code: str, sha256: str) -> Period:
    """Close a signed month; the actor is the second person. Refused when what was signed has changed since."""
    period = period_of(tx, code)
    if period.state is not PeriodState.LOCKED or period.pack_sha256 != sha256:
        raise Conflict("This month was unlocked or signed anew since. Refuse this, and look at the month again.",
                       code="signed-anew")  # fmt: skip
    if tx.actor.id is None or tx.actor.id == period.signed_by_id:
        raise Forbidden("Somebody else than who signed must close the month.", code="second-person")
    period.closed_by, period.closed_by_id, period.closed_at = tx.actor.name, tx.actor.id, clock.now()
    return _set(tx, period, PeriodState.CLOSED, PeriodStep.CLOSED)


def refuse(tx: Tx, code: str, sha256: str, reason: str) -> None:
    """The second person has refused to close what was signed: the month stays locked and may be signed anew."""
    period = period_of(tx, code)
    if period.state is PeriodState.LOCKED and period.pack_sha256 == sha256:
        period.signed_by = period.signed_by_id = period.signed_at = period.pack_sha256 = None
        _set(tx, period, PeriodState.LOCKED, PeriodStep.REFUSED, reason)


def ask_reopen(tx: Tx, code: str, reason: str) -> None:
    """Ask a second person to open a closed month again; only the last closed one can be."""
    _require_last_closed(tx, period_of(tx, code))
    approvals.ask(tx, kind=REOPEN, subject=code, payload={"reason": _reason(reason)},
                  summary=Phrase("Open the closed month %(month)s again: %(reason)s"),
                  words={"month": code, "reason": reason.strip()[:200]})  # fmt: skip


def reopen(tx: Tx, code: str, reason: str) -> Period:
    """Open a closed month again; the actor is the second person. Its signed pack is kept."""
    period = period_of(tx, code)
    _require_last_closed(tx, period)
    period.signed_by = period.signed_by_id = period.signed_at = period.pack_sha256 = None
    period.closed_by = period.closed_by_id = period.closed_at = None
    return _set(tx, period, PeriodState.OPEN, PeriodStep.REOPENED, reason)


def _require_last_closed(tx: Tx, period: Period) -> None:
    if period.state is not PeriodState.CLOSED:
        raise Conflict("This month is not closed.", code="not-closed")
    later = sa.select(Period.code).where(Period.opens_on > period.closes_on, Period.state != PeriodState.OPEN)
    if tx.session.scalar(later.limit(1)) is not None:
        raise Conflict("A later month is locked or closed. Open that one first.", code="period-order")


def _reason(reason: str) -> str:
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    return reason.strip()[:400]


def _set(tx: Tx, period: Period, state: PeriodState, step: PeriodStep, note: str = "") -> Period:
    period.state, period.version = state, period.version + 1
    _note(tx, period, step, note)
    return period


def _note(tx: Tx, period: Period, step: PeriodStep, note: str, item: str | None = None) -> None:
    tx.session.add(PeriodEvent(period_id=period.id, step=step, item=item, at=clock.now(), by_id=tx.actor.id,
                               by=tx.actor.name, note=note))  # fmt: skip
    tx.session.flush()
