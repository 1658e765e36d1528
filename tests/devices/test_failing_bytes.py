"""What goes wrong with bytes, one test a row of the devices reference, section 5.5, and the answer each must get."""

import random
import tracemalloc
from pathlib import Path

import pytest

from biobank.devices.board import State
from biobank.devices.simulators.play import Burst
from tests.devices.cables import Cable
from tests.devices.desks import Desk
from tests.devices.frames import (
    HEALTHOMETER,
    MEDVUE,
    ONE_OF_EACH,
    SICS,
    SMA,
    SUNTECH,
    TAIDOC,
    TANITA,
    TANITA_OLD,
    TANITA_SHORT,
    decoded,
    decoder,
    seven_even,
)  # fmt: skip
from tests.devices.playing import captured, weights
from tests.devices.running import running

EACH = pytest.mark.parametrize("name", sorted(ONE_OF_EACH))
GOOD = ("reading", "scan")


@EACH
def test_a_megabyte_of_random_bytes_gives_no_reading_and_bounded_memory_and_the_next_frame_is_read(name: str):
    listening, noise = decoder(name), random.Random(23)
    tracemalloc.start()
    heard = [one for _ in range(256) for one in listening.feed(noise.randbytes(4096))]
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert ([one for one in heard if hasattr(one.event, "measures")], held < 64_000) == ([], True)
    assert [one.event.as_json()["event"] for one in listening.feed(b"\xff" + ONE_OF_EACH[name])][-1] in GOOD


def test_a_partial_frame_then_silence_is_dropped_and_told_and_never_completed(tmp_path: Path):
    cable, desk = Cable(tmp_path / "port"), Desk("tanita", str(tmp_path / "port"))
    with running(desk.listener.run):
        desk.await_state(State.CONNECTED)
        cable.send(TANITA[:100])
        assert "began and did not end" in desk.await_state(State.CONNECTED)
        cable.send(TANITA[100:] + TANITA_SHORT)
        assert desk.reading()["measures"][0]["value"] == "72.5"
    cable.unplug()
    assert desk.kept.empty()


@EACH
def test_a_frame_split_at_every_byte_gives_the_same_reading(name: str):
    frame = ONE_OF_EACH[name]
    assert all(decoded(name, frame[:cut], frame[cut:]) == decoded(name, frame) for cut in range(len(frame)))


@EACH
def test_two_frames_glued_are_two_and_half_a_frame_is_kept(name: str):
    frame = ONE_OF_EACH[name]
    assert decoded(name, frame + frame + frame[:6], frame[6:]) == decoded(name, frame) * 3


def test_junk_after_a_frame_is_counted_and_the_reading_kept():
    listening = decoder("tanita")
    heard = listening.feed(TANITA + b"\x00\xff\x7e\x80")
    assert (len(heard), listening.noise) == (1, 4)


@pytest.mark.parametrize(("name", "frame"), [("tanita", TANITA), ("taidoc", TAIDOC), ("suntech", SUNTECH)])
def test_a_wrong_checksum_is_refused_and_never_repaired(name: str, frame: bytes):
    at = frame.index(b",CS,") + 4 if b",CS," in frame else -1
    broken = bytearray(frame)
    broken[at] ^= 1
    [event] = decoded(name, bytes(broken))
    assert (event["reason"], "epeat the measurement" in event["message"]) == ("checksum", True)


@pytest.mark.parametrize(
    ("name", "good", "flipped"),
    [
        ("healthometer", HEALTHOMETER, HEALTHOMETER.replace(b"90.98", b"50.98").replace(b"\x1bB28", b"\x1bB16")),
        ("mt-sics", SICS, SICS.replace(b"100.00", b"140.00")),
        ("sma", SMA, SMA.replace(b"5.025", b"1.025")),
        ("tanita-wb", TANITA_OLD, TANITA_OLD.replace(b"75.0", b"35.0")),
        ("detecto", MEDVUE, MEDVUE.replace(b"123.4", b"523.4")),
    ],
)
def test_one_bit_flipped_in_a_frame_without_checksum_is_outvoted(name: str, good: bytes, flipped: bytes):
    bursts = [Burst(frame, 1.0) for frame in (good, flipped, good, good, good, flipped)]
    assert weights(captured(name, *bursts)) == weights(captured(name, *[Burst(good, 1.0)] * 4))


@EACH
def test_seven_even_read_as_eight_none_names_the_setting_and_gives_no_reading(name: str):
    heard = decoded(name, seven_even(TANITA_OLD * 4))
    assert [event["reason"] for event in heard] == ["settings"]
    assert "looks like 7E1" in heard[0]["message"]


@EACH
def test_a_line_without_an_end_is_discarded_at_a_limit(name: str):
    flood = decoder(name)
    flood.feed(ONE_OF_EACH[name][:-2] + b"7" * 20_000)
    assert flood.noise > 15_000
