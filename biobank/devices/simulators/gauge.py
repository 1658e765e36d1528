"""A Mitutoyo gauge with a USB cable: twelve characters and CR at a press of its key."""

import random
from datetime import datetime
from typing import Any

from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, Speaking, needed, tenths

_DIGITS = 8


def play(script: Script, _moment: datetime) -> list[Burst]:
    """`01A`, the sign and eight characters with a floating point (QM-Height manual); `error` has the number alone."""
    if "error" in script:
        return [Burst(f"{script['error']}\r".encode("ascii"))]
    length = needed(script, "length")
    sign, digits = ("-", length[1:]) if length.startswith("-") else ("+", length)
    if len(digits) > _DIGITS or not digits.replace(".", "", 1).isdecimal():
        raise BadScript(f"{length!r} is not a length of at most eight characters.")
    return [Burst(f"01A{sign}{digits:0>8}\r".encode("ascii"))]


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"length": tenths(chance, 60, 130)}


SIMULATOR = Simulator(9600, '{"length": "84.0"}', lambda: Speaking(play), _someone)
