"""Cases as lists: open, overdue, missing, held, waited for; for all, or for the site that sent the things."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.actor import Role
from biobank.db import Tx
from biobank.specimens.case_models import Case, CaseState, CaseType
from biobank.specimens.case_words import RESOLUTIONS, said
from biobank.specimens.custody import ShipmentState, TubeStatus
from biobank.specimens.models import CollectionOrder, FoundObject, Shipment, Tube

MOST = 200


class Show(StrEnum):
    """Which cases."""

    OPEN = "open"
    OVERDUE = "overdue"
    MISSING = "missing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Row:
    """A case with what it is about, as a list shows it."""

    case: Case
    site_code: str | None
    shipment: str | None
    tube: str | None
    label: str | None

    @property
    def age_days(self) -> int:
        """Whole days since it was opened, or that it was open."""
        return ((self.case.closed_at or clock.now()) - self.case.opened_at).days

    @property
    def is_overdue(self) -> bool:
        return self.case.state is CaseState.OPEN and self.case.due_at < clock.now()


def only_site(tx: Tx) -> UUID | None:
    """The one site whose cases this person may see; None for those who receive or audit."""
    return None if tx.actor.has(Role.BIOBANK, Role.AUDITOR) else tx.actor.site_id or UUID(int=0)


def rows(
    tx: Tx, show: Show = Show.OPEN, *, site_id: UUID | None = None, after: UUID | None = None, limit: int = MOST
) -> list[Row]:
    """The cases, the longest open first; the closed ones newest first, from `after` on."""
    query = (
        sa.select(Case, Site.code, Shipment.code, Tube.code, FoundObject.label)
        .outerjoin(Site, Case.site_id == Site.id)
        .outerjoin(Shipment, Case.shipment_id == Shipment.id)
        .outerjoin(Tube, Case.tube_id == Tube.id)
        .outerjoin(FoundObject, Case.object_id == FoundObject.id)
    )
    for condition in _conditions(show):
        query = query.where(condition)
    at = only_site(tx) or site_id
    if at:
        query = query.where(Case.site_id == at)
    order = Case.id.desc() if show is Show.CLOSED else Case.id
    if after:
        query = query.where(Case.id < after if show is Show.CLOSED else Case.id > after)
    return [Row(*row) for row in tx.session.execute(query.order_by(order).limit(limit))]


def of_shipment(tx: Tx, shipment_id: UUID) -> Sequence[Case]:
    """Every case about a shipment or its tubes, newest first."""
    return tx.session.scalars(sa.select(Case).filter_by(shipment_id=shipment_id).order_by(Case.id.desc())).all()


def counts(tx: Tx, site_id: UUID | None = None) -> dict[Show, int]:
    """How many cases each list holds, without the closed ones."""
    at, found = only_site(tx) or site_id, {}
    for show in (Show.OPEN, Show.OVERDUE, Show.MISSING):
        query = sa.select(sa.func.count()).select_from(Case).where(*_conditions(show))
        found[show] = tx.session.scalar(query.where(Case.site_id == at) if at else query) or 0
    return found


def held_tubes(tx: Tx, site_id: UUID | None = None, limit: int = MOST) -> Sequence[sa.Row[Tube, str]]:
    """Tubes on hold, here or at their site, with that site, the longest first."""
    at = only_site(tx) or site_id
    query = (
        sa.select(Tube, Site.code)
        .join(CollectionOrder, Tube.order_id == CollectionOrder.id)
        .join(Site, CollectionOrder.site_id == Site.id)
        .where(Tube.state == TubeStatus.HELD)
    )
    query = query.where(CollectionOrder.site_id == at) if at else query
    return tx.session.execute(query.order_by(Tube.collected_at, Tube.id).limit(limit)).all()


def waited_for(tx: Tx, site_id: UUID | None = None, limit: int = MOST) -> Sequence[sa.Row[Shipment, str]]:
    """Parcels with the courier and their site's code, the longest on their way first."""
    on_the_way = (ShipmentState.HANDED_OVER, ShipmentState.IN_TRANSIT, ShipmentState.LOST)
    at = only_site(tx) or site_id
    query = sa.select(Shipment, Site.code).join(Site, Shipment.site_id == Site.id)
    query = query.where(Shipment.state.in_(on_the_way))
    query = query.where(Shipment.site_id == at) if at else query
    return tx.session.execute(query.order_by(Shipment.handed_over_at, Shipment.id).limit(limit)).all()


def sheet(found: Sequence[Row]) -> str:
    """Cases as CSV (RFC 4180), in English, codes only; a cell that a spreadsheet would run is quoted as text."""
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["opened_at", "due_at", "type", "condition", "state", "site", "shipment", "tube", "label", "owner",
                  "age_days", "resolution", "to_the_sender"])  # fmt: skip
    for row in found:
        case = row.case
        out.writerow(_plain(cell) for cell in (
            case.opened_at.isoformat(), case.due_at.isoformat(), case.type, case.condition, case.state, row.site_code,
            row.shipment, row.tube, row.label, case.owner_name, row.age_days,
            RESOLUTIONS[case.resolution] if case.resolution else "", said(case).notice,
        ))  # fmt: skip
    return text.getvalue()


def _plain(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _conditions(show: Show) -> list[Any]:
    if show is Show.CLOSED:
        return [Case.state == CaseState.CLOSED]
    found = [Case.state == CaseState.OPEN]
    if show is Show.OVERDUE:
        found.append(Case.due_at < clock.now())
    if show is Show.MISSING:
        found.append(Case.type.in_([CaseType.MISSING, CaseType.NOTHING_ARRIVED]))
    return found
