"""Lines of text put in their places: words, codes for people to read, and moments."""

from datetime import datetime

from labels.display import Rect, Text
from labels.elements import DatetimeElement, IdElement, TextElement
from labels.errors import LayoutError
from labels.page import Page, Placed
from labels.typeface import can_draw, font_size, measure


def place_text(page: Page, element: TextElement) -> Placed:
    """Fixed words or a field's value; nothing at all if the field is not given."""
    value = element.literal or page.value(element.field)
    if not value:
        return Placed()
    name = " or ".join(element.field) or "The fixed text"
    line = element.before + value
    _require_drawable(name, line)
    size = _fitting_size(page, element, line)
    room = page.device.whole_dots(element.max_mm)
    if measure(line, size).width > room and element.overflow == "ellipsis":
        line = _shortened(line, room // measure(line, size).advance)
    if measure(line, size).width > room:
        raise page.overflow(
            name, need=measure(line, size).width, room=room, ways_out="Shorten it, or use wider labels."
        )
    return _line(page, element, room, size=size, text=line)


def place_id(page: Page, element: IdElement) -> Placed:
    """A code in groups, whole: LayoutError where it would not fit, for a code cut short is another code."""
    if element.absent == "nothing" and not page.value(element.field):
        return Placed()
    code = page.code(element.field, element.kinds)
    text = code.text[-element.last :] if element.last else code.grouped
    size = font_size(element.height_mm * page.device.dots_per_mm)
    room, need = page.device.whole_dots(element.max_mm), measure(text, size).width
    if need > room:
        ways_out = "Use wider labels, lower letters in the template (height_mm), or a printer with more dots per mm."
        raise page.overflow(f"The code in {' or '.join(element.field)}", need=need, room=room, ways_out=ways_out)
    return _line(page, element, room, size=size, text=text)


def place_datetime(page: Page, element: DatetimeElement) -> Placed:
    """The moment as given, in the zone it is given in; a ruled blank if there is none yet."""
    value = page.value(element.field)
    if not value and element.blank == "nothing":
        return Placed()
    text = wall_clock(value, element.format) if value else _BLANKS[element.format]
    size = font_size(element.height_mm * page.device.dots_per_mm)
    room, need = page.device.whole_dots(element.max_mm), measure(text, size).width
    if need > room:
        ways_out = "Use wider labels, or lower letters in the template (height_mm)."
        raise page.overflow(" or ".join(element.field), need=need, room=room, ways_out=ways_out)
    return _line(page, element, room, size=size, text=text)


def wall_clock(value: str, form: str) -> str:
    """An RFC 3339 moment as date and 24 h time of its own zone; a time given in UTC with Z keeps the Z."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise LayoutError(f"{value[:40]!r} is no date and time. Write it as 2026-03-04T09:30-05:00.") from None
    if form == "date":
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m-%d %H:%M") + ("Z" if value[-1] in "zZ" else "")


_BLANKS = {"minute": "____-__-__ __:__", "date": "____-__-__"}
_SHARES = {"left": 0.0, "centre": 0.5, "right": 1.0}


def _fitting_size(page: Page, element: TextElement, line: str) -> int:
    size = font_size(element.height_mm * page.device.dots_per_mm)
    if element.overflow == "error":
        return size
    smallest = font_size(element.min_height_mm * page.device.dots_per_mm)
    room = page.device.whole_dots(element.max_mm)
    while size > smallest and measure(line, size).width > room:
        size -= 1
    return size


def _shortened(line: str, characters: int) -> str:
    return line[: max(0, characters - 1)].rstrip() + "…"


def _require_drawable(name: str, line: str) -> None:
    for character in line:
        if not can_draw(character):
            raise LayoutError(f"{name} holds a character no label can print: U+{ord(character):04X}. Take it out.")


def _line(page: Page, element: TextElement | IdElement | DatetimeElement, room: int, *, size: int, text: str) -> Placed:
    measured = measure(text, size)
    x = page.device.dots(element.at[0]) + int((room - measured.width) * _SHARES[element.align])
    # The baseline is that of the letters asked for, so that shrunk ones still stand in line with their neighbours.
    baseline = page.device.dots(element.at[1] + element.height_mm)
    ink = Rect(x, baseline - measured.above, measured.width, measured.above + measured.below)
    line = Text(x=x, baseline=baseline, size=size, advance=measured.advance, text=text)
    return Placed(texts=(line,), reserved=(ink,))
