"""What a label shows, as rectangles, symbols and text in whole printer dots: all that a renderer draws."""

from dataclasses import dataclass
from typing import Literal

from labels.adjustment import PLAIN, Adjustment
from labels.device import DeviceProfile


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in dots from the label's upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column of dots past the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row of dots past the rectangle."""
        return self.y + self.height

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share a dot."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Rect") -> bool:
        """Whether the other lies wholly inside."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: its first character starts at x, each next one `advance` dots on, all on the baseline.

    `turn` is the direction of reading in degrees clockwise from left to right, about the point (x, baseline).
    """

    x: int
    baseline: int
    size: int
    advance: int
    text: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A bar code's place: the dots of its bars and of nothing else, of modules of so many dots, turned clockwise.

    `height` is that of its bars before it was turned.
    """

    symbology: Literal["code128", "datamatrix"]
    payload: str
    area: Rect
    module: int
    height: int
    turn: int = 0


@dataclass(frozen=True, slots=True)
class DisplayList:
    """A whole label: black rectangles and text on white, in dots of one device; the size in mm is the stock's.

    The rectangles are everything black but the text, the bars of each symbol among them. The adjustment is what the
    printer is told besides; a preview shows the label without it.
    """

    name: str
    size_mm: tuple[float, float]
    width: int
    height: int
    device: DeviceProfile
    rects: tuple[Rect, ...]
    texts: tuple[Text, ...]
    symbols: tuple[Symbol, ...] = ()
    adjustment: Adjustment = PLAIN

    @property
    def solids(self) -> tuple[Rect, ...]:
        """The rectangles that belong to no symbol."""
        return tuple(rect for rect in self.rects if not any(symbol.area.holds(rect) for symbol in self.symbols))
