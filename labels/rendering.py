"""A template, its data and a format in, a label's bytes out."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from labels.adjustment import PLAIN, Adjustment
from labels.device import PROFILES, DeviceProfile
from labels.display import DisplayList
from labels.errors import LayoutError
from labels.layout import resolve
from labels.pdf import pdf
from labels.png import png
from labels.svg import svg
from labels.template import Template, load
from labels.zpl import zpl, zpl_z64
from labels.zpl_native import zpl_native

FORMATS: dict[str, Callable[[DisplayList], bytes]] = {
    "png": png,
    "svg": svg,
    "pdf": pdf,
    "zpl": zpl,
    "zpl-z64": zpl_z64,
    "zpl-native": zpl_native,
}
"""Every format by name. A printer's profile names one of the three ZPL forms: plain, compressed, or its own fonts."""

REMARKS = {"zpl-native": "Text differs from preview: the printer sets it in its own font."}
"""What a person is told beside a format whose print is not the preview dot for dot."""


def render(template_id: str, data: Mapping[str, str], fmt: str = "png", dpi: int = 203) -> bytes:
    """One label as png, svg, pdf or zpl (also zpl-z64, zpl-native) for a printer of 203, 300 or 600 dpi.

    The fields of `data` are those of `labels.elements.ALLOWED_FIELDS`; what the template does not show is left out.
    Raises LayoutError, or BadCode for a code that is not whole, before anything is drawn.
    """
    return render_template(load(template_id), data, fmt, dpi)


def render_template(
    template: Template, data: Mapping[str, str], fmt: str = "png", dpi: int = 203, adjustment: Adjustment = PLAIN
) -> bytes:
    """The same for a template that `labels.read_template` read, whoever keeps it, as one printer is to print it."""
    if fmt not in FORMATS:
        raise LayoutError(f"There is no format {fmt!r}. Choose one of: {', '.join(FORMATS)}.")
    return FORMATS[fmt](replace(resolve(template, data, profile(dpi)), adjustment=adjustment))


def profile(dpi: int) -> DeviceProfile:
    """The profile of a resolution; LayoutError lists those there are."""
    if dpi not in PROFILES:
        raise LayoutError(f"There is no profile for {dpi} dpi. Choose one of: {', '.join(map(str, PROFILES))}.")
    return PROFILES[dpi]
