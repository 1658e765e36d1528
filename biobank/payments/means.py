"""How each site pays: by the provider's link unless finance has chosen cash or gift cards for it."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import NotFound
from biobank.payments.cash_models import Means, SiteMeans


def choose(tx: Tx, site_id: UUID, chosen: Means) -> None:
    """Let a site pay this way from now on."""
    if tx.session.get(Site, site_id) is None:
        raise NotFound("There is no such site. Choose one from the list.")
    tx.session.add(SiteMeans(site_id=site_id, means=chosen, at=clock.now(), by=tx.actor.name))
    tx.session.flush()


def of_site(tx: Tx, site_id: UUID) -> Means:
    """How a site pays now."""
    query = sa.select(SiteMeans.means).filter_by(site_id=site_id).order_by(SiteMeans.id.desc()).limit(1)
    return tx.session.scalar(query) or Means.LINK


def provider_at(tx: Tx, site_id: UUID) -> str | None:
    """What a new payment of a site is bound to; None where the worker's provider pays it by link."""
    chosen = of_site(tx, site_id)
    return None if chosen is Means.LINK else str(chosen)


def of_sites(tx: Tx) -> Mapping[UUID, Means]:
    """The sites that finance has chosen something for."""
    rows = tx.session.execute(sa.select(SiteMeans.site_id, SiteMeans.means).order_by(SiteMeans.id))
    return {row.site_id: row.means for row in rows}
