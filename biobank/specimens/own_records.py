"""What the biobank keeps of one donor, for the file that is handed to them."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Tx
from biobank.participants.events import Record
from biobank.specimens import tubes
from biobank.specimens.models import CollectionOrder, Tube

_SAMPLES = {"blood": ("blood", "sangre"), "urine": ("urine", "orina"), "saliva": ("saliva", "saliva")}


def own_records(tx: Tx, donor_id: UUID) -> Iterator[Record]:
    """Every collection, and every tube with its code and where it has come to."""
    sets = {}
    orders = sa.select(CollectionOrder).filter_by(donor_id=donor_id).order_by(CollectionOrder.id)
    for order in tx.session.scalars(orders).all():
        sets[order.id] = order.tube_set
        yield Record("collection", order.id, {"code": order.code, "state": str(order.state)})
    for tube in tx.session.scalars(sa.select(Tube).filter_by(donor_id=donor_id).order_by(Tube.id)).all():
        at = tube.collected_at.isoformat() if tube.collected_at else None
        says = {"code": tube.code, "kind": tube.kind, "collected_at": at, "state": str(tube.state)}
        yield Record("tube", tube.id, says | {"shown": _shown(sets[tube.order_id], tube.kind)})


def _shown(tube_set: str, kind: str) -> dict[str, str]:
    """What a tube is, for people: what is in it, and which tube."""
    tube = tubes.load(tube_set).tube(kind)
    return {"en": f"{_SAMPLES[tube.sample][0]}, {tube.words.en}", "es": f"{_SAMPLES[tube.sample][1]}, {tube.words.es}"}


def tube_codes_of(tx: Tx, donor_id: UUID) -> list[str]:
    return list(tx.session.scalars(sa.select(Tube.code).filter_by(donor_id=donor_id)))
