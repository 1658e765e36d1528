"""Sealed values open only where they were sealed; blind indexes compare and tell nothing."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.participants.sealing import BrokenSeal, blind_index, plain_name, plain_phone, seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32
ROW = uuid4()
PLACE = {"table": "person", "column": "last_name", "row": ROW}
BORN = date(1980, 5, 17)


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    encoded = text.encode(errors="replace").decode()
    assert unseal(KEY, seal(KEY, encoded, **PLACE), **PLACE) == encoded


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert seal(KEY, "Quimby", **PLACE) != seal(KEY, "Quimby", **PLACE)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(BrokenSeal):
        unseal(OTHER, seal(KEY, "Quimby", **PLACE), **PLACE)


@pytest.mark.parametrize("moved", [{"row": uuid4()}, {"column": "first_name"}, {"table": "payee"}])
def test_a_value_moved_elsewhere_does_not_open(moved: dict[str, object]) -> None:
    with pytest.raises(BrokenSeal):
        unseal(KEY, seal(KEY, "Quimby", **PLACE), **(PLACE | moved))


def test_a_changed_bit_anywhere_is_noticed() -> None:
    sealed = seal(KEY, "Quimby", **PLACE)
    for place in range(1, len(sealed)):
        broken = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(BrokenSeal):
            unseal(KEY, broken, **PLACE)


@pytest.mark.parametrize("text", ["", "short", "x" * 40])
def test_bytes_that_were_never_sealed_do_not_open(text: str) -> None:
    with pytest.raises(BrokenSeal):
        unseal(KEY, text.encode(), **PLACE)


@pytest.mark.parametrize(("one", "other"), [("Núñez", "NUNEZ"), ("O'Neil", "o neil"), ("Smith-Jones", "Smith Jones")])
def test_names_that_are_spelt_alike_compare_equal(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_names_in_other_scripts_stay_apart() -> None:
    assert plain_name("王") != plain_name("李")


def test_a_phone_number_compares_by_its_digits() -> None:
    assert plain_phone("+1 (312) 555-0142") == plain_phone("3125550142")


def test_an_index_depends_on_key_kind_value_and_birth_date() -> None:
    given = [(KEY, "name", "a", BORN), (OTHER, "name", "a", BORN), (KEY, "phone", "a", BORN), (KEY, "name", "b", BORN)]
    indexes = {blind_index(*values) for values in given} | {blind_index(KEY, "name", "a", date(1980, 5, 18))}
    assert len(indexes) == 5
