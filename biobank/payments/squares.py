"""A QR code as one outline, for a page to draw."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code (ISO/IEC 18004) of `size` modules a side, quiet zone included; `outline` is an SVG path over them."""

    size: int
    outline: str


def square_of(text: str) -> Square:
    """The QR code of a text, with level M of correction: a creased paper still reads."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=4))
    outline = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark
    )  # fmt: skip
    return Square(len(rows), outline)
