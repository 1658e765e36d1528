"""A template and its data laid out in whole dots, or refused: nothing overlaps, nothing leaves the label."""

from collections.abc import Mapping

from labels.bars import place_code128
from labels.device import DeviceProfile
from labels.display import DisplayList, Rect
from labels.elements import (
    BoxElement,
    Code128Element,
    DataMatrixElement,
    DatetimeElement,
    Element,
    IdElement,
    SolidElement,
    SymbolElement,
    TextElement,
    Turning,
)
from labels.lettering import place_datetime, place_id, place_text
from labels.page import Page, Placed, require_known_fields
from labels.room import require_in_circle, require_room
from labels.squares import place_datamatrix
from labels.temperature import place_symbol
from labels.template import Template
from labels.turning import turned


def resolve(template: Template, data: Mapping[str, str], device: DeviceProfile) -> DisplayList:
    """The label as a display list; LayoutError or BadCode say what is missing, wrong or too wide."""
    require_known_fields(data)
    page = Page(name=template.id, device=device, data=data)
    width, height = (device.whole_dots(mm) for mm in template.size_mm)
    placed = [_place(page, element) for element in template.elements]
    require_room(template.id, placed, Rect(0, 0, width, height))
    if template.shape == "round":
        require_in_circle(template.id, placed, width, height)
    return DisplayList(
        name=template.id,
        size_mm=template.size_mm,
        width=width,
        height=height,
        device=device,
        rects=tuple(rect for part in placed for rect in part.rects),
        texts=tuple(text for part in placed for text in part.texts),
        symbols=tuple(symbol for part in placed for symbol in part.symbols),
    )


def _place(page: Page, element: Element) -> Placed:
    if isinstance(element, SolidElement):
        return _solid(page, element)
    if isinstance(element, BoxElement):
        return _outline(page, element)
    return turned(_upright(page, element), room=_room(page, element), degrees=element.rotate)


def _upright(page: Page, element: Turning) -> Placed:
    match element:
        case TextElement():
            return place_text(page, element)
        case IdElement():
            return place_id(page, element)
        case DatetimeElement():
            return place_datetime(page, element)
        case Code128Element():
            return place_code128(page, element)
        case DataMatrixElement():
            return place_datamatrix(page, element)
        case SymbolElement():
            return place_symbol(page, element)


def _room(page: Page, element: Turning) -> Rect:
    """The room an element has before it is turned: a square for what has one side only."""
    wide = element.height_mm if isinstance(element, SymbolElement) else element.max_mm
    high = element.max_mm if isinstance(element, DataMatrixElement) else element.height_mm
    x, y = (page.device.dots(mm) for mm in element.at)
    return Rect(x, y, page.device.whole_dots(wide), page.device.dots(high))


def _solid(page: Page, element: SolidElement) -> Placed:
    rect = _rect(page, element)
    return Placed(rects=(rect,), reserved=(rect,))


def _outline(page: Page, element: BoxElement) -> Placed:
    outer = _rect(page, element)
    stroke = max(1, page.device.dots(element.stroke_mm))
    sides = (
        Rect(outer.x, outer.y, outer.width, stroke),
        Rect(outer.x, outer.bottom - stroke, outer.width, stroke),
        Rect(outer.x, outer.y, stroke, outer.height),
        Rect(outer.right - stroke, outer.y, stroke, outer.height),
    )
    return Placed(rects=sides, reserved=sides)


def _rect(page: Page, element: SolidElement | BoxElement) -> Rect:
    x, y = page.device.dots(element.at[0]), page.device.dots(element.at[1])
    # Rounded down, so that a bar across the whole label ends with the label's last dot and not past it.
    width, height = (max(1, page.device.whole_dots(mm)) for mm in element.size)
    return Rect(x, y, width, height)
