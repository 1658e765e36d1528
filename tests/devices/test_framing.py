"""Framers under every cut, glue and noise: what is whole is found, what is not is refused, memory is bounded."""

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.frames import HEALTHOMETER, ONE_OF_EACH, decoded, decoder, kinds

EACH = pytest.mark.parametrize(("name", "frame"), ONE_OF_EACH.items(), ids=ONE_OF_EACH)
NAMES = st.sampled_from(sorted(ONE_OF_EACH))
GOOD = {"reading", "scan"}


@EACH
def test_a_frame_split_at_every_byte_is_the_same(name: str, frame: bytes):
    whole = decoded(name, frame)
    assert all(decoded(name, frame[:cut], frame[cut:]) == whole for cut in range(len(frame)))


@EACH
def test_a_frame_in_single_bytes_is_the_same(name: str, frame: bytes):
    assert decoded(name, *(bytes([byte]) for byte in frame)) == decoded(name, frame)


@EACH
def test_two_frames_glued_are_two(name: str, frame: bytes):
    assert decoded(name, frame + frame) == decoded(name, frame) * 2


@EACH
def test_half_a_frame_is_kept_until_the_rest_comes(name: str, frame: bytes):
    assert decoded(name, frame + frame[:9], frame[9:]) == decoded(name, frame) * 2


@EACH
def test_a_frame_cut_anywhere_at_the_end_is_one_malformed(name: str, frame: bytes):
    assert all(kinds(name, frame[:cut]) == ["malformed"] for cut in range(1, len(frame)))


@EACH
def test_junk_before_a_frame_is_one_noise(name: str, frame: bytes):
    assert kinds(name, b"\x00\xff\x80\x01" + frame)[:-1] == ["noise"]


@EACH
def test_junk_after_a_frame_is_one_noise(name: str, frame: bytes):
    assert kinds(name, frame + b"\x00\xff\x80\x01")[1:] == ["noise"]


@EACH
def test_a_frame_is_found_after_much_noise_told_once(name: str, frame: bytes):
    noise = random.Random(7).randbytes(1 << 17)
    assert kinds(name, noise + b"\xff" + frame) == ["noise", *kinds(name, frame)]


@EACH
def test_noise_without_end_takes_no_memory(name: str, frame: bytes):
    listening, chance = decoder(name), random.Random(11)
    tracemalloc.start()
    for _ in range(32):
        listening.feed(chance.randbytes(16384))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 64_000


@EACH
def test_a_line_that_never_ends_takes_no_memory_and_spoils_nothing(name: str, frame: bytes):
    flood = [b"A" * 4096] * 32
    assert kinds(name, *flood, b"\xff", frame)[-1] in GOOD


@EACH
def test_what_came_half_way_is_not_believed_after_joining(name: str, frame: bytes):
    joined = decoder(name)
    joined.resync()
    heard = joined.feed(frame[5:] + frame)
    assert [type(one.event).__name__ for one in heard if not hasattr(one.event, "reason")] in (["Reading"], ["Scan"])


@settings(max_examples=150)
@given(name=NAMES, data=st.data(), noise=st.binary(max_size=80))
def test_any_split_of_any_stream_gives_the_same_events(name: str, data: st.DataObject, noise: bytes):
    stream = noise + ONE_OF_EACH[name] + noise
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decoded(name, *pieces) == decoded(name, stream)


def test_seven_bit_even_parity_read_as_eight_bits_names_the_setting():
    line = b"S     75.0kg\r\n"
    parity = bytes(byte | (byte.bit_count() % 2) << 7 for byte in line)
    [event] = decoded("tanita", parity)
    assert event["reason"] == "settings"
    assert "7E1" in event["message"]


def test_a_packet_cut_off_by_the_next_is_refused_and_the_next_is_read():
    assert kinds("healthometer", HEALTHOMETER[:20] + HEALTHOMETER) == ["malformed", "reading"]
