"""Rolls, sheets and the settings of printers over JSON: three tables whose rows are shown and changed alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from biobank.printing import actions, stock_schemas
from biobank.printing.models import LabelSheet, LabelStock, Printer
from biobank.printing.signpost import blueprint
from biobank.web.transaction import current_tx

_Row = LabelStock | LabelSheet | Printer
_View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table's rows are found, what they are called, and what shows and changes one."""

    path: str
    key: str
    name: str
    schema: type[ma.Schema]
    row: Callable[..., _Row]
    change: Callable[..., _Row]


def _says(words: str) -> Callable[[_View], _View]:
    """What the published document says of a view that is made for each table."""

    def say(view: _View) -> _View:
        view.__doc__ = words
        return view

    return say


def _listed(table: _Table, rows: Callable[..., Sequence[_Row]], words: str) -> None:
    @blueprint.route(table.path, methods=["GET"], endpoint=f"list_{table.name}s")
    @blueprint.response(200, table.schema(many=True))
    @_says(words)
    def show_all() -> Sequence[_Row]:
        return rows(current_tx())


def _grows(table: _Table, add: Callable[..., _Row], new: type[ma.Schema], words: str) -> None:
    @blueprint.route(table.path, methods=["POST"], endpoint=f"add_{table.name}")
    @blueprint.arguments(new)
    @blueprint.response(201, table.schema)
    @_says(words)
    def add_one(given: dict[str, Any]) -> _Row:
        return add(current_tx(), **given)


def _shown(table: _Table, words: str) -> None:
    @blueprint.route(f"{table.path}/{table.key}", methods=["GET"], endpoint=f"show_{table.name}")
    @blueprint.etag
    @blueprint.response(200, table.schema)
    @_says(words)
    def show(key: Any) -> _Row:
        return _tagged(table.row(current_tx(), key))


def _changed(table: _Table, endpoint: str, words: str) -> None:
    @blueprint.route(f"{table.path}/{table.key}", methods=["PUT"], endpoint=endpoint)
    @blueprint.etag
    @blueprint.arguments(table.schema)
    @blueprint.response(200, table.schema)
    @_says(f"{words} `If-Match` is that of the row as it was read.")
    def change(given: dict[str, Any], key: Any) -> _Row:
        version = table.row(current_tx(), key).version
        blueprint.check_etag({"version": version})
        return _tagged(table.change(current_tx(), key, version=version, **given))


def _tagged(row: _Row) -> _Row:
    blueprint.set_etag({"version": row.version})
    return row


_ROLLS = _Table("/label-stocks", "<uuid:key>", "stock", stock_schemas.StockSchema, actions.stock, actions.change_stock)
_SHEETS = _Table("/label-sheets", "<key>", "sheet", stock_schemas.SheetSchema, actions.sheet, actions.change_sheet)
_PRINTERS = _Table("/label-printers", "<uuid:key>", "printer", stock_schemas.PrinterSettingsSchema,
                   actions.printer, actions.adjust_printer)  # fmt: skip
_listed(_ROLLS, actions.stocks, "Every roll.")
_grows(_ROLLS, actions.add_stock, stock_schemas.StockSchema, "Put a roll into the table.")
_shown(_ROLLS, "One roll.")
_changed(_ROLLS, "change_stock", "Correct a roll.")
_listed(_SHEETS, actions.sheets, "Every sheet for office printers; version 0 is as it was shipped.")
_grows(_SHEETS, actions.add_sheet, stock_schemas.NewSheetSchema,
       "Put a sheet beside the others; refused where its labels overlap or leave the paper.")  # fmt: skip
_shown(_SHEETS, "One sheet.")
_changed(_SHEETS, "change_sheet", "Correct a sheet, a shipped one too.")
_shown(_PRINTERS, "What lies in a printer, and how it is set.")
_changed(_PRINTERS, "adjust_printer", "Set a printer; every label printed from then on is told so.")
