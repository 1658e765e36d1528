"""How stock and the settings of printers cross the wire: sizes in mm as decimal strings."""

from decimal import Decimal
from typing import Any

import marshmallow as ma

from biobank.errors import Phrase
from biobank.printing.schemas import NAME
from labels.adjustment import DARKEST, FARTHEST_MM, SPEEDS


def _line(limit: int) -> ma.fields.String:
    return ma.fields.String(required=True, validate=[ma.validate.Length(1, limit), _printable])


def _printable(text: str) -> None:
    if not text.isprintable():
        raise ma.ValidationError("Only characters that can be printed, in one line.")


def _mm(least: str, most: str, **options: Any) -> ma.fields.Decimal:
    return ma.fields.Decimal(allow_nan=False, as_string=True, validate=[
        ma.validate.Range(Decimal(least), Decimal(most)), _tenths], **options)  # fmt: skip


def _tenths(value: Decimal) -> None:
    if value != round(value, 2):
        raise ma.ValidationError(Phrase("Two digits after the point are enough."))


class StockSchema(ma.Schema):
    """Labels on a roll: label, gap between two (0 for an endless web) and liner beside them, in mm."""

    id = ma.fields.UUID(dump_only=True)
    name = _line(60)
    width_mm = _mm("5", "220", required=True)
    height_mm = _mm("5", "500", required=True)
    gap_mm = _mm("0", "20", required=True)
    margin_mm = _mm("0", "20", required=True)
    material = _line(80)
    printer = _line(80)
    version = ma.fields.Integer(dump_only=True)
    changed_at = ma.fields.AwareDateTime(dump_only=True, format="iso")
    changed_by = ma.fields.String(dump_only=True)


class SheetSchema(ma.Schema):
    """A sheet for office printers: paper, label, first label's corner and the step to the next, in mm; how many."""

    code = ma.fields.String(dump_only=True)
    name = _line(60)
    paper_width_mm = _mm("50", "450", required=True)
    paper_height_mm = _mm("50", "650", required=True)
    width_mm = _mm("5", "450", required=True)
    height_mm = _mm("5", "650", required=True)
    across = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 50))
    down = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 100))
    first_x_mm = _mm("0", "200", required=True)
    first_y_mm = _mm("0", "200", required=True)
    pitch_x_mm = _mm("5", "450", required=True)
    pitch_y_mm = _mm("5", "650", required=True)
    note = _line(200)
    version = ma.fields.Integer(dump_only=True)
    changed_at = ma.fields.AwareDateTime(dump_only=True, format="iso", allow_none=True)
    changed_by = ma.fields.String(dump_only=True, allow_none=True)


class NewSheetSchema(SheetSchema):
    """A sheet with the name it gets in the table."""

    code = ma.fields.String(required=True, validate=NAME)


class PrinterSettingsSchema(ma.Schema):
    """What lies in a printer, and how it is set; null leaves darkness and speed as the printer has them."""

    id = ma.fields.UUID(dump_only=True)
    station_id = ma.fields.UUID(dump_only=True)
    name = ma.fields.String(dump_only=True)
    dpi = ma.fields.Integer(dump_only=True)
    status = ma.fields.String(dump_only=True, allow_none=True)
    stock_id = ma.fields.UUID(load_default=None, allow_none=True)
    offset_x_mm = _mm(str(-FARTHEST_MM), str(FARTHEST_MM), load_default=Decimal(0))
    offset_y_mm = _mm(str(-FARTHEST_MM), str(FARTHEST_MM), load_default=Decimal(0))
    darkness = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(-DARKEST, DARKEST))
    speed = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(SPEEDS[0], SPEEDS[-1]))
    version = ma.fields.Integer(dump_only=True)
