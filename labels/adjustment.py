"""What one printer is told so that a label comes out where and as its design says."""

from dataclasses import dataclass

from labels.errors import LayoutError

FARTHEST_MM = 5.0
DARKEST = 30
SPEEDS = range(2, 15)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Moves right and down in mm, and how dark and fast to print; None leaves the printer's own setting.

    `margin_mm` is the liner between the web's edge, where the print head begins, and the label. `darkness` is in steps
    from the printer's own setting (`^MD`), `speed` in inches a second (`^PR`). `gap_mm` is from one label to the next,
    0 for an endless web (`^MN`), None where the printer finds out by itself. (ZPL II guide)
    """

    x_mm: float = 0.0
    y_mm: float = 0.0
    margin_mm: float = 0.0
    gap_mm: float | None = None
    darkness: int | None = None
    speed: int | None = None

    def __post_init__(self) -> None:
        if not all(-FARTHEST_MM <= move <= FARTHEST_MM for move in (self.x_mm, self.y_mm)):
            raise LayoutError(f"An offset is at most {FARTHEST_MM:g} mm each way. If more is needed, load it anew.")
        if self.darkness is not None and not -DARKEST <= self.darkness <= DARKEST:
            raise LayoutError(f"Darkness is from -{DARKEST} to {DARKEST} steps.")
        if self.speed is not None and self.speed not in SPEEDS:
            raise LayoutError(f"Speed is from {SPEEDS[0]} to {SPEEDS[-1]} inches a second.")

    @property
    def right_mm(self) -> float:
        """How far right of the print head's first dot the label begins."""
        return self.margin_mm + self.x_mm


PLAIN = Adjustment()
