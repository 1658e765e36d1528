"""A label to measure: a frame two millimetres inside its edges, rulers along it, and a code to scan."""

import json
from typing import Any

INSET_MM = 2.0
"""How far the frame stands from each edge of a label that lies where it should."""
_STROKE_MM = 0.2
_Layout = dict[str, Any]


def ruler_layout(name: str, width_mm: float, height_mm: float) -> str:
    """The layout for labels of that size, as a template's JSON text; what has no room is left out.

    Ticks stand 1 mm apart, counted from the frame's upper left corner: every fifth is longer, every tenth longest.
    """
    wide, high = width_mm - 2 * INSET_MM, height_mm - 2 * INSET_MM
    elements: list[_Layout] = [{"type": "box", "at": [INSET_MM, INSET_MM], "size": [wide, high],
                                "stroke_mm": _STROKE_MM}]  # fmt: skip
    elements += [_tick(at, across=True) for at in range(2, int(wide))]
    elements += [_tick(at, across=False) for at in range(2, int(high))]
    return json.dumps({"id": name, "version": 1, "size_mm": [width_mm, height_mm],
                       "elements": elements + _words(wide, high)})  # fmt: skip


def _tick(at: int, *, across: bool) -> _Layout:
    length = 2.0 if at % 10 == 0 else 1.4 if at % 5 == 0 else 0.8
    size = [_STROKE_MM, length] if across else [length, _STROKE_MM]
    edge = INSET_MM + _STROKE_MM + 0.1
    place = [INSET_MM + at, edge] if across else [edge, INSET_MM + at]
    return {"type": "line", "at": [round(mm, 3) for mm in place], "size": size}


def _words(wide: float, high: float) -> list[_Layout]:
    """What stands inside the frame, below and right of the ticks: the code as a symbol, as digits, and the size."""
    left = top = INSET_MM + 2.8
    side = min(7.6, high - 3.2)
    if wide < 12 or side < 5.6:
        return []
    symbol: list[_Layout] = [{"type": "datamatrix", "at": [left, top], "field": "tube_id", "max_mm": side,
                              "module_mm": 0.34, "min_module_mm": 0.25, "quiet": 1}]  # fmt: skip
    room = wide - 2.8 - 8 - 0.6
    if room < 24:
        return symbol
    said = f"{wide:g} x {high:g} mm"
    return [*symbol,
            {"type": "id", "at": [left + 8, top + 0.6], "field": "tube_id", "height_mm": 1.5, "max_mm": room},
            {"type": "text", "at": [left + 8, top + 4], "literal": said, "height_mm": 1.5, "max_mm": room}]  # fmt: skip
