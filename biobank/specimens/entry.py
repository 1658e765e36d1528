"""How a code came in: by which scanner, by the camera, or by hand."""

from enum import StrEnum


class EnteredBy(StrEnum):
    """What entered a code, as far as the page that sent it knows."""

    WEDGE = "wedge"
    SERIAL = "serial"
    CAMERA = "camera"
    TYPED = "typed"
    UNKNOWN = "unknown"

    @classmethod
    def read(cls, text: str | None) -> "EnteredBy":
        """The word a form sent; anything else is not known."""
        return cls(text) if text in set(cls) else cls.UNKNOWN
