from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.errors import NotFound
from biobank.specimens.tubes import available, load


@pytest.mark.parametrize(
    ("version", "codes"),
    [
        ("3.2", ["1SS08", "PS04A", "PS04B", "1HEP4", "1ED04", "1ED10", "1CFD9", "1PXR2", "1UR10"]),
        ("3.1", ["1SS08", "1PS08", "1HEP4", "1ED04", "1ED10", "1CFD9", "1PXR2", "1UR10"]),
    ],
)
def test_the_tubes_stand_in_draw_order(version: str, codes: list[str]) -> None:
    drawn = load(version).drawn
    assert [tube.code for tube in drawn] == codes
    assert [tube.draw_order for tube in drawn] == list(range(1, len(codes) + 1))


def test_the_newest_set_is_read_unless_another_is_asked_for() -> None:
    assert (load().version, available()) == ("3.2", ("3.1", "3.2"))


@pytest.mark.parametrize("version", ["3.3", "", "../3.2", "3.2.json"])
def test_a_set_that_is_not_shipped_is_refused_with_those_that_are(version: str) -> None:
    with pytest.raises(NotFound, match=r"3\.1, 3\.2"):
        load(version)


def test_a_tube_of_another_set_is_refused() -> None:
    with pytest.raises(NotFound, match="1PS08"):
        load("3.2").tube("1PS08")


@pytest.mark.parametrize(
    ("version", "code", "swinging", "fixed"),
    [
        ("3.2", "1SS08", "1SST8", "2SST8"), ("3.2", "PS04A", "1PS4A", "2PS4A"), ("3.2", "PS04B", "1PS4B", "2PS4B"),
        ("3.1", "1PS08", "1PST8", "2PST8"),
    ],
)  # fmt: skip
def test_a_spun_tube_names_its_product_by_the_rotor(version: str, code: str, swinging: str, fixed: str) -> None:
    spin = load(version).tube(code).spin
    assert spin is not None
    assert (spin.swinging, spin.fixed) == (swinging, fixed)


@pytest.mark.parametrize(("product", "code"), [("1SST8", "1SS08"), ("2PS4B", "PS04B")])
def test_a_product_leads_back_to_its_tube(product: str, code: str) -> None:
    tube = load("3.2").of_product(product)
    assert tube is not None
    assert tube.code == code


def test_an_unknown_product_leads_nowhere() -> None:
    assert load("3.2").of_product("1PST8") is None


def test_only_serum_and_plasma_tubes_are_spun() -> None:
    assert [tube.code for tube in load("3.2").tubes.values() if tube.must_spin] == ["1SS08", "PS04A", "PS04B"]


def test_only_serum_has_to_clot() -> None:
    waits = [tube.spin.not_before for tube in load("3.2").tubes.values() if tube.spin]
    assert waits == [timedelta(minutes=30), timedelta(0), timedelta(0)]


def test_dna_comes_from_edta_and_saliva() -> None:
    assert {tube.code for tube in load("3.2").tubes.values() if tube.is_dna} == {"1ED04", "1ED10", "1SAL2"}


def test_urine_has_a_label_for_the_cup_and_one_for_the_tube() -> None:
    assert {tube.code: tube.labels for tube in load("3.2").tubes.values() if tube.labels != 1} == {"1UR10": 2}


@pytest.mark.parametrize(
    ("not_given", "offered"),
    [
        ([], []),
        (["1ED04"], []),
        (["1ED10", "1SS08"], []),
        (["1ED04", "1ED10"], ["1SAL2"]),
        (["1ED04", "1ED10", "1SS08"], ["1SAL2"]),
    ],
)
def test_saliva_is_offered_only_when_no_edta_can_be_given(not_given: list[str], offered: list[str]) -> None:
    assert [tube.code for tube in load("3.2").instead_of(not_given)] == offered


@pytest.mark.parametrize(
    ("code", "en", "es"),
    [
        ("1SS08", "red and gray", "rojo y gris"),
        ("PS04A", "light green", "verde claro"),
        ("1SAL2", "clear", "transparente"),
    ],
)
def test_a_cap_is_said_in_words(code: str, en: str, es: str) -> None:
    tube = load("3.2").tube(code)
    assert (tube.cap_words("en"), tube.cap_words("es")) == (en, es)


def test_a_volume_that_the_set_does_not_name_is_not_made_up() -> None:
    assert (load().tube("PS04A").volume_ml, load().tube("1PXR2").volume_ml) == (Decimal("4.5"), None)


def test_a_tube_has_its_words_in_both_languages() -> None:
    words = load().tube("1UR10").words
    assert (words.to("en"), words.to("es_US")) == ("10 mL urine", "Orina de 10 mL")
