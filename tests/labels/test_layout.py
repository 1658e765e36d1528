"""Layout: whole dots, empty quiet zones, and a refusal in place of anything cut short."""

import json
from collections.abc import Callable

import pytest

from labels import BadCode, Kind, LayoutError, mint, templates
from labels.device import PROFILES
from labels.display import DisplayList, Rect
from labels.layout import resolve
from labels.raster import paint
from labels.template import load, read

Data = Callable[..., dict[str, str]]
every_label = pytest.mark.parametrize(("template", "dpi"), [(name, dpi) for name in templates() for dpi in PROFILES])
MATRIX = ["cap-9.5", "cryo-24x13", "cryo-33x13"]
WIDEST = {
    "sample_code": "1PST8-XL",
    "sample_word": "Lithium heparin plasma separator",
    "site_code": "SITE-0042",
    "visit": "Follow-up 12",
    "n_of_m": "12 of 24",
    "temperature": "-196 C vapour",
}


def laid_out(template: str, data: dict[str, str], dpi: int = 203) -> DisplayList:
    return resolve(load(template), data, PROFILES[dpi])


def trial(*elements: dict[str, object], data: dict[str, str], size_mm: tuple[float, float] = (50, 25)) -> DisplayList:
    source = json.dumps({"id": "trial", "version": 1, "size_mm": size_mm, "elements": elements})
    return resolve(read(source), data, PROFILES[203])


def written(label: DisplayList) -> list[str]:
    return [line.text for line in label.texts]


def quiet_zone(template: str, label: DisplayList) -> tuple[int, int]:
    """The dots that must be clear beside and above the symbol: 5 mm for bars, 2 modules for squares, 1 on a cap."""
    if template not in MATRIX:
        return label.device.dots(5), 0
    modules = 1 if template == "cap-9.5" else 2
    return (modules * label.symbols[0].module,) * 2


@every_label
def test_the_widest_words_fit_or_give_way_to_the_codes(template: str, dpi: int, label_data: Data) -> None:
    label = laid_out(template, label_data(template, **WIDEST), dpi)
    assert all(Rect(0, 0, label.width, label.height).holds(rect) for rect in label.rects)


@every_label
def test_no_ink_touches_the_edge_but_the_head_check(template: str, dpi: int, label_data: Data) -> None:
    label = laid_out(template, label_data(template, **WIDEST), dpi)
    image = paint(label).convert("L").point(lambda value: 255 - value)
    headless = image.crop((0, 0, label.width, int(label.height * 0.955)))
    ink = headless.getbbox()
    assert ink is not None
    assert min(ink[0], ink[1], label.width - ink[2]) >= label.device.dots(0.9)


@every_label
def test_the_quiet_zones_are_empty(template: str, dpi: int, label_data: Data) -> None:
    label = laid_out(template, label_data(template, **WIDEST), dpi)
    ink = paint(label).convert("L").point(lambda value: 255 - value)
    across, down = quiet_zone(template, label)
    area = label.symbols[0].area
    around = ink.crop((area.x - across, area.y - down, area.right + across, area.bottom + down))
    assert around.getbbox() == (across, down, across + area.width, down + area.height)


@every_label
def test_bars_are_high_enough_to_be_read_askew(template: str, dpi: int, label_data: Data) -> None:
    (symbol,) = laid_out(template, label_data(template), dpi).symbols
    # A scan line still crosses the whole symbol at 20 degrees if it is 0.35 times as high as long, or very nearly so.
    assert symbol.area.height / symbol.area.width > 0.35


@pytest.mark.parametrize(("dpi", "dots", "mm"), [(203, 3, "0.375"), (300, 4, "0.339"), (600, 8, "0.339")])
@pytest.mark.parametrize("template", MATRIX)
def test_a_narrow_label_has_a_data_matrix_of_fourteen_modules(
    template: str, dpi: int, dots: int, mm: str, label_data: Data
) -> None:
    label = laid_out(template, label_data(template), dpi)
    (symbol,) = label.symbols
    assert (symbol.symbology, symbol.module, symbol.area.width) == ("datamatrix", dots, 14 * dots)
    assert f"{label.device.mm(symbol.module):.3f}" == mm


@pytest.mark.parametrize(("dpi", "dots"), [(203, 2), (300, 3), (600, 6)])
def test_the_tube_label_keeps_a_quarter_millimetre_module(dpi: int, dots: int, label_data: Data) -> None:
    label = laid_out("tube-50x25", label_data(), dpi)
    (symbol,) = label.symbols
    assert (symbol.symbology, symbol.module, symbol.area.width) == ("code128", dots, 123 * dots)
    assert symbol.area.height >= label.device.dots(10)


def test_the_tube_code_is_the_largest_text(label_data: Data) -> None:
    data = label_data(tube_id="S123456789050")
    largest = max(laid_out("tube-50x25", data).texts, key=lambda line: line.size)
    assert largest.text == "S 12345 67890 50"


def test_a_head_check_goes_across_the_whole_label(label_data: Data) -> None:
    label = laid_out("tube-50x25", label_data())
    assert any(rect.x == 0 and rect.width == label.width for rect in label.rects)


def test_the_draw_time_is_that_of_the_clinic(label_data: Data) -> None:
    assert "2026-03-04 09:30" in written(laid_out("tube-50x25", label_data()))


def test_a_time_in_utc_says_so(label_data: Data) -> None:
    data = label_data(collected_at="2026-03-04T16:30:00Z")
    assert "2026-03-04 16:30Z" in written(laid_out("tube-50x25", data))


def test_a_tube_not_drawn_yet_has_a_blank_to_fill_in(label_data: Data) -> None:
    data = label_data(collected_at="")
    assert "____-__-__ __:__" in written(laid_out("tube-50x25", data))


def test_a_time_that_is_none_is_refused(label_data: Data) -> None:
    with pytest.raises(LayoutError, match="no date and time"):
        laid_out("tube-50x25", label_data(collected_at="yesterday"))


@pytest.mark.parametrize("field", ["tube_id", "participant_code"])
def test_a_missing_code_is_named(field: str, label_data: Data) -> None:
    data = {key: value for key, value in label_data().items() if key != field}
    with pytest.raises(LayoutError, match=f"needs {field}"):
        laid_out("tube-50x25", data)


def test_a_code_of_the_wrong_kind_is_refused(label_data: Data) -> None:
    with pytest.raises(BadCode, match=r"tube_id: this is a box code\. Give one that begins with S or T"):
        laid_out("tube-50x25", label_data(tube_id=mint(Kind.BOX)))


def test_a_test_label_can_be_printed_on_any_stock(label_data: Data) -> None:
    code = mint(Kind.TEST)
    assert laid_out("tube-50x25", label_data(tube_id=code, participant_code=code)).texts


def test_a_field_no_label_shows_is_refused(label_data: Data) -> None:
    with pytest.raises(LayoutError, match="No label shows date_of_birth"):
        laid_out("tube-50x25", label_data(date_of_birth="1970-01-01"))


def test_a_value_that_is_no_text_is_refused(label_data: Data) -> None:
    with pytest.raises(LayoutError, match="visit must be text"):
        laid_out("tube-50x25", label_data() | {"visit": 3})  # type: ignore[dict-item]


def test_a_code_too_wide_for_its_room_is_refused_with_the_ways_out(label_data: Data) -> None:
    element = {"type": "id", "at": [1, 1], "field": "tube_id", "height_mm": 3, "max_mm": 30}
    with pytest.raises(LayoutError, match=r"tube_id needs 40\.0 mm and has 30\.0 mm on trial.*wider labels"):
        trial(element, data=label_data())


def test_a_bar_code_too_wide_for_its_room_is_refused_with_the_ways_out(label_data: Data) -> None:
    element = {"type": "code128", "at": [1, 1], "field": "tube_id", "height_mm": 8, "max_mm": 22}
    with pytest.raises(LayoutError, match=r"needs 35\.8 mm and has 22\.0 mm.*Data Matrix"):
        trial(element | {"module_mm": 0.25, "min_module_mm": 0.17}, data=label_data())


def test_a_bar_code_takes_a_smaller_module_where_the_template_allows_it(label_data: Data) -> None:
    element = {"type": "code128", "at": [1, 1], "field": "tube_id", "height_mm": 8, "max_mm": 40}
    label = trial(element | {"module_mm": 0.5, "min_module_mm": 0.25}, data=label_data())
    assert label.rects[-1].right - label.rects[0].x == 123 * 2


def test_words_shrink_only_as_far_as_the_template_allows() -> None:
    element = {"type": "text", "at": [1, 1], "field": "site_code", "height_mm": 3, "max_mm": 10}
    with pytest.raises(LayoutError, match=r"site_code needs .* Shorten it"):
        trial(element | {"overflow": "shrink", "min_height_mm": 2}, data={"site_code": "SITE-0042"})


def test_words_that_may_be_shortened_show_it() -> None:
    element = {"type": "text", "at": [1, 1], "field": "visit", "height_mm": 2, "max_mm": 10}
    label = trial(element | {"overflow": "ellipsis", "min_height_mm": 2}, data={"visit": "Follow-up 12"})
    assert written(label) == ["Follo…"]


def test_two_elements_never_share_a_dot() -> None:
    element = {"type": "text", "at": [1, 1], "literal": "one", "height_mm": 2, "max_mm": 10}
    with pytest.raises(LayoutError, match="Elements 1 and 2 of trial overlap"):
        trial(element, element | {"at": [3, 2]}, data={})


def test_nothing_leaves_the_label() -> None:
    element = {"type": "text", "at": [45, 1], "literal": "over the edge", "height_mm": 2, "max_mm": 40}
    with pytest.raises(LayoutError, match="Element 1 of trial leaves the label"):
        trial(element, data={})


def test_a_date_alone_can_be_asked_for() -> None:
    element = {"type": "datetime", "at": [1, 1], "field": "collected_at", "height_mm": 2, "max_mm": 20}
    label = trial(element | {"format": "date"}, data={"collected_at": "2026-03-04T09:30-07:00"})
    assert written(label) == ["2026-03-04"]


def test_a_code_may_be_left_out_only_where_the_template_says_so(label_data: Data) -> None:
    data = label_data("cryo-24x13", participant_code="")
    assert len(written(laid_out("cryo-24x13", data))) + 1 == len(
        written(laid_out("cryo-24x13", label_data("cryo-24x13")))
    )
    with pytest.raises(LayoutError, match="needs participant_code"):
        laid_out("tube-50x25", label_data(participant_code=""))


@pytest.mark.parametrize("template", ["cryo-24x13", "cryo-33x13"])
def test_a_cryovial_says_how_much_is_in_it_and_how_cold_it_stays(template: str, label_data: Data) -> None:
    label = laid_out(template, label_data(template, volume="0.5 mL"))
    assert "0.5 mL" in written(label)
    assert len(laid_out(template, label_data(template, temperature="")).rects) < len(label.rects)


@pytest.mark.parametrize("template", ["cryo-24x13", "cryo-33x13", "urine-cup", "urine-tube", "saliva-kit"])
@pytest.mark.parametrize("dpi", list(PROFILES))
def test_no_text_is_larger_than_the_code(template: str, dpi: int, label_data: Data) -> None:
    data = label_data(template, tube_id="S123456789050")
    texts = laid_out(template, data, dpi).texts
    assert max(line.size for line in texts) == next(line.size for line in texts if line.text == "S 12345 67890 50")


def test_a_cap_shows_the_last_four_of_its_code(label_data: Data) -> None:
    assert written(laid_out("cap-9.5", label_data("cap-9.5", tube_id="S123456789050"))) == ["9050"]


@pytest.mark.parametrize("at", [[0, 0], [8, 0.2], [3, 8.2]])
def test_a_round_label_cuts_nothing_off(at: list[float]) -> None:
    element = {"type": "line", "at": at, "size": [1.4, 1.2]}
    source = {"id": "dot", "version": 1, "size_mm": [9.5, 9.5], "shape": "round", "elements": [element]}
    with pytest.raises(LayoutError, match="leaves the round label"):
        resolve(read(json.dumps(source)), {}, PROFILES[203])


@pytest.mark.parametrize(("template", "word"), [("urine-cup", "CUP"), ("urine-tube", "TUBE"), ("saliva-kit", "SALIVA")])
def test_two_labels_of_one_code_are_told_apart(template: str, word: str, label_data: Data) -> None:
    assert word in written(laid_out(template, label_data(template)))


def test_a_saliva_label_names_its_kit(label_data: Data) -> None:
    label = laid_out("saliva-kit", label_data("saliva-kit", kit_id="K123456789062"))
    assert "K 12345 67890 62" in written(label)


def test_a_data_matrix_too_large_for_its_room_names_the_ways_out(label_data: Data) -> None:
    element = {"type": "datamatrix", "at": [1, 1], "field": "tube_id", "max_mm": 5, "module_mm": 0.4}
    with pytest.raises(LayoutError, match=r"needs 6\.8 mm and has 5\.0 mm on trial\. Use larger labels"):
        trial(element | {"min_module_mm": 0.375}, data=label_data())
