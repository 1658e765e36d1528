"""Codes and labels: drawing them, reading them back, printing them."""

from labels.codes import BadCode, Code, Kind, mint, parse
from labels.errors import LayoutError
from labels.rendering import render
from labels.template import templates

__all__ = ["BadCode", "Code", "Kind", "LayoutError", "mint", "parse", "render", "templates"]
