"""The temperature letter: known words and degrees, and no guess at anything else."""

import json

import pytest

from labels import LayoutError
from labels.device import PROFILES
from labels.display import DisplayList
from labels.layout import resolve
from labels.raster import paint
from labels.temperature import temperature_letter
from labels.template import read

SOURCE = json.dumps(
    {
        "id": "trial",
        "version": 1,
        "size_mm": [10, 10],
        "elements": [{"type": "symbol", "at": [2, 2], "height_mm": 5}],
    }
)


def trial(**data: str) -> DisplayList:
    return resolve(read(SOURCE), data, PROFILES[203])


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("-80 C", "F"),
        ("-196 C vapour", "F"),
        ("-20C", "F"),
        ("\u221220 °C", "F"),
        ("-10 C", "F"),
        ("2 C", "R"),
        ("4 °C", "R"),
        ("+8.0 C", "R"),
        ("15 C", "A"),
        ("20 C", "A"),
        ("30 C", "A"),
        ("Frozen", "F"),
        ("refrigerated", "R"),
        ("Ambient", "A"),
        ("A", "A"),
        ("R", "R"),
        ("F", "F"),
    ],
)
def test_a_temperature_has_its_letter(value: str, letter: str) -> None:
    assert temperature_letter(value) == letter


@pytest.mark.parametrize(
    "value", ["cold", "-9.9 C", "1 C", "9 C", "14 C", "31 C", "-300 C", "4", "4 F", "4 Celsius", "C", "^XZ"]
)
def test_a_temperature_that_says_nothing_clear_is_refused(value: str) -> None:
    with pytest.raises(LayoutError, match="Write ambient, refrigerated or frozen"):
        trial(temperature=value)


def test_the_letter_is_white_in_a_black_square() -> None:
    image = paint(trial(temperature="-80 C")).convert("L")
    square = image.crop((16, 16, 56, 56))
    assert image.point(lambda value: 255 - value).getbbox() == (16, 16, 56, 56)
    assert square.point(lambda value: value).getbbox() == pytest.approx((11, 7, 29, 33), abs=3)


def test_the_three_letters_look_different() -> None:
    assert len({paint(trial(temperature=letter)).tobytes() for letter in "ARF"}) == 3


def test_no_temperature_leaves_no_square() -> None:
    assert trial().rects == ()
