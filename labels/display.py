"""What a label shows, as rectangles and lines of text in whole printer dots: all that a renderer draws."""

from dataclasses import dataclass

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
    """A line of text: its first character starts at x, each next one `advance` dots on, all on the baseline."""

    x: int
    baseline: int
    size: int
    advance: int
    text: str


@dataclass(frozen=True, slots=True)
class DisplayList:
    """A whole label: black rectangles and text on white, in dots of one device; the size in mm is the stock's."""

    name: str
    size_mm: tuple[float, float]
    width: int
    height: int
    device: DeviceProfile
    rects: tuple[Rect, ...]
    texts: tuple[Text, ...]
