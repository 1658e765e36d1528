import json
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest

from biobank.measurements.protocol import BadProtocol, available, load, named, parse


def as_shipped() -> dict[str, Any]:
    folder = resources.files("biobank.measurements").joinpath("protocols")
    data: dict[str, Any] = json.loads(folder.joinpath("adult-1.json").read_text(encoding="utf-8"))
    return data


def test_the_newest_adult_protocol_is_read_by_its_name() -> None:
    assert (load().id, load("adult", 1).id, available()) == ("adult-1", "adult-1", ("adult-1",))


@pytest.mark.parametrize("text", ["adult", "adult-1"])
def test_an_entry_may_name_a_protocol_with_or_without_its_version(text: str) -> None:
    assert named(text).id == "adult-1"


@pytest.mark.parametrize("text", ["adult-2", "child", "", "../adult", "adult-1.json", "adult-01"])
def test_a_protocol_that_is_not_shipped_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(BadProtocol, match="adult-1"):
        named(text)


def test_the_fields_stand_in_the_order_of_the_visit() -> None:
    assert [field.name for field in load().numbers] == [
        "systolic", "diastolic", "heart_rate", "height", "weight", "weight_before_pregnancy", "hip", "waist",
    ]  # fmt: skip


def test_the_cuffs_cover_every_arm_from_22_to_52_cm() -> None:
    cuffs = load().cuffs
    assert (cuffs[0].from_cm, cuffs[-1].to_cm) == (22, 52)
    assert all(small.to_cm == large.from_cm for small, large in pairwise(cuffs))


def test_every_text_has_the_same_gaps_in_both_languages() -> None:
    for text in as_shipped()["texts"].values():
        gaps = [{part.split("}")[0] for part in words.split("{")[1:]} for words in (text["en"], text["es"])]
        assert gaps[1] <= gaps[0], text


def _drops_a_text(data: dict[str, Any]) -> None:
    del data["texts"]["code.refusal"]


def _names_no_field(data: dict[str, Any]) -> None:
    data["alerts"][0]["limits"][0]["field"] = "mood"


def _closes_with_no_code(data: dict[str, Any]) -> None:
    data["modifications"][1]["closing"].append("tired")


def _has_no_bmi(data: dict[str, Any]) -> None:
    del data["bmi"]


def _has_a_word_for_a_limit(data: dict[str, Any]) -> None:
    data["fields"][1]["limit"] = "high"


def _has_no_such_mean(data: dict[str, Any]) -> None:
    data["fields"][1]["mean"] = "median"


@pytest.mark.parametrize(
    "damage",
    [_drops_a_text, _names_no_field, _closes_with_no_code, _has_no_bmi, _has_a_word_for_a_limit, _has_no_such_mean],
)
def test_a_protocol_that_contradicts_itself_is_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    data = as_shipped()
    damage(data)
    with pytest.raises(BadProtocol, match="protocol file"):
        parse(data)
