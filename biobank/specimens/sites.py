"""Whose business a collection, a box or a tube is: its site's, and everybody's who receives or audits."""

from uuid import UUID

from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Forbidden, NotFound


def require_here(tx: Tx, site_id: UUID, message: str) -> None:
    """Raises NotFound with this message for staff of another clinic, as if there were no such thing."""
    actor = tx.actor
    if actor.site_id not in (None, site_id) and not actor.has(Role.BIOBANK, Role.AUDITOR):
        raise NotFound(message)


def own_site(tx: Tx) -> UUID:
    """The site of whoever asks. Raises Forbidden for those who belong to none."""
    if tx.actor.site_id is None:
        raise Forbidden("Only staff of a site can do this.", code="no-site")
    return tx.actor.site_id
