"""Turned elements: the same dots, a quarter or two further, in every format."""

import json

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from labels import LayoutError
from labels.device import PROFILES
from labels.display import DisplayList
from labels.errors import TemplateError
from labels.layout import resolve
from labels.pdf import pdf
from labels.png import png
from labels.raster import paint
from labels.svg import svg
from labels.template import read
from labels.zpl import zpl
from tests.labels.pictures import dots, painted, printed

TURNS = [90, 180, 270]
BACK = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
DATA = {
    "tube_id": "S123456789050",
    "sample_word": "Plasma, gjpq",
    "collected_at": "2026-03-04T09:30-07:00",
    "temperature": "-80 C",
}
ELEMENTS = [
    {"type": "text", "field": "sample_word", "height_mm": 3, "max_mm": 40, "align": "right"},
    {"type": "id", "field": "tube_id", "height_mm": 2, "max_mm": 40, "align": "centre"},
    {"type": "datetime", "field": "collected_at", "height_mm": 2, "max_mm": 40},
    {
        "type": "code128",
        "field": "tube_id",
        "height_mm": 11,
        "max_mm": 42,
        "module_mm": 0.25,
        "min_module_mm": 0.25,
        "quiet_mm": 5,
    },
    {"type": "datamatrix", "field": "tube_id", "max_mm": 12, "module_mm": 0.5, "min_module_mm": 0.5},
    {"type": "symbol", "height_mm": 8},
]
every_element = pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: str(element["type"]))


def trial(element: dict[str, object], degrees: int, dpi: int = 300) -> DisplayList:
    placed = element | {"at": [10, 10], "rotate": degrees}
    source = {"id": "trial", "version": 1, "size_mm": [60, 60], "elements": [placed]}
    return resolve(read(json.dumps(source)), DATA, PROFILES[dpi])


def ink(label: DisplayList) -> Image.Image:
    """What is black, and nothing around it."""
    black = paint(label).convert("L").point(lambda value: 255 - value)
    return black.crop(black.getbbox())


@pytest.mark.parametrize("degrees", TURNS)
@every_element
def test_a_turned_element_is_the_upright_one_turned(element: dict[str, object], degrees: int) -> None:
    turned_back = ink(trial(element, degrees)).transpose(BACK[degrees])
    upright = ink(trial(element, 0))
    assert (turned_back.size, turned_back.tobytes()) == (upright.size, upright.tobytes())


@pytest.mark.parametrize("degrees", TURNS)
@every_element
def test_a_turned_element_stays_right_of_and_below_its_corner(element: dict[str, object], degrees: int) -> None:
    box = paint(trial(element, degrees)).convert("L").point(lambda value: 255 - value).getbbox()
    assert box is not None
    # Tails of letters hang below a line's height, so to the left of a line that reads downwards.
    assert min(box[:2]) >= 118 - 12


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("element", [ELEMENTS[3], ELEMENTS[4]], ids=["code128", "datamatrix"])
def test_a_turned_symbol_is_read(element: dict[str, object], degrees: int) -> None:
    label = trial(element, degrees)
    found = zxingcpp.read_barcodes(paint(label).convert("L"))
    assert [(symbol.text, label.symbols[0].turn) for symbol in found] == [("S123456789050", degrees)]


@pytest.mark.parametrize("degrees", TURNS)
@every_element
def test_a_pdf_turns_alike(element: dict[str, object], degrees: int) -> None:
    label = trial(element, degrees)
    page = pypdfium2.PdfDocument(pdf(label))[0].render(scale=300 / 72).to_pil().convert("L")
    shown = page.point(lambda value: 255 if value < 128 else 0).getbbox()
    drawn = paint(label).convert("L").point(lambda value: 255 - value).getbbox()
    assert shown == pytest.approx(drawn, abs=3)


@pytest.mark.parametrize("degrees", TURNS)
@every_element
def test_an_svg_turns_alike(element: dict[str, object], degrees: int) -> None:
    label = trial(element, degrees)
    assert painted(svg(label)) == dots(png(label))


@pytest.mark.parametrize("degrees", TURNS)
@every_element
def test_a_label_printer_turns_alike(element: dict[str, object], degrees: int) -> None:
    label = trial(element, degrees)
    assert printed(zpl(label)) == dots(png(label))


@pytest.mark.parametrize("degrees", TURNS)
def test_what_leaves_the_label_when_it_is_turned_is_refused(degrees: int) -> None:
    element = ELEMENTS[0] | {"at": [55, 55], "rotate": degrees}
    source = json.dumps({"id": "trial", "version": 1, "size_mm": [60, 60], "elements": [element]})
    with pytest.raises(LayoutError, match="leaves the label"):
        resolve(read(source), DATA, PROFILES[203])


@pytest.mark.parametrize("degrees", [45, -90, 360, "90", True, None])
def test_only_quarters_are_turned(degrees: object) -> None:
    element = ELEMENTS[0] | {"at": [1, 1], "rotate": degrees}
    with pytest.raises(TemplateError, match="rotate is 0, 90, 180 or 270"):
        read(json.dumps({"id": "trial", "version": 1, "size_mm": [60, 60], "elements": [element]}))
