"""A recording made by `biobank-station record` replays as the device spoke, with nobody's identifier in it."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from biobank.devices import registry
from biobank.devices.capture import Capture
from biobank.devices.decoding import Decoder
from biobank.devices.recording import without_identifiers
from tests.devices.frames import HEALTHOMETER, TANITA, kinds, tanita_line

CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("*.jsonl"))
# What was measured while each was recorded; a site's own captures are added here.
MEASURED = {
    "simulated-healthometer": ["72.8 kg", "64.5 kg"],
    "simulated-omron-hbp9030": ["118 mmHg"],
    "simulated-tanita": ["82.7 kg"],
}


def replayed(file: Path) -> list[str]:
    """The first measure of each reading kept, at the times of the recording."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    protocol = registry.load(lines[0]["protocol"])
    decoder, rules, kept = Decoder(protocol), Capture(protocol.manner), []
    for line in lines:
        at = datetime.fromisoformat(line["at"]).timestamp()
        for heard in decoder.feed(bytes.fromhex(line["hex"])):
            kept += rules.take(heard, at)
    kept += rules.tick(at + 60)
    return [f"{one.event.measures[0].value} {one.event.measures[0].unit}" for one in kept]


@pytest.mark.parametrize("file", CAPTURES, ids=lambda file: file.stem)
def test_a_recording_replays_to_what_was_measured(file: Path):
    assert replayed(file) == MEASURED[file.stem]


def test_every_recording_says_what_was_measured():
    assert {file.stem for file in CAPTURES} == set(MEASURED)


def test_a_blanked_record_can_still_be_read():
    assert kinds("healthometer", without_identifiers(registry.load("healthometer"), HEALTHOMETER)) == ["reading"]


@pytest.mark.parametrize("line", [TANITA, tanita_line('~0,1,ID,"JOAN0123456789",Wk,72.5') * 2])
def test_a_right_checksum_is_right_again_after_blanking(line: bytes):
    blanked = without_identifiers(registry.load("tanita"), line)
    assert ("reading" in kinds("tanita", blanked), b"JOAN" in blanked) == (True, False)


def test_a_wrong_checksum_stays_wrong():
    wrong = TANITA.replace(b"CS,FD", b"CS,FE")
    assert kinds("tanita", without_identifiers(registry.load("tanita"), wrong)) == ["checksum"]
