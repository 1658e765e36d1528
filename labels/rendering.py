"""A template, its data and a format in, a label's bytes out."""

from collections.abc import Callable, Mapping

from labels.device import PROFILES
from labels.display import DisplayList
from labels.errors import LayoutError
from labels.layout import resolve
from labels.pdf import pdf
from labels.png import png
from labels.svg import svg
from labels.template import load
from labels.zpl import zpl

FORMATS: dict[str, Callable[[DisplayList], bytes]] = {"png": png, "svg": svg, "pdf": pdf, "zpl": zpl}


def render(template_id: str, data: Mapping[str, str], fmt: str = "png", dpi: int = 203) -> bytes:
    """One label as png, svg, pdf or zpl for a printer of 203, 300 or 600 dpi.

    The fields of `data` are those of `labels.elements.ALLOWED_FIELDS`; what the template does not show is left out.
    Raises LayoutError, or BadCode for a code that is not whole, before anything is drawn.
    """
    if fmt not in FORMATS:
        raise LayoutError(f"There is no format {fmt!r}. Choose one of: {', '.join(FORMATS)}.")
    if dpi not in PROFILES:
        raise LayoutError(f"There is no profile for {dpi} dpi. Choose one of: {', '.join(map(str, PROFILES))}.")
    return FORMATS[fmt](resolve(load(template_id), data, PROFILES[dpi]))
