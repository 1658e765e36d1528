"""Damaged and random bytes: never a crash, never a reading that nobody's device sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.damage import fuzz, stream
from biobank.devices import registry
from tests.devices.frames import ONE_OF_EACH, SUNTECH, TAIDOC, TANITA, decoded, decoder, measures

CHECKED = {"tanita": TANITA, "taidoc": TAIDOC, "suntech": SUNTECH}
NAMES = sorted(registry.available())


@pytest.mark.parametrize("name", NAMES)
def test_frames_damaged_now_and_then_give_no_wrong_reading(name: str):
    seen = fuzz(name, 15_000, seed=5)
    assert (seen.wrong, seen.kept + seen.to_confirm > 5) == ([], True)


@settings(max_examples=200)
@given(name=st.sampled_from(NAMES), noise=st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes_in_any_pieces_end_in_events_alone(name: str, noise: list[bytes]):
    listening = decoder(name)
    heard = [one for piece in noise for one in listening.feed(piece)] + listening.close()
    assert all(one.event is not None for one in heard)


@settings(max_examples=200)
@given(name=st.sampled_from(NAMES), at=st.integers(0, 300), byte=st.integers(0, 255), more=st.binary(max_size=3))
def test_a_frame_with_bytes_changed_and_added_ends_in_events_alone(name: str, at: int, byte: int, more: bytes):
    frame = bytearray(ONE_OF_EACH[name])
    frame[at % len(frame)] = byte
    assert isinstance(decoded(name, bytes(frame) + more), list)


@pytest.mark.parametrize("name", CHECKED)
def test_no_flipped_bit_of_a_checked_frame_ever_gives_another_reading(name: str):
    frame = CHECKED[name]
    for bit in range(len(frame) * 8):
        flipped = bytearray(frame)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not measures(name, bytes(flipped))


@pytest.mark.parametrize("name", NAMES)
def test_an_hour_of_people_split_anywhere_is_the_same_hour(name: str):
    hour = stream(name, 700, seed=9)
    whole = decoded(name, hour)
    assert all(decoded(name, hour[:cut], hour[cut:]) == whole for cut in range(1, len(hour), 7))
