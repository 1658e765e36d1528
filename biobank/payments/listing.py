"""What finance looks through: payments, statement lines, exceptions, and the rows behind each of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.payments import ageing, ledger, states, sums
from biobank.payments.figures import is_matched
from biobank.payments.models import (
    Decision,
    Disbursement,
    DisbursementEvent,
    Entitlement,
    MatchState,
    Payee,
    ProviderCall,
    ProviderStop,
    ReconException,
    ReconMatch,
    State,
    StatementFile,
    StatementLine,
    Topic,
    Transfer,
)

PAYABLE = "payable"
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is known of one payment, down to the statement line that settled it."""

    events: Sequence[DisbursementEvent]
    calls: Sequence[ProviderCall]
    transfers: Sequence[Transfer]
    matches: Sequence[ReconMatch]
    exceptions: Sequence[ReconException]


@dataclass(frozen=True, slots=True)
class LineView:
    """A statement line with its live match or suggestion, and the exceptions about it."""

    line: StatementLine
    match: ReconMatch | None
    exceptions: Sequence[ReconException]

    @property
    def is_confirmed(self) -> bool:
        return self.match is not None and self.match.state is MatchState.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which payments are asked for; what is None or empty does not narrow them. Days are those on which it was earned.

    `reference` is ours, the provider's order or reward, or the payee's F code; with it nothing else is looked at.
    """

    state: str | None = None
    age: str = ""
    reference: str = ""
    site_id: UUID | None = None
    provider: str = ""
    since: date | None = None
    until: date | None = None


def payments(wanted: Wanted) -> sa.Select[Any]:
    """Payments of one state, or still to be paid, or all, of one age, site, way and time; or the one of a reference."""
    # What is only shown beside a payment is read for the page's rows alone, not for every row that is sorted.
    query = sa.select(Disbursement).options(sa.orm.selectinload(Disbursement.entitlement))
    if wanted.reference:
        return query.where(Disbursement.id.in_(_named(wanted.reference.strip())))
    if wanted.age:
        query = query.where(_aged(wanted.state, wanted.age))
    if wanted.provider:
        query = query.where(Disbursement.provider == wanted.provider)
    query = _earned(query, wanted)
    if wanted.state == PAYABLE:
        return _still_owed(query)
    return query.where(Disbursement.state == State(wanted.state)) if wanted.state else query


def _aged(state: str | None, age: str) -> sa.ColumnElement[bool]:
    """Payments that have waited so long: since they were sent, or since they were begun."""
    if state == State.SENT:
        return ageing.between(Disbursement.sent_at, age)
    if state in (None, "", PAYABLE) or ageing.BUCKETS[age][1] is None:
        return ageing.between(Disbursement.created_at, age)
    # By the index of their age: from the newest on, all that are younger would be gone through first. The oldest are
    # most of them, and soon found.
    other = sa.orm.aliased(Disbursement)
    aged = sa.select(other.id).where(other.state == State(state), ageing.between(other.created_at, age))
    return Disbursement.id.in_(aged)


def _earned(query: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    """Narrowed by where and when the payment was earned."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.site_id is not None and wanted.since is None and wanted.until is None:
        # Many are of a site: the newest are found soon by going from one payment to the next.
        its_own = sa.exists().where(
            Entitlement.id == Disbursement.entitlement_id, Entitlement.site_id == wanted.site_id
        )
        return query.where(its_own)
    if wanted.site_id is not None:
        conditions.append(Entitlement.site_id == wanted.site_id)
    if wanted.since is not None:
        conditions.append(Entitlement.earned_at >= datetime.combine(wanted.since, time(), UTC))
    if wanted.until is not None:
        conditions.append(Entitlement.earned_at < datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    if not conditions:
        return query
    return query.where(Disbursement.entitlement_id.in_(sa.select(Entitlement.id).where(*conditions)))


def counted(tx: Tx, query: sa.Select[Any]) -> tuple[int, int]:
    """How many rows a query of payments has, and their cents; at most `COUNTED` are counted."""
    some = query.with_only_columns(Disbursement.amount_cents).order_by(None).limit(COUNTED).subquery()
    count, cents = tx.session.execute(sa.select(sa.func.count(), sa.func.sum(some.c.amount_cents))).one()
    return int(count), int(cents or 0)


def ways(tx: Tx) -> list[str]:
    """By which providers anything was ever sent."""
    found: list[str] = []
    last = ""
    # From one to the next by the index: a DISTINCT would read every payment.
    while True:
        query = sa.select(sa.func.min(Disbursement.provider)).where(Disbursement.provider > last)
        following = tx.session.scalar(query)
        if following is None:
            return found
        found.append(following)
        last = following


def _named(reference: str) -> sa.CompoundSelect[Any]:
    """Each way by its own index."""
    of_payee = sa.select(Disbursement.id).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
    code = reference.replace("-", "").replace(" ", "").upper()
    return sa.union(
        sa.select(Disbursement.id).where(Disbursement.external_id == reference.upper()),
        sa.select(Disbursement.id).where(Disbursement.provider_ref == reference),
        sa.select(Disbursement.id).where(Disbursement.reward_ref == reference),
        of_payee.join(Payee, Payee.id == Entitlement.payee_id).where(Payee.code == code),
    )


def _still_owed(query: sa.Select[Any]) -> sa.Select[Any]:
    later = sa.orm.aliased(Disbursement)
    owed = sa.select(Entitlement.id).where(Entitlement.decision == Decision.ELIGIBLE)
    return query.where(
        Disbursement.state.not_in([*states.PAID, State.VOIDED]),
        Disbursement.entitlement_id.in_(owed),
        ~sa.exists().where(later.replaces_id == Disbursement.id),
    )


def story_of(tx: Tx, disbursement_id: UUID) -> Story:
    """The rows behind one payment, oldest first."""
    transfers = _rows(tx, Transfer, Transfer.disbursement_id == disbursement_id)
    moved = [transfer.id for transfer in transfers]
    return Story(
        events=_rows(tx, DisbursementEvent, DisbursementEvent.disbursement_id == disbursement_id),
        calls=_rows(tx, ProviderCall, ProviderCall.disbursement_id == disbursement_id),
        transfers=transfers,
        matches=_rows(tx, ReconMatch, ReconMatch.transfer_id.in_(moved)),
        exceptions=_rows(
            tx,
            ReconException,
            sa.or_(ReconException.disbursement_id == disbursement_id, ReconException.transfer_id.in_(moved)),
        ),
    )


def _rows(tx: Tx, model: Any, condition: sa.ColumnElement[bool]) -> Sequence[Any]:
    return tx.session.scalars(sa.select(model).where(condition).order_by(model.id)).all()


def files(tx: Tx) -> Sequence[tuple[StatementFile, int]]:
    """The statements, newest first, each with how many of its lines are still open."""
    of_file = sa.select(sa.func.count()).where(StatementLine.file_id == StatementFile.id)
    still_open = of_file.where(~is_matched(StatementLine.id)).scalar_subquery()
    query = sa.select(StatementFile, still_open).order_by(StatementFile.id.desc()).limit(100)
    return [(file, int(number)) for file, number in tx.session.execute(query)]


def lines(*, file_id: UUID | None = None, only_open: bool = False) -> sa.Select[Any]:
    """Statement lines of one file or of all, perhaps only those that belong to no payment for certain."""
    query = sa.select(StatementLine)
    if file_id is not None:
        query = query.where(StatementLine.file_id == file_id)
    return query.where(~is_matched(StatementLine.id)) if only_open else query


def views(tx: Tx, found: Sequence[StatementLine]) -> list[LineView]:
    """The lines with what is known about each."""
    keys = [line.id for line in found]
    matches = _by_line(_rows(tx, ReconMatch, sa.and_(ReconMatch.line_id.in_(keys), ReconMatch.state != "undone")))
    asked = _by_line(_rows(tx, ReconException, ReconException.line_id.in_(keys)))
    return [LineView(line, next(iter(matches[line.id]), None), asked[line.id]) for line in found]


def _by_line(rows: Iterable[Any]) -> Mapping[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.line_id].append(row)
    return grouped


def exceptions(*, only_open: bool) -> sa.Select[Any]:
    """What a person must look into, or looked into before."""
    query = sa.select(ReconException)
    return query.where(ReconException.resolved_at.is_(None)) if only_open else query


@dataclass(frozen=True, slots=True)
class Funding:
    """What the provider holds for us by its last statement, in cents, and for how many days it lasts (None: no use)."""

    cents: int
    day: date
    days_left: int | None


def funding(tx: Tx) -> Funding | None:
    """The provider's balance and how long it lasts at the pace of the last 30 days; None before any statement."""
    query = sa.select(StatementFile).filter_by(account=ledger.PROVIDER)
    last = tx.session.scalar(query.order_by(StatementFile.closed_on.desc(), StatementFile.id.desc()).limit(1))
    if last is None:
        return None
    paid = later = 0
    for name, day, _, spent in sums.by_day(tx, Topic.ENTRY, last.closed_on - timedelta(days=29)):
        if sums.sides(name)[1] == ledger.PROVIDER:
            paid += spent
            later += spent if day > last.closed_on else 0
    cents = last.closing_cents - later
    return Funding(cents, last.closed_on, max(0, cents) * 30 // paid if paid else None)


def stops(tx: Tx) -> Sequence[ProviderStop]:
    """The providers that nothing is sent to at present."""
    return tx.session.scalars(sa.select(ProviderStop)).all()
