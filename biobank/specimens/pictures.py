"""A picture that somebody uploads: what it truly is, made small, and without all that a camera adds to it."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from biobank.errors import Invalid

LARGEST_BYTES = 2 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
SIDE = 1600
_KNOWN = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG without place, device or time in it, its sides in pixels."""

    content: bytes
    width: int
    height: int


def clean(content: bytes) -> Picture:
    """The picture in an upload, drawn anew at 1600 pixels at most: nothing but its pixels is kept.

    The kind is told by the bytes, never by a name. Raises Invalid for anything that is no JPEG, PNG or WebP picture.
    """
    if len(content) > LARGEST_BYTES:
        raise Invalid("This picture is larger than 2 MB. Choose a smaller size on the camera.", code="picture-large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_KNOWN) as opened:
                return _drawn_anew(opened)
    except Image.DecompressionBombWarning:
        raise _too_many_points() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid("This is not a picture that can be read. Send a JPEG, PNG or WebP.",
                      code="not-a-picture") from None  # fmt: skip


def _drawn_anew(opened: Image.Image) -> Picture:
    if opened.width * opened.height > LARGEST_PIXELS:
        raise _too_many_points()
    upright = ImageOps.exif_transpose(opened).convert("RGB")
    upright.thumbnail((SIDE, SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82)
    return Picture(out.getvalue(), bare.width, bare.height)


def _too_many_points() -> Invalid:
    return Invalid("This picture has too many points. Choose a smaller size on the camera.", code="picture-large")
