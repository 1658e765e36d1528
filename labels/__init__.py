"""Codes and labels: drawing them, reading them back, laying them onto sheets, printing them."""

from labels.codes import BadCode, Code, Kind, mint, parse
from labels.errors import LayoutError
from labels.rendering import FORMATS, REMARKS, render
from labels.sheets import SheetLabel, SheetOptions, sheets
from labels.stock import Stock, load_stock, read_stock, stocks
from labels.template import templates

__all__ = [
    "FORMATS",
    "REMARKS",
    "BadCode",
    "Code",
    "Kind",
    "LayoutError",
    "SheetLabel",
    "SheetOptions",
    "Stock",
    "load_stock",
    "mint",
    "parse",
    "read_stock",
    "render",
    "sheets",
    "stocks",
    "templates",
]
