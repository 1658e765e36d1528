"""Tanita lines: the checksum, the keys that are units, and what surrounds a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.frames import TANITA, TANITA_SHORT, TANITA_WB, decoded, kinds, measures, tanita_line

BLIP = b"\x00\xff\x7e\x80"


def test_the_manuals_line_gives_weight_and_keyed_height():
    assert measures("tanita", TANITA) == [("weight", "82.7", "kg"), ("height", "170", "cm")]


def test_a_reading_has_no_stable_flag_and_no_other_flags():
    [event] = decoded("tanita", TANITA)
    assert (event["stable"], event["device_time"], event["flags"]) == (None, None, [])


@pytest.mark.parametrize(("line", "weight"), [(TANITA_SHORT, "72.5"), (TANITA_WB, "72.5")])
def test_short_forms_are_read(line: bytes, weight: str):
    assert ("weight", weight, "kg") in measures("tanita", line)


def test_a_wrong_checksum_is_refused():
    assert kinds("tanita", TANITA.replace(b"82.7", b"82.8")) == ["checksum"]


def test_a_checksum_in_lower_case_is_refused():
    assert kinds("tanita", TANITA.replace(b"CS,FD", b"CS,fd")) == ["checksum"]


def test_a_line_without_a_checksum_is_refused():
    assert kinds("tanita", TANITA_SHORT.replace(b",CS,A7", b"")) == ["checksum"]


def test_the_one_model_that_sends_no_checksum_is_read():
    assert measures("tanita", b'{0,16,~0,1,MO,"BD-815U",Wk,12.50\r\n') == [("weight", "12.50", "kg")]


@given(position=st.integers(0, len(TANITA) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_ever_gives_another_reading(position: int, bit: int):
    flipped = bytearray(TANITA)
    flipped[position] ^= 1 << bit
    assert not measures("tanita", bytes(flipped))


def test_the_blip_after_a_line_does_not_spoil_it():
    assert kinds("tanita", TANITA, BLIP, TANITA_SHORT) == ["reading", "noise", "reading"]


def test_a_line_cut_off_by_the_next_one_is_refused_and_the_next_is_read():
    assert kinds("tanita", TANITA[:60] + TANITA_SHORT) == ["malformed", "reading"]


def test_a_line_longer_than_any_model_sends_is_given_up():
    assert kinds("tanita", b"{0,16," + b"A,1," * 700 + TANITA_SHORT) == ["malformed", "noise", "reading"]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [("Wp,160.2", ("160.2", "lb")), ("Wg,3150", ("3150", "g")), ("Ws,11.06.2", ("160.2", "lb"))],
)
def test_the_key_is_the_unit(pairs: str, expected: tuple[str, str]):
    assert measures("tanita", tanita_line(pairs)) == [("weight", *expected)]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ('Da,"11/07/2026",TI,"09:05"', "2026-07-11T09:05"),
        ('DT,"11/07/2026",Ti,"09:05:59"', "2026-07-11T09:05:59"),
        ('DT,"2026/07/11",Ti,"09:05:59"', "2026-07-11T09:05:59"),
    ],
)
def test_both_spellings_and_orders_of_the_date_are_read(pairs: str, expected: str):
    [event] = decoded("tanita", tanita_line(f"{pairs},Wk,72.5"))
    assert event["device_time"] == expected


def test_a_date_that_does_not_exist_is_flagged_and_the_weight_kept():
    [event] = decoded("tanita", tanita_line('DT,"31/02/2026",Ti,"09:05",Wk,72.5'))
    assert (event["device_time"], event["flags"]) == (None, ["device-time-unreadable"])


def test_a_subtracted_tare_is_recorded():
    [event] = decoded("tanita", tanita_line("Pt,1.5,Wk,72.5"))
    assert event["flags"] == ["tare:1.5"]


def test_a_height_that_contradicts_the_index_is_left_out():
    [event] = decoded("tanita", tanita_line("Hm,150,Wk,72.5,MI,24.4"))
    assert [measure["quantity"] for measure in event["measures"]] == ["weight"]
    assert event["flags"] == ["height-contradicts-bmi"]


def test_a_height_in_feet_is_not_guessed():
    [event] = decoded("tanita", tanita_line('Hf,"5-08.0",Wp,160.2'))
    assert event["flags"] == ["height-in-feet-not-read"]


@pytest.mark.parametrize("pairs", ["Hm,170", "Wk,72.5,Wp,159.8", "Wk,7 2.5", "Wk,72.5,Wk,72.6", "Wk", "Ws,11"])
def test_a_line_without_exactly_one_clear_weight_is_refused(pairs: str):
    assert kinds("tanita", tanita_line(pairs)) == ["malformed"]


def test_a_weight_of_zero_is_refused():
    assert kinds("tanita", tanita_line("Wk,0.0")) == ["out-of-range"]
