"""Stations killed at random with their network cut: nothing that was kept is lost, and nothing is doubled."""

import os
import random
import sys
from pathlib import Path

from tests.devices.killing import drain, fill_offline, kill_at_random, yard

# `make station-chaos` asks for more than the suite has time for.
KILLS = int(os.environ.get("BIOBANK_TEST_STATION_KILLS", "1"))
READINGS = int(os.environ.get("BIOBANK_TEST_READINGS", "200"))
# A station of which so much is asked has a minute; a loaded machine may need longer.
DRAINED_SECONDS = float(os.environ.get("BIOBANK_TEST_DRAINED_SECONDS", "60"))


def test_killed_stations_and_a_cut_network_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    with yard(tmp_path) as place:
        kill_at_random(place, KILLS, random.Random(20))
        fill_offline(place, READINGS)
        took = drain(place, DRAINED_SECONDS)
        texts = [text for _, text in place.delivered()]
        print(f"{KILLS} kills, {len(texts)} scans, drained in {took:.1f} s", file=sys.stderr)
        assert sorted(texts) == sorted(place.safe)
        assert (len(texts), place.stored()) == (len(set(texts)), [])
