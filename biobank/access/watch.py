"""Watching who looks: records opened across sites, alerts, and whose data somebody touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.denial_models import Denial
from biobank.access.factor_models import Outcome, SignInEvent
from biobank.access.models import Look, Site, Staff
from biobank.access.unusual import Hour, findings, network_of
from biobank.access.watch_models import AlertAnswer, LookAlert, Opening, OpeningReason
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Forbidden, Invalid, NotFound

OPEN_FOR = timedelta(hours=1)
PEOPLE = ("participant", "identity")
MOST_TOUCHED = 5000


def open_record(tx: Tx, participant_id: UUID, *, reason: OpeningReason, note: str) -> Opening:
    """Open the record of a participant of another site for an hour. The auditor hears of it."""
    actor, now = tx.actor, clock.now()
    if actor.id is None or actor.kind != "staff":
        raise Forbidden("Only a member of staff can open a record.")
    if reason is OpeningReason.OTHER and len(note.strip()) < 10:
        raise Invalid("Say in a sentence why you must see this record.")
    opening = Opening(at=now, until=now + OPEN_FOR, staff_id=actor.id, staff_name=actor.name, site_id=actor.site_id,
                      participant_id=participant_id, reason=reason, note=note.strip())  # fmt: skip
    tx.session.add(opening)
    tx.session.flush()
    watch(tx)
    return opening


def is_opened(tx: Tx, participant_id: UUID) -> bool:
    """Whether this person has opened this record within the last hour."""
    query = sa.select(Opening.id).where(
        Opening.staff_id == tx.actor.id, Opening.participant_id == participant_id, Opening.until > clock.now()
    )
    return tx.session.scalar(query.limit(1)) is not None


def watch(tx: Tx) -> None:
    """Tell the auditor what is unusual about the actor's last hour. Call it after a look, and now and then."""
    actor = tx.actor
    if actor.kind != "staff" or actor.id is None:
        return
    for found in findings(_hour(tx, actor.id, actor.site_id)):
        insert_ignore(
            tx.session, LookAlert, id=new_id(), at=clock.now(), staff_id=actor.id, staff_name=actor.name,
            kind=found.kind, stretch=found.stretch, count=found.count,
        )  # fmt: skip


def _hour(tx: Tx, staff_id: UUID, site_id: UUID | None) -> Hour:
    now = clock.now()
    since = now - timedelta(hours=1)
    people = sa.select(sa.func.count(sa.distinct(Look.subject_id))).where(
        Look.actor_id == staff_id, Look.at > since, Look.subject_kind.in_(PEOPLE)
    )
    refused = sa.select(sa.func.count()).where(
        SignInEvent.staff_id == staff_id, SignInEvent.at > since, SignInEvent.outcome == Outcome.REFUSED
    )
    opened = sa.select(sa.func.count()).where(Opening.staff_id == staff_id, Opening.at > since)
    denied = sa.select(sa.func.count()).where(Denial.actor_id == staff_id, Denial.at > now - timedelta(minutes=1))
    zone = sa.select(Site.zone).where(Site.id == site_id)
    row = tx.session.execute(
        sa.select(people.scalar_subquery().label("people"), refused.scalar_subquery().label("refused"),
                  opened.scalar_subquery().label("opened"), denied.scalar_subquery().label("denied"),
                  zone.scalar_subquery().label("zone"))
    ).one()  # fmt: skip
    let_in = (
        sa.select(SignInEvent.address)
        .distinct()
        .where(SignInEvent.staff_id == staff_id, SignInEvent.at > since, SignInEvent.outcome != Outcome.REFUSED)
    )
    networks = {network_of(address) for address in tx.session.scalars(let_in)}
    return Hour(now, row.zone or "UTC", row.people, row.refused, row.opened, row.denied, len(networks))


def alerts(tx: Tx, limit: int = 100) -> Sequence[LookAlert]:
    """The newest alerts, those without an answer first."""
    query = sa.select(LookAlert).outerjoin(AlertAnswer).order_by(AlertAnswer.at.is_not(None), LookAlert.id.desc())
    return tx.session.scalars(query.limit(limit)).unique().all()


def answer_alert(tx: Tx, alert_id: UUID, finding: str) -> None:
    """Write down what was found out about an alert; once."""
    if tx.session.get(LookAlert, alert_id) is None or tx.actor.id is None:
        raise NotFound("There is no such alert.")
    if not finding.strip():
        raise Invalid("Write what you found out.")
    kept = insert_ignore(tx.session, AlertAnswer, alert_id=alert_id, at=clock.now(), auditor_id=tx.actor.id,
                         auditor_name=tx.actor.name, finding=finding.strip()[:300])  # fmt: skip
    if not kept:
        raise Conflict("This alert is answered already.")


def openings(tx: Tx, limit: int = 50) -> Sequence[Opening]:
    """The records of other sites' participants opened last, the newest first."""
    return tx.session.scalars(sa.select(Opening).order_by(Opening.id.desc()).limit(limit)).all()


@dataclass(frozen=True)
class Touched:
    """One record that somebody looked at: how often, from when to when."""

    subject_kind: str
    subject_id: UUID
    looks: int
    first: datetime
    last: datetime


def touched(tx: Tx, staff_id: UUID, since: datetime, until: datetime) -> Sequence[Touched]:
    """Whose data somebody touched in a stretch of time, the last first; at most 5,000 records, else `Invalid`.

    Answered from the index over (actor, time, kind, subject) alone.
    """
    if since >= until:
        raise Invalid("The end must come after the beginning.")
    query = (
        sa.select(Look.subject_kind, Look.subject_id, sa.func.count().label("looks"),
                  sa.func.min(Look.at).label("first"), sa.func.max(Look.at).label("last"))
        .where(Look.actor_id == staff_id, Look.at >= since, Look.at < until)
        .group_by(Look.subject_kind, Look.subject_id)
        .order_by(sa.func.max(Look.at).desc())
        .limit(MOST_TOUCHED + 1)
    )  # fmt: skip
    rows = [Touched(*row) for row in tx.session.execute(query)]
    if len(rows) > MOST_TOUCHED:
        raise Invalid("That is more than 5,000 records. Ask for a shorter time.", code="too-much")
    return rows


def staff_named(tx: Tx, username: str) -> Staff:
    found = tx.session.scalar(sa.select(Staff).filter_by(username=username.strip().lower()))
    if found is None:
        raise NotFound("Nobody has this sign-in name. See the list of staff.")
    return found
