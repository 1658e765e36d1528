"""Elements turned by quarters, clockwise, so that the upper left corner of what they become stays in its place."""

from dataclasses import replace

from labels.display import Rect, Symbol, Text
from labels.page import Placed

Point = tuple[int, int]


def turned(placed: Placed, *, room: Rect, degrees: int) -> Placed:
    """What was placed in a room, with the room turned by 90, 180 or 270 degrees about nothing but its own corner."""
    if not degrees:
        return placed
    return Placed(
        rects=tuple(_rect(rect, room, degrees) for rect in placed.rects),
        texts=tuple(_text(text, room, degrees) for text in placed.texts),
        symbols=tuple(_symbol(symbol, room, degrees) for symbol in placed.symbols),
        reserved=tuple(_rect(rect, room, degrees) for rect in placed.reserved),
    )


def _point(x: int, y: int, room: Rect, degrees: int) -> Point:
    right, down = x - room.x, y - room.y
    if degrees == 90:
        right, down = room.height - down, right
    elif degrees == 180:
        right, down = room.width - right, room.height - down
    else:
        right, down = down, room.width - right
    return room.x + right, room.y + down


def _rect(rect: Rect, room: Rect, degrees: int) -> Rect:
    one = _point(rect.x, rect.y, room, degrees)
    other = _point(rect.right, rect.bottom, room, degrees)
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return Rect(x, y, abs(one[0] - other[0]), abs(one[1] - other[1]))


def _text(text: Text, room: Rect, degrees: int) -> Text:
    x, baseline = _point(text.x, text.baseline, room, degrees)
    return replace(text, x=x, baseline=baseline, turn=degrees)


def _symbol(symbol: Symbol, room: Rect, degrees: int) -> Symbol:
    return replace(symbol, area=_rect(symbol.area, room, degrees), turn=degrees)
