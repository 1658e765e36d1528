"""Whether the position that a tube would go back to is still free."""

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict
from biobank.specimens.models import StoragePlace, Tube
from biobank.specimens.projection import Projection
from biobank.specimens.storage import positions


def require_free(tx: Tx, tube: Tube, after: Projection) -> None:
    """A correction may put a tube back where it stood before. Raises Conflict where another tube stands there now."""
    if after.store_id is None or after.slot is None or (after.store_id, after.slot) == (tube.store_id, tube.slot):
        return
    # Whoever puts a tube into this box holds its row, so nobody takes the position after this look.
    held = sa.select(StoragePlace).filter_by(id=after.store_id).with_for_update()
    box = tx.session.scalars(held.execution_options(populate_existing=True)).one()
    there = sa.select(Tube.code).filter_by(store_id=box.id, slot=after.slot).where(Tube.id != tube.id)
    other = tx.session.scalar(there)
    if other is not None:
        raise Conflict(
            "This tube would stand in position %(position)s of box %(box)s again, and tube %(other)s has been put "
            "there since. Move that tube first.", code="position-taken",
            position=positions.name_of(after.slot, box.columns), box=box.name, other=other,
        )  # fmt: skip
