"""Which tubes a site draws into now: said once when a box of them is opened, and told of every tube drawn after."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid
from biobank.specimens import tubes
from biobank.specimens.sprec import products
from biobank.specimens.supply_models import TubeSupply


def use_supply(
    tx: Tx, site_id: UUID, *, kind: str, lot: str, product: str | None = None, expires_on: date | None = None
) -> TubeSupply:
    """From now on this site draws this kind into tubes of that lot.

    Raises NotFound for a kind that the site's set does not have, Invalid for a product of another kind, or where the
    kind is made in several ways and none is named; Conflict for a lot whose day is over.
    """
    site = tx.session.get_one(Site, site_id)
    tubes.load(site.tube_set).tube(kind)
    ways = {way.code for way in products.of_tube(kind)}
    if (product not in ways) if ways else product:
        raise Invalid("Choose which of these tubes it is: it stands on its box.", code="which-product",
                      details={"products": sorted(ways)})  # fmt: skip
    if expires_on is not None and expires_on < _today(site):
        raise Conflict("These tubes are past their day. Take another lot, and send this one back.", code="expired")
    supply = TubeSupply(
        id=new_id(), site_id=site_id, kind=kind, product=product or None, lot=lot.strip(), expires_on=expires_on,
        since=clock.now(), actor_id=tx.actor.id, actor_name=tx.actor.name,
    )  # fmt: skip
    tx.session.add(supply)
    tx.session.flush()
    return supply


def in_use(tx: Tx, site_id: UUID) -> Mapping[str, TubeSupply]:
    """What a site draws into now, by kind of tube; kinds of which nothing was ever said are not there."""
    newest = sa.select(sa.func.max(TubeSupply.since)).where(TubeSupply.site_id == site_id).group_by(TubeSupply.kind)
    query = sa.select(TubeSupply).where(TubeSupply.site_id == site_id, TubeSupply.since.in_(newest))
    found = tx.session.scalars(query.order_by(TubeSupply.id))
    return {supply.kind: supply for supply in found}


def told_of(supply: TubeSupply | None) -> dict[str, str]:
    """What the event of a draw says of the tube that was drawn into; nothing where nothing is known."""
    if supply is None:
        return {}
    known = {"made": supply.product, "lot": supply.lot,
             "expires_on": supply.expires_on.isoformat() if supply.expires_on else None}  # fmt: skip
    return {name: value for name, value in known.items() if value}


def is_over(tx: Tx, supply: TubeSupply) -> bool:
    """Whether the lot's last day is past at its site."""
    return supply.expires_on is not None and supply.expires_on < _today(tx.session.get_one(Site, supply.site_id))


def _today(site: Site) -> date:
    return clock.now().astimezone(ZoneInfo(site.zone)).date()
