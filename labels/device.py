"""The printers' resolutions, in dots per millimetre."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """A resolution by the name it is sold under: a "203 dpi" thermal head has exactly 8 dots per mm."""

    dpi: int
    dots_per_mm: float

    def dots(self, mm: float) -> int:
        """A length in whole dots, half up."""
        return int(mm * self.dots_per_mm + 0.5)

    def signed_dots(self, mm: float) -> int:
        """A move either way in whole dots, the same as far left as right."""
        return self.dots(mm) if mm >= 0 else -self.dots(-mm)

    def whole_dots(self, mm: float) -> int:
        """The whole dots that fit into a length, so that nothing is drawn past its end."""
        return int(mm * self.dots_per_mm + 1e-9)

    def mm(self, dots: int) -> float:
        """A number of dots in millimetres."""
        return dots / self.dots_per_mm


PROFILES = {
    203: DeviceProfile(dpi=203, dots_per_mm=8.0),
    300: DeviceProfile(dpi=300, dots_per_mm=300 / 25.4),
    600: DeviceProfile(dpi=600, dots_per_mm=600 / 25.4),
}
