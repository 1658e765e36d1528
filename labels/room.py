"""What a label has room for: nothing leaves it, nothing overlaps, nothing is cut off by a round one."""

from labels.display import Rect
from labels.errors import LayoutError
from labels.page import Placed


def require_room(name: str, placed: list[Placed], label: Rect) -> None:
    """Refuse elements that leave the label or share a dot with another's room."""
    taken: list[tuple[int, Rect]] = [(number, rect) for number, part in enumerate(placed) for rect in part.reserved]
    for place, (number, rect) in enumerate(taken):
        if not label.holds(rect):
            raise LayoutError(f"Element {number + 1} of {name} leaves the label. Move it in the template.")
        for other, other_rect in taken[:place]:
            if other != number and rect.overlaps(other_rect):
                raise LayoutError(
                    f"Elements {other + 1} and {number + 1} of {name} overlap. Move them in the template."
                )


def require_in_circle(name: str, placed: list[Placed], width: int, height: int) -> None:
    """Refuse ink outside of the largest circle on the label; quiet zones may end with it, where nothing is printed."""
    for number, part in enumerate(placed, start=1):
        for rect in (*part.rects, *(part.reserved if part.texts else ())):
            if any(_outside(x, y, width, height) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)):
                raise LayoutError(f"Element {number} of {name} leaves the round label. Move it in the template.")


def _outside(x: int, y: int, width: int, height: int) -> bool:
    return (2 * x - width) ** 2 + (2 * y - height) ** 2 > min(width, height) ** 2
