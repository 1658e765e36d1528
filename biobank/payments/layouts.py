"""Saved layouts of CSV statements: one for each source, changed by whoever sees that the source has changed."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound
from biobank.payments.formats.csvmap import DAY_FORMS, Layout
from biobank.payments.models import CsvMap


def layouts(tx: Tx) -> Sequence[CsvMap]:
    """All saved layouts, by name."""
    return tx.session.scalars(sa.select(CsvMap).order_by(CsvMap.name)).all()


def layout_of(tx: Tx, layout_id: UUID) -> CsvMap:
    """A saved layout; raises NotFound."""
    found = tx.session.get(CsvMap, layout_id)
    if found is None:
        raise NotFound("There is no such layout. Choose one from the list, or save a new one.")
    return found


def save(tx: Tx, name: str, layout: Layout) -> CsvMap:
    """Save a layout under a new name, or in place of the one that has it; each change is a version."""
    _require_usable(layout)
    is_new = insert_ignore(tx.session, CsvMap, id=new_id(), name=name.strip(), columns=layout.as_json(),
                           made_by=tx.actor.name, made_at=clock.now(), version=1)  # fmt: skip
    kept = tx.session.scalars(sa.select(CsvMap).filter_by(name=name.strip()).with_for_update()).one()
    if not is_new:
        kept.columns, kept.version = layout.as_json(), kept.version + 1
        kept.made_by, kept.made_at = tx.actor.name, clock.now()
        tx.session.flush()
    return kept


def change(tx: Tx, layout_id: UUID, layout: Layout, version: int) -> CsvMap:
    """Change a saved layout, unless somebody has since `version`."""
    kept = layout_of(tx, layout_id)
    if kept.version != version:
        raise Conflict("Somebody has changed this layout in the meantime. Look at it again.")
    return save(tx, kept.name, layout)


def _require_usable(layout: Layout) -> None:
    if layout.day_form not in DAY_FORMS:
        raise Invalid("Choose how the source writes its days.", code="layout-day")
    if not layout.text:
        raise Invalid("Name the column that holds our reference, usually the description.", code="layout-text")
    if bool(layout.amount) == bool(layout.paid_out and layout.paid_in):
        raise Invalid("Name either the column of the amount, or those of money out and money in.", code="layout-amount")
    if len(layout.delimiter) != 1:
        raise Invalid("The columns are divided by one character, such as a comma or semicolon.", code="layout-divider")
