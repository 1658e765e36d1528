"""What a printer is told with a label: moves, gap, darkness and speed, and a label to measure by."""

from io import BytesIO
from itertools import pairwise

import pypdfium2
import pytest
from PIL import Image, ImageChops

from labels import Adjustment, Kind, LayoutError, mint, read_template, render_template, ruler_layout
from labels.device import PROFILES
from tests.labels import captures
from tests.labels.factories import make_label_data
from tests.labels.pictures import printed

TUBE = read_template(ruler_layout("ruler-50x25", 50, 25))
CODE = mint(Kind.TEST)
FORMS = ("zpl", "zpl-z64", "zpl-native")


def _label(fmt: str, dpi: int = 203, **told: float) -> bytes:
    return render_template(TUBE, make_label_data(tube_id=CODE), fmt, dpi, Adjustment(**told))  # type: ignore[arg-type]


@pytest.mark.parametrize("fmt", FORMS)
def test_nothing_is_told_where_nothing_is_set(fmt: str) -> None:
    assert _label(fmt).startswith(b"^XA^CI28^PW400^LL200^LH0,0^FO")


@pytest.mark.parametrize("fmt", FORMS)
def test_every_language_tells_gap_darkness_and_speed(fmt: str) -> None:
    assert b"^MNW^MD-3^PR4^PW" in _label(fmt, gap_mm=3, darkness=-3, speed=4)
    assert b"^MNN^PW" in _label(fmt, gap_mm=0)


@pytest.mark.parametrize("fmt", FORMS)
@pytest.mark.parametrize(("right", "down", "liner"), [(1, 0.5, 0), (-0.5, -1, 0), (0.25, 1, 2)])
def test_a_moved_label_is_the_same_dots_elsewhere(fmt: str, right: float, down: float, liner: float) -> None:
    plain = Image.frombytes("L", *_sized(printed(_label(fmt))))
    moved = Image.frombytes("L", *_sized(printed(_label(fmt, x_mm=right, y_mm=down, margin_mm=liner))))
    dots = PROFILES[203].signed_dots(right + liner), PROFILES[203].signed_dots(down)
    paper = Image.new("L", moved.size, 255)
    paper.paste(plain, dots)
    assert ImageChops.difference(paper, moved).getbbox() is None


def test_a_page_moves_by_the_same_millimetres() -> None:
    plain, moved = (_ink(_label("pdf", **told)) for told in ({}, {"x_mm": 1.0, "y_mm": -0.5}))
    assert [round((after - before) / 40, 2) for before, after in zip(plain, moved, strict=True)] == [1, -0.5] * 2


@pytest.mark.parametrize("told", [{"x_mm": 5.1}, {"y_mm": -6}, {"darkness": 31}, {"speed": 1}])
def test_what_no_printer_takes_is_refused(told: dict[str, float]) -> None:
    with pytest.raises(LayoutError):
        Adjustment(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", PROFILES)
def test_the_ruler_measures_in_millimetres(dpi: int) -> None:
    picture = Image.open(BytesIO(render_template(TUBE, make_label_data(tube_id=mint(Kind.TEST)), "png", dpi)))
    left, top, right, bottom = ImageChops.invert(picture.convert("L")).getbbox() or (0, 0, 0, 0)
    per_mm = PROFILES[dpi].dots_per_mm
    assert [round(dots / per_mm, 1) for dots in (left, top, right, bottom)] == pytest.approx([2, 2, 48, 23], abs=0.15)
    row = PROFILES[dpi].dots(2.7)
    ticks = [at for at in range(left, right) if not picture.getpixel((at, row)) and picture.getpixel((at - 1, row))]
    steps = [after - before for before, after in pairwise(ticks[1:-1])]
    assert sum(steps) / len(steps) == pytest.approx(per_mm, abs=0.1)


@pytest.mark.parametrize(("wide", "high"), [(9.5, 9.5), (24, 13), (33, 13), (100, 60)])
def test_there_is_a_ruler_for_every_size(wide: float, high: float) -> None:
    template = read_template(ruler_layout("ruler", wide, high))
    code = mint(Kind.TEST)
    picture = Image.open(BytesIO(render_template(template, {"tube_id": code}, "png", 300)))
    assert captures.read(picture) == ([code] if wide > 20 else [])


def _sized(dots: tuple[int, int, bytes]) -> tuple[tuple[int, int], bytes]:
    return (dots[0], dots[1]), dots[2]


def _ink(page: bytes) -> tuple[int, ...]:
    drawn = pypdfium2.PdfDocument(page)[0].render(scale=40 * 25.4 / 72).to_pil().convert("L")
    return ImageChops.invert(drawn).point(lambda grey: 255 if grey > 128 else 0).getbbox() or ()
