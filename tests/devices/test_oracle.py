"""A client written by others drives our simulated scale over a pseudo-terminal."""

import json
import subprocess
import sys
from pathlib import Path

from tests.devices.cables import simulated

CLIENT = Path(__file__).with_name("sics_client.py")


def test_an_independent_client_understands_our_simulated_mt_sics_scale(tmp_path: Path):
    port = tmp_path / "scale"
    with simulated("mt-sics", "--link", str(port)) as scale:
        client = subprocess.Popen(
            [sys.executable, "-W", "ignore", CLIENT, port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        scale.say(weight="72.48", seconds=30)
        said, failure = client.communicate(timeout=60)
    told = json.loads(said or failure)
    assert (told["stable"], told["now"]) == ([72.48, "kg"], [72.48, "kg", "S"])
    assert (told["serial"], told["model"][0], told["zeroed"]) == ("1126493049", "ICS425", True)
