import pytest

from biobank.measurements.rules import assess
from tests.measurements.entries import ADULT, assessed, errors


def test_an_unknown_name_is_refused_by_its_name() -> None:
    result = assessed(hieght="172.7")
    assert [(error.field, error.code) for error in result.errors] == [("hieght", "unknown-field")]
    assert "hieght" in result.errors[0].text.en


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"systolic": ["118", "120"]}, "systolic"),
        ({"systolic": ["118", "120", "122", "124"]}, "systolic"),
        ({"systolic": "118"}, "systolic"),
        ({"irregular_rhythm": [False, "no", False]}, "irregular_rhythm.2"),
        ({"pregnant": "yes"}, "pregnant"),
        ({"notes": ["x"]}, "notes"),
        ({"modifications": []}, "modifications"),
        ({"modifications": {"hip": "refusal"}}, "hip"),
        ({"modifications": {"hip": [1, None, None]}}, "hip"),
        ({"modifications": {"height": ["refusal"]}}, "height"),
        ({"modification_notes": "x"}, "modification_notes"),
        ({"modification_notes": {"hip": [None, 3, None]}}, "hip"),
        ({"modification_notes": {"hip.2": ["x", None, None]}}, "hip.2"),
    ],
)
def test_a_value_of_the_wrong_kind_refuses_the_entry(changes: dict[str, object], field: str) -> None:
    assert errors(**changes) == [(field, "misshapen")]


@pytest.mark.parametrize("changes", [{"modifications": {"knee": None}}, {"modification_notes": {"hip.4": "x"}}])
def test_a_measure_that_is_not_in_the_protocol_is_refused(changes: dict[str, object]) -> None:
    assert [code for _, code in errors(**changes)] == ["unknown-field"]


def test_an_entry_of_the_wrong_shape_is_refused_whole() -> None:
    result = assessed(hieght="172.7", weight="abc")
    assert (result.complete, result.means, result.bmi, len(result.errors)) == (False, {}, None, 1)


@pytest.mark.parametrize("entry", [None, [], "x", 7])
def test_what_is_no_entry_at_all_is_refused(entry: object) -> None:
    assert [error.code for error in assess(ADULT, entry).errors] == ["misshapen"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "found"), [("adult", []), ("adult-1", []), ("child", [("protocol", "unknown-code")])])
def test_an_entry_is_read_only_with_the_protocol_that_it_names(name: str, found: list[object]) -> None:
    assert errors(protocol=name) == found
