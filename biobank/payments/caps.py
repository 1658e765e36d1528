"""Limits on what is earned: past one of them a payment is held for a person, which bounds the damage of any fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.models import Site
from biobank.db import Tx, insert_ignore
from biobank.errors import Invalid, NotFound, Phrase
from biobank.payments import policy, states
from biobank.payments.cap_models import CapChange, CapKind, PayTally
from biobank.payments.models import Disbursement, Entitlement, HoldReason, State
from biobank.payments.states import Step

CHANGE = "payments.cap"
LARGEST = 10_000_000
PASSED = Phrase("More payments than the limit allows (%(kind)s, %(limit)s): a person must look at it.")
RELEASED = Phrase("Released after the limit: %(reason)s")


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit in force and how much of it is used up; `site` is its name where the limit is that site's own."""

    kind: CapKind
    limit: int
    used: int
    site: str = ""


def count_one(tx: Tx, scheme_code: str, site_id: UUID) -> Cap | None:
    """Count one more payment of today at a site; the limit that it passes, None when it passes none."""
    today = clock.now().date()
    mine = sa.and_(PayTally.scheme_code == scheme_code, PayTally.day == today, PayTally.site_id == site_id)
    insert_ignore(tx.session, PayTally, scheme_code=scheme_code, day=today, site_id=site_id, count=0)
    tx.session.execute(sa.update(PayTally).where(mine).values(count=PayTally.count + 1))
    return next((cap for cap in _in_force(tx, scheme_code, today, site_id) if cap.used > cap.limit), None)


def _in_force(tx: Tx, scheme_code: str, today: date, site_id: UUID | None) -> Sequence[Cap]:
    found = dict(policy.in_force(scheme_code, today).caps)
    newest: dict[tuple[str, UUID | None], int] = {
        (str(change.kind), change.site_id): change.payments
        for change in tx.session.scalars(sa.select(CapChange).order_by(CapChange.id))
    }
    limits = {kind: newest.get((kind, None), found[kind]) for kind in map(str, CapKind)}
    own = newest.get((CapKind.SITE_DAY, site_id))
    used = _used(tx, scheme_code, today, site_id)
    if own is not None:
        limits[CapKind.SITE_DAY] = own
    return [Cap(kind, limits[kind], used[kind]) for kind in CapKind]


def _used(tx: Tx, scheme_code: str, today: date, site_id: UUID | None) -> dict[CapKind, int]:
    def added(*conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.sum(PayTally.count)).where(PayTally.scheme_code == scheme_code, *conditions)
        return int(tx.session.scalar(query) or 0)

    of_today = PayTally.day == today
    return {
        CapKind.SITE_DAY: added(of_today, PayTally.site_id == site_id) if site_id else 0,
        CapKind.DAY: added(of_today), CapKind.TOTAL: added(),
    }  # fmt: skip


def caps(tx: Tx, scheme_code: str) -> list[Cap]:
    """Every limit in force: the three of all sites, of which the busiest site's day is shown, then the sites' own."""
    today = clock.now().date()
    busiest = sa.select(sa.func.max(PayTally.count)).where(PayTally.scheme_code == scheme_code, PayTally.day == today)
    most = int(tx.session.scalar(busiest) or 0)
    general = [Cap(cap.kind, cap.limit, most if cap.kind is CapKind.SITE_DAY else cap.used)
               for cap in _in_force(tx, scheme_code, today, None)]  # fmt: skip
    own = sa.select(Site).where(Site.id.in_(sa.select(CapChange.site_id))).order_by(Site.name)
    return [*general, *(_of_site(tx, scheme_code, today, site) for site in tx.session.scalars(own))]


def _of_site(tx: Tx, scheme_code: str, today: date, site: Site) -> Cap:
    cap = _in_force(tx, scheme_code, today, site.id)[0]
    return Cap(cap.kind, cap.limit, cap.used, site.name)


def ask(tx: Tx, kind: CapKind, payments: int, site_id: UUID | None) -> None:
    """Ask a second person to set a limit from now on; with a site it is that site's own, and 0 suspends the site."""
    if not 0 <= payments <= LARGEST:
        raise Invalid("Write the limit as a number of payments, 0 to ten million.", code="limit")
    site = tx.session.get(Site, site_id) if site_id else None
    if site_id and site is None:
        raise NotFound("There is no such site. Choose one from the list.")
    if site is not None and kind is not CapKind.SITE_DAY:
        raise Invalid("Only the limit of a day at a site can be a site's own.", code="limit-site")
    approvals.ask(
        tx, kind=CHANGE, subject=f"{kind}:{site.code if site else 'all'}",
        payload={"kind": str(kind), "payments": payments, "site_id": str(site.id) if site else None},
        summary=Phrase("Limit of payments (%(kind)s, %(site)s): %(payments)s from now on."),
        words={"kind": str(kind), "site": site.name if site else "–", "payments": str(payments)},
    )  # fmt: skip


def change(tx: Tx, payload: dict[str, object], asked_by_id: UUID, asked_by: str) -> None:
    """Set the limit that was asked for; the actor is the second person."""
    site_id = payload["site_id"]
    tx.session.add(CapChange(
        kind=CapKind(str(payload["kind"])), site_id=UUID(str(site_id)) if site_id else None,
        payments=int(str(payload["payments"])), at=clock.now(), asked_by_id=asked_by_id, asked_by=asked_by,
        approved_by_id=tx.actor.id, approved_by=tx.actor.name,
    ))  # fmt: skip
    tx.session.flush()


def held(tx: Tx) -> int:
    """How many payments wait because they passed a limit."""
    query = sa.select(sa.func.count()).where(Disbursement.hold_reason == HoldReason.CAP)
    return tx.session.scalars(query.select_from(Disbursement)).one()


def release(tx: Tx, reason: str, most: int) -> int:
    """Let the oldest of the payments that passed a limit be sent, so many at most; answers how many that were."""
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    query = sa.select(Disbursement.id).where(Disbursement.hold_reason == HoldReason.CAP).order_by(Disbursement.id)
    query = query.join(Entitlement, Entitlement.id == Disbursement.entitlement_id).limit(most)
    changes = {"hold_reason": None, "approved_by_id": tx.actor.id, "next_at": clock.now()}
    note = RELEASED % {"reason": reason.strip()}
    moved = [
        states.move(tx, Step(disbursement_id=key, came_from=State.HELD, to=State.QUEUED, note=note, changes=changes))
        for key in tx.session.scalars(query).all()
    ]
    return sum(moved)
