"""Lists of payments kept under a name, each by the person who keeps it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.payments.models import SavedView

MOST = 30


def of_actor(tx: Tx) -> Sequence[SavedView]:
    """The actor's own lists, by name."""
    return tx.session.scalars(sa.select(SavedView).filter_by(staff_id=tx.actor.id).order_by(SavedView.name)).all()


def save(tx: Tx, name: str, narrowed: Mapping[str, str]) -> SavedView:
    """Keep a list under a name; the same name again changes what it shows."""
    if tx.actor.id is None:
        raise Conflict("Only a member of staff keeps lists.")
    if not name.strip() or not narrowed:
        raise Invalid("Narrow the list first, then write a name for it.", code="view-empty")
    kept = of_actor(tx)
    found = next((one for one in kept if one.name == name.strip()), None)
    if found is None and len(kept) >= MOST:
        raise Conflict("You keep %(most)s lists already. Remove one first.", most=MOST, code="views-full")
    if found is None:
        found = SavedView(staff_id=tx.actor.id, name=name.strip()[:60], narrowed={}, made_at=clock.now())
        tx.session.add(found)
    found.narrowed, found.made_at = dict(narrowed), clock.now()
    tx.session.flush()
    return found


def forget(tx: Tx, view_id: UUID) -> None:
    """Remove one of the actor's own lists; the payments in it stay as they are."""
    found = tx.session.get(SavedView, view_id)
    if found is None or found.staff_id != tx.actor.id:
        raise NotFound("You keep no such list.")
    tx.session.delete(found)
    tx.session.flush()
