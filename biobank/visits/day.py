"""A clinic's day: who is expected, who is here, who is done, and what earlier days left unfinished."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.participants.models import Participant
from biobank.visits.models import Visit, VisitState

LONGEST_LIST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One visit of the list with its participant; `at` is when it began, or is to begin."""

    visit: Visit
    participant: Participant

    @property
    def at(self) -> datetime | None:
        return self.visit.checked_in_at or self.visit.appointed_for


@dataclass(frozen=True, slots=True)
class Day:
    """The lists of one day at one site, each by time."""

    today: Sequence[Line]
    unfinished: Sequence[Line]

    def count(self, state: str) -> int:
        return sum(line.visit.state == state for line in self.today)


def to_utc(local: datetime, zone: str) -> datetime:
    """An instant from what a clock on the site's wall shows; refused in the hour that daylight saving leaves out."""
    placed = local.replace(tzinfo=ZoneInfo(zone))
    moment = placed.astimezone(ZoneInfo("UTC"))
    if moment.astimezone(placed.tzinfo).replace(tzinfo=None) != local:
        raise Invalid("The clocks are put forward then: there is no such time on that day. Choose another.")
    return moment


def bounds(zone: str) -> tuple[datetime, datetime]:
    """From the site's midnight to the next, as instants; 23 or 25 hours when the clocks change."""
    midnight = datetime.combine(clock.today(zone), time.min)
    return to_utc(midnight, zone), to_utc(midnight + timedelta(days=1), zone)


def _lines(tx: Tx, site_id: UUID, *conditions: sa.ColumnElement[bool]) -> list[Line]:
    began = sa.func.coalesce(Visit.checked_in_at, Visit.appointed_for)
    query = sa.select(Visit, Participant).join(Participant, Participant.id == Visit.participant_id)
    query = query.where(Visit.site_id == site_id, *conditions).order_by(began, Visit.id).limit(LONGEST_LIST)
    return [Line(visit, participant) for visit, participant in tx.session.execute(query)]


def day_of(tx: Tx, site_id: UUID, zone: str) -> Day:
    """Today's visits at a site, and those of earlier days that nobody closed."""
    start, end = bounds(zone)
    began = sa.or_(
        sa.and_(Visit.checked_in_at >= start, Visit.checked_in_at < end),
        sa.and_(Visit.checked_in_at.is_(None), Visit.appointed_for >= start, Visit.appointed_for < end),
    )
    left = sa.or_(
        sa.and_(Visit.state == VisitState.CHECKED_IN, Visit.checked_in_at < start),
        sa.and_(Visit.state == VisitState.APPOINTED, Visit.appointed_for < start),
    )
    return Day(_lines(tx, site_id, began), _lines(tx, site_id, left))


def visits_of(tx: Tx, participant_id: UUID) -> Sequence[Visit]:
    """A participant's visits at every site, newest first."""
    query = sa.select(Visit).filter_by(participant_id=participant_id).order_by(Visit.id.desc())
    return tx.session.scalars(query.limit(LONGEST_LIST)).all()


def appointment_today(tx: Tx, participant_id: UUID, site_id: UUID, zone: str) -> Visit | None:
    """The visit that a participant is expected for at this site today, or was earlier and never came to."""
    _, end = bounds(zone)
    query = sa.select(Visit).filter_by(participant_id=participant_id, site_id=site_id, state=VisitState.APPOINTED)
    return tx.session.scalars(query.where(Visit.appointed_for < end).order_by(Visit.appointed_for.desc())).first()
