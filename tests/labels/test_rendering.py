"""Labels in every format: what is drawn is what independent decoders read."""

import struct
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from PIL import Image

from labels import BadCode, LayoutError, render, templates
from labels.device import PROFILES
from labels.layout import resolve
from labels.raster import paint
from labels.template import load
from tests.labels.captures import around_symbol
from tests.labels.pictures import dots, painted, printed

TEMPLATES = [
    "box",
    "cap-9.5",
    "cryo-24x13",
    "cryo-33x13",
    "participant-card",
    "place",
    "saliva-kit",
    "shipment",
    "tube-50x25",
    "urine-cup",
    "urine-tube",
]
RESOLUTIONS = [203, 300, 600]
Data = Callable[..., dict[str, str]]
Own = Callable[[str, dict[str, str]], str]
Decode = Callable[[bytes | Image.Image], list[str]]
every_label = pytest.mark.parametrize(
    ("template", "dpi"), [(template, dpi) for template in TEMPLATES for dpi in RESOLUTIONS]
)


def test_the_templates_are_those_shipped() -> None:
    assert sorted(templates()) == TEMPLATES


@every_label
def test_fifty_labels_decode(template: str, dpi: int, label_data: Data, own_code: Own, decode: Decode) -> None:
    # The symbol alone, whose dots are the whole picture's: searching the rest of it takes four times as long.
    batch = [label_data(template) for _ in range(50)]
    drawn = [resolve(load(template), data, PROFILES[dpi]) for data in batch]
    read = [decode(around_symbol(paint(label), label)) for label in drawn]
    assert read == [[own_code(template, data)] for data in batch]


@every_label
def test_zpl_prints_the_very_dots_of_the_preview(
    template: str, dpi: int, label_data: Data, own_code: Own, decode: Decode
) -> None:
    data = label_data(template)
    width, height, pixels = printed(render(template, data, "zpl", dpi))
    assert (width, height, pixels) == dots(render(template, data, "png", dpi))
    assert decode(Image.frombytes("L", (width, height), pixels)) == [own_code(template, data)]


@every_label
def test_pdf_decodes_at_the_resolution_of_a_laser_printer(
    template: str, dpi: int, label_data: Data, own_code: Own, decode: Decode
) -> None:
    batch = [label_data(template)]
    pages = [_page(render(template, data, "pdf", dpi)).render(scale=600 / 72).to_pil() for data in batch]
    assert [decode(page) for page in pages] == [[own_code(template, data)] for data in batch]


@pytest.mark.parametrize(
    ("template", "size_mm"), [("tube-50x25", (50, 25)), ("participant-card", (85.6, 54)), ("shipment", (100, 60))]
)
def test_a_pdf_page_has_the_size_of_the_stock(template: str, size_mm: tuple[float, float], label_data: Data) -> None:
    page = _page(render(template, label_data(template), "pdf", 300))
    assert [side / 72 * 25.4 for side in page.get_size()] == pytest.approx(size_mm, abs=0.01)


def test_a_pdf_asks_not_to_be_scaled(label_data: Data) -> None:
    assert b"/PrintScaling /None" in render("tube-50x25", label_data(), "pdf", 300)


def test_a_pdf_shows_the_letters_where_the_preview_does(label_data: Data) -> None:
    data = label_data()
    page = _page(render("tube-50x25", data, "pdf", 300)).render(scale=300 / 72).to_pil().convert("L")
    preview = Image.open(BytesIO(render("tube-50x25", data, "png", 300))).convert("L")
    assert _ink(page) == pytest.approx(_ink(preview), abs=3)


def test_the_same_label_gives_the_same_bytes_twice(label_data: Data) -> None:
    data = label_data()
    again = [[render("tube-50x25", data, fmt, 203) for fmt in ("png", "svg", "pdf", "zpl")] for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize(("dpi", "dots_per_metre"), [(203, 8000), (300, 11811), (600, 23622)])
def test_a_png_is_one_bit_deep_and_tells_its_true_size(dpi: int, dots_per_metre: int, label_data: Data) -> None:
    picture = render("tube-50x25", label_data(), "png", dpi)
    assert Image.open(BytesIO(picture)).mode == "1"
    at = picture.index(b"pHYs") + 4
    assert struct.unpack(">IIB", picture[at : at + 9]) == (dots_per_metre, dots_per_metre, 1)


def test_an_svg_is_drawn_in_dots(label_data: Data) -> None:
    root = ET.fromstring(render("tube-50x25", label_data(), "svg", 203))
    assert root.get("viewBox") == "0 0 400 200"
    assert root.get("shape-rendering") == "crispEdges"
    assert root.get("width") == "50.000mm"


@every_label
def test_an_svg_draws_the_very_dots_of_the_preview(template: str, dpi: int, label_data: Data) -> None:
    data = label_data(template)
    assert painted(render(template, data, "svg", dpi)) == dots(render(template, data, "png", dpi))


def test_an_svg_tells_its_words_to_those_who_cannot_see_it(label_data: Data) -> None:
    drawing = render("tube-50x25", label_data(sample_word="<EDTA&>"), "svg", 203)
    assert "<EDTA&>" in str(ET.fromstring(drawing)[0].text)


@pytest.mark.parametrize("fmt", ["gif", "ZPL", ""])
def test_an_unknown_format_is_answered_with_those_there_are(fmt: str, label_data: Data) -> None:
    with pytest.raises(LayoutError, match="png, svg, pdf, zpl"):
        render("tube-50x25", label_data(), fmt, 203)


def test_an_unknown_resolution_is_answered_with_those_there_are(label_data: Data) -> None:
    with pytest.raises(LayoutError, match="203, 300, 600"):
        render("tube-50x25", label_data(), "png", 96)


def test_an_unknown_template_is_answered_with_those_there_are(label_data: Data) -> None:
    with pytest.raises(LayoutError, match=", ".join(TEMPLATES)):
        render("no-such-label", label_data(), "png", 203)


def test_a_code_with_a_slip_is_never_drawn(label_data: Data) -> None:
    with pytest.raises(BadCode, match="tube_id: The check digits do not fit"):
        render("tube-50x25", label_data(tube_id="S123456789051"), "png", 203)


def _page(document: bytes) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(document)[0]


def _ink(image: Image.Image) -> tuple[int, int, int, int]:
    box = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert box is not None
    return box
