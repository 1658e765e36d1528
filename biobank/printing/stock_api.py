"""Rolls, sheets and the settings of printers over JSON."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from biobank.printing import actions, stock_schemas
from biobank.printing.models import LabelSheet, LabelStock, Printer
from biobank.printing.signpost import blueprint
from biobank.web.transaction import current_tx

_Row = TypeVar("_Row", LabelStock, LabelSheet, Printer)


@blueprint.route("/label-stocks", methods=["GET"])
@blueprint.response(200, stock_schemas.StockSchema(many=True))
def list_stocks() -> Sequence[LabelStock]:
    """Every roll."""
    return actions.stocks(current_tx())


@blueprint.route("/label-stocks", methods=["POST"])
@blueprint.arguments(stock_schemas.StockSchema)
@blueprint.response(201, stock_schemas.StockSchema)
def add_stock(given: dict[str, Any]) -> LabelStock:
    """Put a roll into the table."""
    return actions.add_stock(current_tx(), **given)


@blueprint.route("/label-stocks/<uuid:stock_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, stock_schemas.StockSchema)
def show_stock(stock_id: UUID) -> LabelStock:
    """One roll."""
    return _tagged(actions.stock(current_tx(), stock_id))


@blueprint.route("/label-stocks/<uuid:stock_id>", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(stock_schemas.StockSchema)
@blueprint.response(200, stock_schemas.StockSchema)
def change_stock(given: dict[str, Any], stock_id: UUID) -> LabelStock:
    """Correct a roll; `If-Match` is that of the roll as it was read."""
    version = _as_read(actions.stock(current_tx(), stock_id))
    return _tagged(actions.change_stock(current_tx(), stock_id, version=version, **given))


@blueprint.route("/label-sheets", methods=["GET"])
@blueprint.response(200, stock_schemas.SheetSchema(many=True))
def list_sheets() -> Sequence[LabelSheet]:
    """Every sheet for office printers; version 0 is as it was shipped."""
    return actions.sheets(current_tx())


@blueprint.route("/label-sheets", methods=["POST"])
@blueprint.arguments(stock_schemas.NewSheetSchema)
@blueprint.response(201, stock_schemas.SheetSchema)
def add_sheet(given: dict[str, Any]) -> LabelSheet:
    """Put a sheet beside the others; refused where its labels overlap or leave the paper."""
    return actions.add_sheet(current_tx(), **given)


@blueprint.route("/label-sheets/<code>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, stock_schemas.SheetSchema)
def show_sheet(code: str) -> LabelSheet:
    """One sheet."""
    return _tagged(actions.sheet(current_tx(), code))


@blueprint.route("/label-sheets/<code>", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(stock_schemas.SheetSchema)
@blueprint.response(200, stock_schemas.SheetSchema)
def change_sheet(given: dict[str, Any], code: str) -> LabelSheet:
    """Correct a sheet, a shipped one too; `If-Match` is that of the sheet as it was read."""
    version = _as_read(actions.sheet(current_tx(), code))
    return _tagged(actions.change_sheet(current_tx(), code, version=version, **given))


@blueprint.route("/label-printers/<uuid:printer_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, stock_schemas.PrinterSettingsSchema)
def show_printer(printer_id: UUID) -> Printer:
    """What lies in a printer, and how it is set."""
    return _tagged(actions.printer(current_tx(), printer_id))


@blueprint.route("/label-printers/<uuid:printer_id>", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(stock_schemas.PrinterSettingsSchema)
@blueprint.response(200, stock_schemas.PrinterSettingsSchema)
def adjust_printer(given: dict[str, Any], printer_id: UUID) -> Printer:
    """Set a printer; every label printed from then on is told so."""
    version = _as_read(actions.printer(current_tx(), printer_id))
    return _tagged(actions.adjust_printer(current_tx(), printer_id, version=version, **given))


def _as_read(row: _Row) -> int:
    blueprint.check_etag({"version": row.version})
    return row.version


def _tagged(row: _Row) -> _Row:
    blueprint.set_etag({"version": row.version})
    return row
