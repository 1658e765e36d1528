"""The sheets for office printers: those shipped, and in their place or beside them those an administrator measured."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict, Invalid, NotFound
from biobank.printing.label_troubles import quoted
from biobank.printing.models import LabelSheet
from biobank.printing.stock import change, changed
from labels import Stock, StockError, Template, load_stock, read_stock, stocks

AS_SHIPPED = 0
"""The version of a sheet nobody has changed: it stands in no table."""


def sheets(tx: Tx) -> Sequence[LabelSheet]:
    """Every sheet, by code."""
    ours = {row.code: row for row in tx.session.scalars(sa.select(LabelSheet))}
    found = {code: _shipped(code) for code in stocks()} | ours
    return [found[code] for code in sorted(found)]


def sheet(tx: Tx, code: str) -> LabelSheet:
    """One sheet. Raises NotFound."""
    found = tx.session.scalar(sa.select(LabelSheet).filter_by(code=code))
    if found is None and code not in stocks():
        raise NotFound("There is no such sheet of labels.")
    return found or _shipped(code)


def sheets_for(tx: Tx, template: Template) -> Sequence[LabelSheet]:
    """The sheets whose places hold labels of a design."""
    wide, high = template.size_mm
    return [one for one in sheets(tx) if wide <= float(one.width_mm) and high <= float(one.height_mm)]


def add_sheet(tx: Tx, *, code: str, **values: Any) -> LabelSheet:
    """Put a sheet beside the others: sizes in mm as decimals, `across` and `down` as counts, `name` and `note`."""
    if code in stocks():
        raise _taken(code)
    _insert(tx, code, values)
    return sheet(tx, code)


def change_sheet(tx: Tx, code: str, *, version: int, **values: Any) -> LabelSheet:
    """Correct a sheet that was read as `version`; sheets printed from then on take the new sizes."""
    found = sheet(tx, code)
    if found.version == version == AS_SHIPPED:
        _insert(tx, code, values)
    else:
        _require_sheet(code, values)
        change(tx, LabelSheet, found.id, version, values | changed(tx))
    return sheet(tx, code)


def remove_sheet(tx: Tx, code: str) -> None:
    """Take an administrator's sheet away; a shipped one is as it was shipped again."""
    tx.session.execute(sa.delete(LabelSheet).filter_by(code=code))


def as_stock(row: LabelSheet) -> Stock:
    """The sheet as labels are laid onto it. Raises StockError where labels overlap or leave the paper."""
    return _read(row.code, {name: getattr(row, name) for name in (*_PAIRS, "across", "down", "name", "note")})


def _insert(tx: Tx, code: str, values: dict[str, Any]) -> None:
    _require_sheet(code, values)
    if not insert_ignore(tx.session, LabelSheet, id=new_id(), code=code, version=1, **values, **changed(tx)):
        raise _taken(code)


def _require_sheet(code: str, values: dict[str, Any]) -> None:
    try:
        _read(code, values)
    except StockError as problem:
        raise Invalid("Measure again: %(why)s", code="sheet", why=quoted(problem)) from problem


def _read(code: str, values: dict[str, Any]) -> Stock:
    """By the strict reader of shipped sheets, so that the same is refused wherever a sheet is from."""
    sizes = [float(values[name]) for name in _PAIRS]
    paper, label, first, pitch = (sizes[at : at + 2] for at in range(0, 8, 2))
    return read_stock(json.dumps({
        "id": code, "version": 1, "name": values["name"], "source": values["note"], "columns": values["across"],
        "rows": values["down"], "paper_mm": paper, "label_mm": label, "first_mm": first, "pitch_mm": pitch,
    }))  # fmt: skip


def _shipped(code: str) -> LabelSheet:
    stock = load_stock(code)
    sizes = (*stock.paper_mm, *stock.label_mm, *stock.first_mm, *stock.pitch_mm)
    pairs = {name: Decimal(f"{mm:g}") for name, mm in zip(_PAIRS, sizes, strict=True)}
    return LabelSheet(code=code, name=stock.name, note=stock.source, across=stock.columns, down=stock.rows,
                      version=AS_SHIPPED, **pairs)  # fmt: skip


def _taken(code: str) -> Conflict:
    return Conflict("There is a sheet called %(name)s already. Choose another name.", code="name-taken", name=code)


_PAIRS = ("paper_width_mm", "paper_height_mm", "width_mm", "height_mm",
          "first_x_mm", "first_y_mm", "pitch_x_mm", "pitch_y_mm")  # fmt: skip
