"""Positions by name, and volumes with the slips that a rule catches."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.errors import Invalid
from biobank.specimens.models import Vessel
from biobank.specimens.storage import positions, volumes
from biobank.specimens.storage.cold import RANGES, Cold, is_frozen
from biobank.specimens.storage.volumes import Unit


@given(rows=st.integers(1, 26), columns=st.integers(1, 50), data=st.data())
def test_every_slot_has_a_name_that_reads_back(rows: int, columns: int, data: st.DataObject) -> None:
    slot = data.draw(st.integers(1, rows * columns))
    assert positions.slot_of(positions.name_of(slot, columns), rows=rows, columns=columns) == slot


@pytest.mark.parametrize("typed", ["b4", "B4", "B04", " b4 "])
def test_a_position_is_read_as_people_write_it(typed: str) -> None:
    assert positions.slot_of(typed, rows=9, columns=9) == 13


@pytest.mark.parametrize("typed", ["J1", "A10", "A0", "4B", "", "B4 C5"])
def test_a_position_that_the_box_lacks_is_refused_with_its_last_one(typed: str) -> None:
    with pytest.raises(Invalid, match="last one is I9"):
        positions.slot_of(typed, rows=9, columns=9)


def test_free_positions_are_sought_from_where_one_stands_and_then_from_the_start() -> None:
    assert list(positions.free({1, 5}, 6, after=4)) == [4, 6, 2, 3]


@pytest.mark.parametrize(
    ("typed", "unit", "is_ul"),
    [("0.5", Unit.MILLILITRE, "500"), ("500", Unit.MICROLITRE, "500"), ("1,8", Unit.MILLILITRE, "1800")],
)
def test_a_volume_is_read_exactly(typed: str, unit: Unit, is_ul: str) -> None:
    assert volumes.microlitres(typed, unit) == Decimal(is_ul)


@pytest.mark.parametrize("typed", ["", "0", "-1", "1e3", "NaN", "half", "0.00001"])
def test_what_is_no_volume_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        volumes.microlitres(typed, Unit.MILLILITRE)


def test_millilitres_typed_for_microlitres_are_caught() -> None:
    with pytest.raises(Invalid, match="Did you mean microlitres"):
        volumes.check(volumes.microlitres("500", Unit.MILLILITRE), Vessel.CRYOTUBE)


def test_microlitres_typed_for_millilitres_are_caught() -> None:
    with pytest.raises(Invalid, match="Did you mean millilitres"):
        volumes.check(volumes.microlitres("0.5", Unit.MICROLITRE), Vessel.CRYOTUBE)


def test_a_vessel_may_be_filled_to_its_brim_and_no_further() -> None:
    volumes.check(Decimal(2000), Vessel.CRYOTUBE)
    with pytest.raises(Invalid):
        volumes.check(Decimal("2000.1"), Vessel.CRYOTUBE)


@pytest.mark.parametrize(("ul", "said"), [("500", "500 µL"), ("1800", "1.8 mL"), ("2000", "2 mL"), ("12.5", "12.5 µL")])
def test_a_volume_is_said_in_the_unit_that_people_use(ul: str, said: str) -> None:
    assert volumes.spoken(ul) == said


@pytest.mark.parametrize(
    ("cold", "inside", "outside"),
    [(Cold.ULTRA_LOW, "-85", "-85.1"), (Cold.FREEZER, "-18", "-17.9"), (Cold.REFRIGERATOR, "2", "1.9"),
     (Cold.VAPOUR, "-150", "-134.9")],
)  # fmt: skip
def test_each_kind_of_store_keeps_its_range(cold: Cold, inside: str, outside: str) -> None:
    assert RANGES[cold].holds(Decimal(inside))
    assert not RANGES[cold].holds(Decimal(outside))


def test_nothing_is_presumed_frozen() -> None:
    assert (is_frozen("ultra_low"), is_frozen("refrigerator"), is_frozen(None)) == (True, False, False)
