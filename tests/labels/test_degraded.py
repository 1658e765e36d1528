"""Labels as a camera sees them: read all the same, and never as another code."""

import random
from io import BytesIO

import pytest
from PIL import Image

from labels import BadCode, parse, render, templates
from labels.device import PROFILES
from labels.layout import resolve
from labels.template import load
from tests.labels import captures
from tests.labels.factories import OWN_KIND, make_label_data

SHARE = 3
"""Labels a template, resolution and level; `make labels-decode` reads a thousand."""


@pytest.mark.parametrize("level", captures.LEVELS, ids=lambda level: level.name)
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("template", templates())
def test_blurred_bent_and_askew_labels_are_read(template: str, dpi: int, level: captures.Level) -> None:
    chosen = random.Random(f"{template} {dpi} {level.name}")
    assert [seen for own, seen in _looks(template, dpi, level, chosen) if seen != [own]] == []


@pytest.mark.parametrize("template", ["tube-50x25", "cryo-24x13", "cap-9.5"])
def test_a_dead_dot_never_makes_another_code(template: str) -> None:
    chosen = random.Random(template)
    for _ in range(20):
        data = make_label_data(template)
        worn = captures.with_dead_dot(resolve(load(template), data, PROFILES[203]), chosen)
        others = [text for text in captures.read(worn) if text != data[OWN_KIND[template][0]]]
        assert not any(map(_is_whole, others))


def test_the_same_seed_gives_the_same_capture() -> None:
    data = make_label_data("cryo-24x13", tube_id="S123456789050")
    label = resolve(load("cryo-24x13"), data, PROFILES[300])
    seen = [captures.capture("cryo-24x13", label, captures.LEVELS[1], random.Random(7)) for _ in range(2)]
    assert seen[0].tobytes() == seen[1].tobytes()


def test_a_capture_is_harder_than_the_print() -> None:
    data = make_label_data()
    label = resolve(load("tube-50x25"), data, PROFILES[300])
    seen = captures.capture("tube-50x25", label, captures.LEVELS[1], random.Random(7))
    greys = len(set(seen.tobytes()))
    assert len(set(Image.open(BytesIO(render("tube-50x25", data, "png", 300))).convert("L").tobytes())) == 2 < greys


def _looks(template: str, dpi: int, level: captures.Level, chosen: random.Random) -> list[tuple[str, list[str]]]:
    found = []
    for _ in range(SHARE):
        data = make_label_data(template)
        label = resolve(load(template), data, PROFILES[dpi])
        found.append((data[OWN_KIND[template][0]], captures.read(captures.capture(template, label, level, chosen))))
    return found


def _is_whole(text: str) -> bool:
    try:
        parse(text)
    except BadCode:
        return False
    return True
