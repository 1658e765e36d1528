"""A layout as the boxes of a form, and back: each element a row of its own settings, no expressions anywhere."""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

from labels.elements import ALLOWED_FIELDS, ELEMENTS

PAIRS = ("at", "size")
WHOLE = ("last", "rotate")
WORDS = ("literal", "before", "align", "overflow", "format", "blank", "absent", "kinds")
CHOICES = {
    "align": ("left", "centre", "right"),
    "overflow": ("error", "shrink", "ellipsis"),
    "format": ("minute", "date"),
    "blank": ("rule", "nothing"),
    "absent": ("error", "nothing"),
    "rotate": ("0", "90", "180", "270"),
}
FIELDS = tuple(sorted(ALLOWED_FIELDS))
KINDS = tuple(ELEMENTS)
_FRESH: dict[str, dict[str, Any]] = {
    "text": {"at": [1, 1], "literal": "TEXT", "height_mm": 2, "max_mm": 10},
    "id": {"at": [1, 1], "field": "tube_id", "height_mm": 2, "max_mm": 30},
    "datetime": {"at": [1, 1], "field": "collected_at", "height_mm": 2, "max_mm": 30},
    "code128": {"at": [1, 1], "field": "tube_id", "height_mm": 10, "max_mm": 45, "module_mm": 0.25,
                "min_module_mm": 0.25, "quiet_mm": 5},
    "datamatrix": {"at": [1, 1], "field": "tube_id", "max_mm": 7, "module_mm": 0.34, "min_module_mm": 0.25, "quiet": 2},
    "symbol": {"at": [1, 1], "height_mm": 2.5},
    "line": {"at": [1, 1], "size": [20, 0.25]},
    "headcheck": {"at": [0, 0], "size": [20, 0.25]},
    "box": {"at": [1, 1], "size": [20, 10], "stroke_mm": 0.25},
}  # fmt: skip


def settings_of(kind: str) -> tuple[str, ...]:
    """The settings an element of that kind has."""
    return tuple(field.name for field in dataclasses.fields(ELEMENTS[kind])) if kind in ELEMENTS else ()


def boxes(layout: str) -> list[dict[str, Any]]:
    """Each element of a layout with the texts of its boxes; an empty list for a text that is no layout at all."""
    try:
        elements = json.loads(layout)["elements"]
        return [_boxes(element) for element in elements]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def head(layout: str) -> dict[str, Any]:
    """The size and shape of a layout as the texts of its boxes."""
    try:
        raw = json.loads(layout)
        width, height = raw["size_mm"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {"width": "", "height": "", "shape": "rectangle"}
    return {"width": _text(width), "height": _text(height), "shape": str(raw.get("shape", "rectangle"))}


def _boxes(element: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(element.get("type"))
    texts: dict[str, str] = {}
    for name in settings_of(kind):
        value = element.get(name, "")
        if name in PAIRS:
            across, down = value if isinstance(value, list) and len(value) == 2 else ("", "")
            texts |= {f"{name}-x": _text(across), f"{name}-y": _text(down)}
        else:
            texts[name] = ", ".join(map(str, value)) if isinstance(value, list) else _text(value)
    return {"type": kind, "texts": texts}


def layout_of(name: str, form: Mapping[str, str]) -> str:
    """The layout that the boxes of a form describe; a number that is none stays a text, for the reader to refuse."""
    numbers = [number for number in range(_count(form)) if not form.get(f"{number}-out")]
    elements = [_element(form, number) for number in numbers]
    added = form.get("add", "")
    if added in _FRESH:
        elements.append({"type": added} | _FRESH[added])
    size = [_number(form.get("width", "")), _number(form.get("height", ""))]
    layout: dict[str, Any] = {"id": name, "version": 1, "size_mm": size}
    if form.get("shape") == "round":
        layout["shape"] = "round"
    return json.dumps(layout | {"elements": elements}, ensure_ascii=False)


def _count(form: Mapping[str, str]) -> int:
    text = form.get("count", "0")
    return min(int(text), 100) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _element(form: Mapping[str, str], number: int) -> dict[str, Any]:
    kind = form.get(f"{number}-type", "")
    element: dict[str, Any] = {"type": kind}
    for name in settings_of(kind):
        value = _value(form, f"{number}-{name}", name)
        if value not in ("", [], ["", ""]):
            element[name] = value
    return element


def _value(form: Mapping[str, str], key: str, name: str) -> Any:
    if name in PAIRS:
        return [_number(form.get(f"{key}-{side}", "")) for side in ("x", "y")]
    text = form.get(key, "").strip()
    if name == "field":
        names = [part.strip() for part in text.split(",") if part.strip()]
        return names[0] if len(names) == 1 else names
    return text if name in WORDS else _number(text)


def _number(text: str) -> Any:
    text = text.strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number == int(number) else number


def _text(value: Any) -> str:
    return "" if value is None else str(value)
