"""The administrator's table of labels on rolls, and whether a design fits what lies in a printer."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, NotFound
from biobank.printing.designs import keep_layout
from biobank.printing.models import LabelSheet, LabelStock, Printer
from labels import Template, ruler_layout

RULER = "ruler"
_USUAL_MM = (50.0, 25.0)
_CLOSE_MM = 0.5


@cache
def shipped() -> tuple[Mapping[str, str], ...]:
    """A roll for every shipped design, to begin with; whoever loads one measures it."""
    text = resources.files("biobank.printing").joinpath("stock.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


def stocks(tx: Tx) -> Sequence[LabelStock]:
    """Every roll, by name."""
    return tx.session.scalars(sa.select(LabelStock).order_by(LabelStock.name)).all()


def stock(tx: Tx, stock_id: UUID) -> LabelStock:
    """One roll. Raises NotFound."""
    found = tx.session.get(LabelStock, stock_id)
    if found is None:
        raise NotFound("There is no such stock of labels.")
    return found


def add_stock(tx: Tx, **values: Any) -> LabelStock:
    """Put a roll into the table: `name`, the four sizes in mm as decimals, `material` and `printer`."""
    key = new_id()
    if not insert_ignore(tx.session, LabelStock, id=key, version=1, **values, **changed(tx)):
        raise _name_taken(values["name"])
    return stock(tx, key)


def take_shipped(tx: Tx) -> int:
    """Put in the rolls of the shipped designs whose names are not taken; how many there were."""
    rows = [_read(row) for row in shipped()]
    return sum(insert_ignore(tx.session, LabelStock, id=new_id(), version=1, **row, **changed(tx)) for row in rows)


def change_stock(tx: Tx, stock_id: UUID, *, version: int, **values: Any) -> LabelStock:
    """Correct a roll that was read as `version`; every label printed from then on takes the new sizes."""
    stock(tx, stock_id)
    other = sa.select(LabelStock.id).where(LabelStock.name == values["name"], LabelStock.id != stock_id)
    if tx.session.scalar(other):
        raise _name_taken(values["name"])
    change(tx, LabelStock, stock_id, version, values | changed(tx))
    return stock(tx, stock_id)


def remove_stock(tx: Tx, stock_id: UUID) -> None:
    """Take a roll out of the table. Refused while a printer has it."""
    found = stock(tx, stock_id)
    if tx.session.scalar(sa.select(Printer.id).filter_by(stock_id=stock_id).limit(1)):
        raise Conflict("A printer has this stock. Load another one there first.", code="stock-loaded")
    tx.session.delete(found)
    tx.session.flush()


def printers(tx: Tx) -> Sequence[Printer]:
    """Every printer of every station, by name."""
    return tx.session.scalars(sa.select(Printer).order_by(Printer.name, Printer.id)).all()


def printer(tx: Tx, printer_id: UUID) -> Printer:
    """One printer. Raises NotFound."""
    found = tx.session.get(Printer, printer_id)
    if found is None:
        raise NotFound("There is no such printer.")
    return found


def adjust_printer(tx: Tx, printer_id: UUID, *, version: int, **values: Any) -> Printer:
    """Say what lies in a printer and how it is set: `stock_id`, offsets in mm, `darkness`, `speed`."""
    printer(tx, printer_id)
    if values.get("stock_id") is not None:
        stock(tx, values["stock_id"])
    change(tx, Printer, printer_id, version, values)
    return printer(tx, printer_id)


def fits(machine: Printer, template: Template) -> bool:
    """Whether a label of that design has room on what lies in the printer; anything has where nobody told."""
    return machine.stock is None or all(own <= room + _CLOSE_MM for own, room in _sides(machine.stock, template))


def is_made_for(machine: Printer, template: Template) -> bool:
    """Whether what lies in the printer has the size of the design."""
    return machine.stock is not None and all(
        abs(own - room) <= _CLOSE_MM for own, room in _sides(machine.stock, template)
    )


def size_in(machine: Printer) -> tuple[float, float]:
    """The width and height in mm of the labels in a printer; those of a tube where nobody told."""
    return _size(machine.stock) if machine.stock else _USUAL_MM


def ruler_of(tx: Tx, machine: Printer) -> str:
    """The name of the design that measures what lies in the printer; it is kept like any other."""
    wide, high = size_in(machine)
    name = f"{RULER}-{wide:g}x{high:g}"
    keep_layout(tx, name, ruler_layout(name, wide, high))
    return name


def _sides(loaded: LabelStock, template: Template) -> list[tuple[float, float]]:
    return list(zip(template.size_mm, _size(loaded), strict=True))


def _size(loaded: LabelStock) -> tuple[float, float]:
    return float(loaded.width_mm), float(loaded.height_mm)


def _read(row: Mapping[str, str]) -> dict[str, Any]:
    return {name: Decimal(text) if name.endswith("_mm") else text for name, text in row.items()}


def changed(tx: Tx) -> dict[str, Any]:
    return {"changed_at": clock.now(), "changed_by": tx.actor.name}


def change(
    tx: Tx, model: type[LabelStock | LabelSheet | Printer], key: UUID, version: int, values: Mapping[str, Any]
) -> None:
    """One conditional update, so that two who change the same at once do not undo each other."""
    held = sa.update(model).where(model.id == key, model.version == version)
    result = tx.session.execute(
        held.values(**values, version=version + 1), execution_options={"synchronize_session": False}
    )
    tx.session.expire_all()
    if not result.rowcount:  # type: ignore[attr-defined]
        raise Conflict("Somebody else changed this meanwhile. Look at it, then make your change there.",
                       code="changed-meanwhile")  # fmt: skip


def _name_taken(name: str) -> Conflict:
    return Conflict("There is a stock called %(name)s already. Choose another name.", code="name-taken", name=name)
