"""A template and its data laid out in whole dots, or refused: nothing overlaps, nothing leaves the label."""

from collections.abc import Mapping

from labels.bars import place_code128
from labels.device import DeviceProfile
from labels.display import DisplayList, Rect
from labels.elements import BoxElement, Code128Element, DatetimeElement, Element, IdElement, SolidElement
from labels.errors import LayoutError
from labels.lettering import place_datetime, place_id, place_text
from labels.page import Page, Placed, require_known_fields
from labels.template import Template


def resolve(template: Template, data: Mapping[str, str], device: DeviceProfile) -> DisplayList:
    """The label as a display list; LayoutError or BadCode say what is missing, wrong or too wide."""
    require_known_fields(data)
    page = Page(name=template.id, device=device, data=data)
    width, height = (device.whole_dots(mm) for mm in template.size_mm)
    placed = [_place(page, element) for element in template.elements]
    _require_room(template.id, placed, Rect(0, 0, width, height))
    return DisplayList(
        name=template.id,
        size_mm=template.size_mm,
        width=width,
        height=height,
        device=device,
        rects=tuple(rect for part in placed for rect in part.rects),
        texts=tuple(text for part in placed for text in part.texts),
    )


def _place(page: Page, element: Element) -> Placed:
    match element:
        case IdElement():
            return place_id(page, element)
        case DatetimeElement():
            return place_datetime(page, element)
        case Code128Element():
            return place_code128(page, element)
        case SolidElement():
            return _solid(page, element)
        case BoxElement():
            return _outline(page, element)
        case _:
            return place_text(page, element)


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


def _require_room(name: str, placed: list[Placed], label: Rect) -> None:
    taken: list[tuple[int, Rect]] = [(number, rect) for number, part in enumerate(placed) for rect in part.reserved]
    for place, (number, rect) in enumerate(taken):
        if not label.holds(rect):
            raise LayoutError(f"Element {number + 1} of {name} leaves the label. Move it in the template.")
        for other, other_rect in taken[:place]:
            if other != number and rect.overlaps(other_rect):
                raise LayoutError(
                    f"Elements {other + 1} and {number + 1} of {name} overlap. Move them in the template."
                )
