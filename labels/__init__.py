"""Codes and labels: drawing them, reading them back, laying them onto sheets, printing them."""

from labels.adjustment import Adjustment
from labels.codes import BadCode, Code, Kind, mint, parse
from labels.errors import LayoutError, StockError
from labels.outline import outline
from labels.rendering import FORMATS, REMARKS, render, render_template
from labels.ruler_label import ruler_layout
from labels.setting import setting_svg
from labels.sheets import SheetLabel, SheetOptions, sheets
from labels.stock import Stock, load_stock, read_stock, stocks
from labels.template import Template, templates
from labels.template import read as read_template
from labels.template import source as template_source

__all__ = [
    "FORMATS",
    "REMARKS",
    "Adjustment",
    "BadCode",
    "Code",
    "Kind",
    "LayoutError",
    "SheetLabel",
    "SheetOptions",
    "Stock",
    "StockError",
    "Template",
    "load_stock",
    "mint",
    "outline",
    "parse",
    "read_stock",
    "read_template",
    "render",
    "render_template",
    "ruler_layout",
    "setting_svg",
    "sheets",
    "stocks",
    "template_source",
    "templates",
]
