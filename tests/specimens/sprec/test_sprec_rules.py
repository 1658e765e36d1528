"""SPREC at every cell and every boundary of its tables, and X wherever something is not known."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from biobank.specimens.sprec.rules import SHIPMENT_OPENED, Fact, Sprec, derive
from biobank.specimens.sprec.tables import VERSIONS, load

DRAWN = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)


def fact(kind: str, after: timedelta, source: str = "server", late: timedelta = timedelta(0), **detail: Any) -> Fact:
    at = DRAWN + after
    return Fact(f"{kind}@{after}", kind, at, at + late, source, detail)


COLLECTED = fact("collected", timedelta(0))


def spin(after: timedelta, **detail: Any) -> Fact:
    """A spin that ended so long after the draw."""
    told = {"g": 1300, "minutes": 10, "celsius": "20", "brake": True, "kept": "room"}
    return fact("processed", after, **(told | detail))


def stored(after: timedelta, cold: str = "ultra_low", **detail: Any) -> Fact:
    return fact("stored", after, **({"cold": cold, "kept": "cold"} | detail))


def sprec(*facts: Fact, origin: str = "1SS08", version: str = "2.0") -> Sprec:
    return derive(origin, [COLLECTED, *facts], load(version))


def letter(number: int, *facts: Fact, origin: str = "1SS08", version: str = "2.0") -> str:
    return sprec(*facts, origin=origin, version=version).elements[number - 1].letter


def test_a_serum_tube_spun_and_frozen_has_its_whole_code() -> None:
    found = sprec(spin(50 * MINUTE), stored(90 * MINUTE, no_more_spins=True))
    assert found.code == "SER-SST-A-B-N-A-Y"
    assert found.rules == "2.0/2"
    assert set(found.events) == {"collected@0:00:00", "processed@0:50:00", "stored@1:30:00"}


_DELAYS = [(0, "A", "B"), (2, "C", "D"), (4, "E", "F"), (8, "G", "H"), (12, "I", "J"), (24, "K", "L"), (48, "M", "N")]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("hours", "room", "cold"), _DELAYS)
def test_each_delay_before_processing_begins_with_its_first_instant(
    version: str, hours: int, room: str, cold: str
) -> None:
    begins = hours * HOUR + 10 * MINUTE
    assert letter(3, spin(begins, kept="room"), version=version) == room
    assert letter(3, spin(begins, kept="cold"), version=version) == cold


@pytest.mark.parametrize(("before", "after"), list(pairwise(_DELAYS)))
def test_a_second_before_a_delays_end_is_still_in_it(before: tuple[int, str, str], after: tuple[int, str, str]) -> None:
    ends = after[0] * HOUR + 10 * MINUTE - SECOND
    assert letter(3, spin(ends, kept="room")) == before[1]
    assert letter(3, spin(ends, kept="cold")) == before[2]


def test_body_warmth_has_a_letter_for_less_than_two_hours_only() -> None:
    assert letter(3, spin(70 * MINUTE, kept="warm")) == "O"
    assert letter(3, spin(2 * HOUR + 10 * MINUTE, kept="warm")) == "Z"


_AFTER = [(0, "A", "B"), (1, "C", "D"), (2, "E", "F"), (8, "G", "H"), (24, "I", "J")]


@pytest.mark.parametrize(("hours", "cold", "room"), _AFTER)
def test_after_the_spin_cold_comes_first(hours: int, cold: str, room: str) -> None:
    spun = spin(50 * MINUTE)
    frozen = 50 * MINUTE + hours * HOUR
    assert letter(6, spun, stored(frozen + SECOND, kept="cold")) == cold
    assert letter(6, spun, stored(frozen + SECOND, kept="room")) == room


@pytest.mark.parametrize(("before", "after"), list(pairwise(_AFTER)))
def test_a_second_before_the_frost_counts_as_before(before: tuple[int, str, str], after: tuple[int, str, str]) -> None:
    ends = 50 * MINUTE + after[0] * HOUR
    assert letter(6, spin(50 * MINUTE), stored(ends - SECOND)) == before[1]
    assert letter(6, spin(50 * MINUTE), stored(ends)) == after[1]


_SPINS = [
    (10, 2999, "20", False, "A"), (15, 100, "20", True, "B"), (12, 1300, "4", False, "C"), (12, 1300, "4", True, "D"),
    (10, 3000, "20", True, "E"), (15, 5999, "4", True, "F"), (10, 6000, "20", True, "G"), (10, 10_000, "4", True, "H"),
    (10, 10_001, "20", True, "I"), (10, 16_000, "4", True, "J"), (30, 999, "20", False, "M"),
    (9, 1300, "20", True, "Z"), (16, 1300, "20", True, "Z"), (10, 3000, "20", False, "Z"), (30, 1000, "20", False, "Z"),
    (30, 999, "4", False, "Z"), (10, 1300, "17.9", True, "Z"), (10, 1300, "28", True, "B"), (10, 1300, "10", True, "D"),
    (10, 1300, "10.1", True, "Z"), (10, 1300, "28.1", True, "Z"), (10, 1300, "2", True, "D"),
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "g", "celsius", "brake", "expected"), _SPINS)
def test_each_spin_has_the_letter_of_its_cell(minutes: int, g: int, celsius: str, brake: bool, expected: str) -> None:
    assert letter(4, spin(HOUR, minutes=minutes, g=g, celsius=celsius, brake=brake)) == expected


@pytest.mark.parametrize(("version", "expected"), [("2.0", "Z"), ("3.0", "M")])
def test_the_slow_spin_is_a_second_one_in_the_newer_version_alone(version: str, expected: str) -> None:
    slow = spin(2 * HOUR, minutes=30, g=500, brake=False)
    assert letter(5, spin(HOUR), slow, version=version) == expected


def test_a_brake_that_nobody_recorded_is_not_known() -> None:
    assert letter(4, spin(HOUR, brake=None)) == "X"


@pytest.mark.parametrize(
    ("vessel", "cold", "expected"),
    [("pp_tube", "vapour", "V"), ("pp_tube", "ultra_low", "A"), ("pp_tube", "freezer", "B"),
     ("cryotube", "liquid_nitrogen", "C"), ("cryotube", "vapour", "X"), ("cryotube", "ultra_low", "D"),
     ("cryotube", "freezer", "Z"), ("straw", "liquid_nitrogen", "F"), ("straw", "vapour", "X"),
     ("straw", "ultra_low", "G"), ("straw", "freezer", "H"), ("pp_tube_large", "ultra_low", "J"),
     ("pp_tube_large", "freezer", "K"), ("pp_tube_small", "vapour", "W"), ("pp_tube_small", "ultra_low", "S"),
     ("pp_tube_small", "freezer", "T"), ("bag", "liquid_nitrogen", "Q"), ("bag", "freezer", "Z"),
     ("cryotube", "room", "Z"), ("cryotube", "refrigerator", "Z")],
)  # fmt: skip
def test_each_vessel_in_each_cold_has_its_letter(vessel: str, cold: str, expected: str) -> None:
    made = fact("derived", HOUR, material="SER", vessel=vessel)
    assert letter(7, made, stored(2 * HOUR, cold)) == expected


@pytest.mark.parametrize("cold", ["ultra_low", "freezer"])
def test_a_primary_tube_has_one_letter_in_any_frost(cold: str) -> None:
    assert letter(7, stored(HOUR, cold)) == "Y"


@pytest.mark.parametrize(("vessel", "expected"), [("cryotube", "E"), ("straw", "I")])
def test_programmed_freezing_has_its_letter_where_it_is_recorded(vessel: str, expected: str) -> None:
    made = fact("derived", HOUR, material="SER", vessel=vessel)
    assert letter(7, made, stored(2 * HOUR, "vapour", programmed=True)) == expected


@pytest.mark.parametrize(("vessel", "expected"), [("cryotube", "N"), ("straw", "O")])
def test_nitrogen_after_the_ultra_low_freezer_is_another_letter(vessel: str, expected: str) -> None:
    made = fact("derived", HOUR, material="SER", vessel=vessel)
    moved = fact("moved", 30 * HOUR, cold="liquid_nitrogen")
    assert letter(7, made, stored(2 * HOUR), moved) == expected
    assert letter(7, made, fact("stored", 2 * HOUR, cold="liquid_nitrogen")) in "CF"


def test_a_tube_that_is_out_has_no_store() -> None:
    assert letter(7, stored(HOUR), fact("retrieved", 2 * HOUR, cold="ultra_low")) == "X"


def test_a_tube_never_spun_waits_until_it_is_frozen() -> None:
    found = sprec(stored(3 * HOUR, no_more_spins=True), origin="1ED04")
    assert found.code == "BLD-PED-D-N-N-N-Y"


def test_without_a_word_on_spins_nothing_is_presumed() -> None:
    assert sprec(stored(3 * HOUR), origin="1ED04").code == "BLD-PED-D-X-X-X-Y"


def test_a_thermometer_in_the_parcel_tells_how_warm_it_was() -> None:
    opened = fact(SHIPMENT_OPENED, 20 * HOUR, celsius="4.5")
    assert letter(3, opened, stored(25 * HOUR, kept=None), origin="1ED04") == "L"


@pytest.mark.parametrize(("celsius", "expected"), [("20", "K"), ("36", "Z"), ("15", "Z")])
def test_a_warm_parcel_is_told_as_it_was(celsius: str, expected: str) -> None:
    opened = fact(SHIPMENT_OPENED, 20 * HOUR, celsius=celsius)
    assert letter(3, opened, stored(25 * HOUR, kept=None), origin="1ED04") == expected


def test_part_warm_and_part_cold_has_no_letter_of_its_own() -> None:
    opened = fact(SHIPMENT_OPENED, 20 * HOUR, celsius="20")
    assert letter(3, opened, stored(25 * HOUR, kept="cold"), origin="1ED04") == "Z"


@pytest.mark.parametrize(
    ("source", "late", "expected"),
    [("entered", timedelta(hours=24), "A"), ("entered", timedelta(hours=24, seconds=1), "X"),
     ("server", timedelta(minutes=-5), "A"), ("server", timedelta(minutes=-6), "X"), ("unknown", timedelta(0), "X")],
)  # fmt: skip
def test_a_time_that_cannot_be_leant_upon_gives_no_letter(source: str, late: timedelta, expected: str) -> None:
    drawn = fact("collected", timedelta(0), source=source, late=late)
    assert derive("1SS08", [drawn, spin(HOUR)], load("2.0")).elements[2].letter == expected


def test_a_spin_before_the_draw_gives_no_letter() -> None:
    assert letter(3, spin(5 * MINUTE)) == "X"


@pytest.mark.parametrize(
    ("origin", "spun", "expected"),
    [("1SS08", True, "SER-SST"), ("1SS08", False, "BLD-SST"), ("PS04A", True, "PL1-LHG"), ("1HEP4", False, "BLD-SHP"),
     ("1ED10", True, "BLD-PED"), ("1CFD9", False, "BLD-XXX"), ("1PXR2", False, "BLD-PAX"), ("1UR10", False, "URN-XXX"),
     ("1SAL2", False, "SAL-ORG")],
)  # fmt: skip
def test_each_tube_of_the_set_has_its_first_two_elements(origin: str, spun: bool, expected: str) -> None:
    found = sprec(*([spin(HOUR)] if spun else []), origin=origin)
    assert found.code.startswith(f"{expected}-")


def test_nothing_recorded_is_x_throughout() -> None:
    assert derive("1CFD9", [], load("3.0")).code == "BLD-XXX-X-X-X-X-X"


def test_the_newer_version_knows_more_containers() -> None:
    assert {"SCK", "CSV", "CPH"} <= load("3.0").containers.keys() - load("2.0").containers.keys()
