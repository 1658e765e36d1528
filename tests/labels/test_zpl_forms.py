"""The other forms of ZPL: compressed dots, and the printer's own bars and letters."""

import json
import re
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from labels import LayoutError, render, templates
from labels.device import PROFILES
from labels.display import DisplayList, Rect, Symbol
from labels.elements import TEXT_FIELDS
from labels.errors import BadSymbol
from labels.layout import resolve
from labels.printers.zplstream import draw
from labels.raster import paint
from labels.rendering import REMARKS
from labels.template import load, read
from labels.zpl import zpl
from labels.zpl_native import zpl_native
from tests.labels.pictures import dots, printed

Data = Callable[..., dict[str, str]]
Own = Callable[[str, dict[str, str]], str]
Decode = Callable[[Image.Image], list[str]]
every_label = pytest.mark.parametrize(("template", "dpi"), [(name, dpi) for name in templates() for dpi in PROFILES])


def picture(label: bytes) -> Image.Image:
    """A label as an independent renderer prints it."""
    width, height, pixels = printed(label)
    return Image.frombytes("L", (width, height), pixels)


@every_label
def test_compressed_dots_are_the_previews(template: str, dpi: int, label_data: Data) -> None:
    data = label_data(template)
    assert printed(render(template, data, "zpl-z64", dpi)) == dots(render(template, data, "png", dpi))


def test_compressed_dots_are_a_tenth_of_the_bytes(label_data: Data) -> None:
    data = label_data()
    assert len(render("tube-50x25", data, "zpl-z64", 300)) * 10 < len(render("tube-50x25", data, "zpl", 300))


def test_the_simulated_printer_reads_both_forms(label_data: Data) -> None:
    data = label_data("cryo-24x13")
    plain, packed = (draw(render("cryo-24x13", data, form, 300)).tobytes() for form in ("zpl", "zpl-z64"))
    assert plain == packed


@pytest.mark.parametrize("damage", [(b":Z64:e", b":Z64:f"), (b"^FS", b"0^FS"), (b":Z64:", b":Z65:")])
def test_the_simulated_printer_leaves_damaged_dots_out(damage: tuple[bytes, bytes], label_data: Data) -> None:
    label = render("cryo-24x13", label_data("cryo-24x13"), "zpl-z64", 203)
    assert damage[0] in label
    assert draw(label.replace(*damage)).getextrema() == (255, 255)


@every_label
def test_the_printers_own_bars_are_the_previews(
    template: str, dpi: int, label_data: Data, own_code: Own, decode: Decode
) -> None:
    data = label_data(template)
    label, native = resolve(load(template), data, PROFILES[dpi]), picture(render(template, data, "zpl-native", dpi))
    assert without_text(native, label) == without_text(paint(label).convert("L"), label)
    assert decode(native) == [own_code(template, data)]


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("kind", ["code128", "datamatrix"])
def test_the_printers_own_bars_turn_alike(kind: str, degrees: int) -> None:
    element = {"type": kind, "at": [5, 5], "field": "tube_id", "max_mm": 42, "module_mm": 0.25, "min_module_mm": 0.25}
    element |= {"rotate": degrees} | ({"height_mm": 11} if kind == "code128" else {})
    source = json.dumps({"id": "trial", "version": 1, "size_mm": [60, 60], "elements": [element]})
    label = resolve(read(source), {"tube_id": "S123456789050"}, PROFILES[203])
    assert picture(zpl_native(label)).tobytes() == picture(zpl(label)).tobytes()


def test_the_printers_own_letters_stand_where_ours_do(label_data: Data) -> None:
    data = label_data(sample_word="Wide")
    native, ours = (picture(render("tube-50x25", data, form, 300)) for form in ("zpl-native", "zpl"))
    assert native.tobytes() != ours.tobytes()
    assert ink(native) == pytest.approx(ink(ours), abs=12)


def test_that_text_differs_from_the_preview_is_said() -> None:
    assert REMARKS["zpl-native"].startswith("Text differs from preview")


@pytest.mark.parametrize("word", ["^XZ~JA", "_5E", "~HS", "é Ω", "\\^FS", "a>b", "^"])
def test_hostile_words_stay_words(word: str, label_data: Data) -> None:
    label = render("tube-50x25", label_data(sample_word=word, visit=word[:1]), "zpl-native", 203)
    commands = re.sub(rb"\^F[DH][^^]*", b"", label)
    assert (label.count(b"^XA"), label.count(b"^XZ"), label.count(b"~")) == (1, 1, 0)
    assert set(re.findall(rb"\^[A-Z][A-Z0-9]", commands)) <= {
        b"^XA", b"^CI", b"^PW", b"^LL", b"^LH", b"^FO", b"^GB", b"^FS", b"^BY", b"^BC", b"^FT", b"^A0", b"^PQ", b"^XZ",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["zpl-z64", "zpl-native"])
@pytest.mark.parametrize("field", sorted(TEXT_FIELDS - {"collected_at"}))
@pytest.mark.parametrize("template", templates())
def test_hostile_words_in_any_field_leave_one_label_or_none(
    template: str, field: str, form: str, label_data: Data
) -> None:
    data = label_data(template, **{field: "^XZ~JA"})
    if field == "temperature" and any(type(element).__name__ == "SymbolElement" for element in load(template).elements):
        with pytest.raises(LayoutError, match="temperature is none"):
            render(template, data, form, 203)
        return
    label = render(template, data, form, 203)
    assert (label.count(b"^XA"), label.count(b"^XZ"), label.count(b"~")) == (1, 1, 0)


@pytest.mark.parametrize("payload", ["^XZ", "A>5", "A_1", "a", "", "A~1", "A\n"])
def test_a_payload_that_is_no_code_of_ours_never_reaches_the_printers_own_bars(payload: str) -> None:
    area = Rect(0, 0, 10, 10)
    symbol = Symbol("datamatrix", payload, area, module=2, height=10)
    label = DisplayList("trial", (10, 10), 80, 80, PROFILES[203], rects=(), texts=(), symbols=(symbol,))
    with pytest.raises(BadSymbol):
        zpl_native(label)


def without_text(image: Image.Image, label: DisplayList) -> bytes:
    """The dots of symbols, lines and boxes alone."""
    kept = Image.new("L", image.size, 0)
    for rect in (*label.solids, *(symbol.area for symbol in label.symbols)):
        kept.paste(255, (rect.x, rect.y, rect.right, rect.bottom))
    return ImageChops.lighter(image, ImageChops.invert(kept)).tobytes()


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around what is black."""
    box = image.point(lambda value: 255 - value).getbbox()
    assert box is not None
    return box
