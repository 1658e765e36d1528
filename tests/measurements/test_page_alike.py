"""The page and the API give the same answers: of the same entry, and to the same keys."""

import re

from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as some

from tests.measurements.desk import Desk, Program, value, words
from tests.pages import Browser

# Each example is several pages: a quarter of a hundred on each database says enough on every run.
SOME = trying(max_examples=12, deadline=None, database=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
PRESSURES = ("systolic", "diastolic", "heart_rate")

VALUES = some.fixed_dictionaries(
    {},
    optional={
        "height": some.integers(1000, 2999), "weight": some.integers(200, 2500),
        **{f"hip.{n}": some.integers(400, 2999) for n in (1, 2, 3)},
        **{f"waist.{n}": some.integers(400, 2999) for n in (1, 2, 3)},
        **{f"systolic.{n}": some.integers(80, 299) for n in (1, 2, 3)},
        **{f"diastolic.{n}": some.integers(30, 79) for n in (1, 2, 3)},
        **{f"heart_rate.{n}": some.integers(30, 299) for n in (1, 2, 3)},
    },
)  # fmt: skip
PLACES = ["height", "weight", *(f"{name}.{n}" for name in ("hip", "waist", *PRESSURES) for n in (1, 2, 3))]


TYPED = some.one_of(
    some.integers(0, 3500).map(lambda tenths: f"{tenths / 10}"), some.text("0123456789.,-e+ ", max_size=8)
)


def as_text(ref: str, number: int) -> str:
    whole = ref.partition(".")[0] in PRESSURES
    return str(number) if whole else f"{number // 10}.{number % 10}"


def test_page_and_program_say_the_same_of_the_same_entry(program: Program, browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")

    @SOME
    @given(VALUES)
    def alike(entry: dict[str, int]) -> None:
        texts = {ref: as_text(ref, entry[ref]) if ref in entry else None for ref in PLACES}
        body = {"values": [value(ref.split(".")[0], text, int(ref[-1]) if "." in ref else None)
                           for ref, text in texts.items()]}  # fmt: skip
        said = program.patch(body).json["assessment"]
        page = browser.get(desk.address)
        shown = dict(re.findall(r'data-mean="([^"]+)">([\d.]+)<', page.html))
        told = {name.replace("_", " "): text for name, text in said["means"].items()} | {"bmi": said["bmi"]}
        assert shown == {name: text for name, text in told.items() if text is not None}
        heard = words(page)
        assert [f["message"] for f in said["warnings"] + said["errors"] if f["message"] not in heard] == []

    alike()


def test_page_and_program_store_the_same_of_what_is_typed(program: Program, browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")

    @SOME
    @given(some.sampled_from(["height", "weight", "hip.1", "systolic.1"]), TYPED)
    def alike(ref: str, text: str) -> None:
        name, _, number = ref.partition(".")
        answer = program.patch({"values": [value(name, text, int(number) if number else None)]})
        stored = desk.sheet().entry[name]
        program.patch({"values": [value(name, None, int(number) if number else None)]})
        version = str(desk.sheet().record.version)
        browser.post(desk.address, {"version": version, "row": name, f"was-{ref}": "", ref: text})
        assert (browser.status, desk.sheet().entry[name]) == (answer.status_code, stored)
        program.patch({"values": [value(name, None, int(number) if number else None)]})

    alike()
