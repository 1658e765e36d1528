"""A scale after the SMA's SCP-0499, level 1."""

import random
import re
from typing import Any

from biobank.devices.simulators.asked import AskedScale, Platform
from biobank.devices.simulators.play import Simulator, tenths

_QUESTION = re.compile(rb"\n[^\r\n]*\r")


def _reply(question: bytes, platform: Platform) -> bytes:
    """Twenty bytes to `W`, its identity to `A` and `B`, a question mark to what it does not know."""
    command = question.strip().decode("ascii", "replace")
    if command == "A":
        return b"\nSMA:1/1.0\r"
    if command == "B":
        return b"\nMFG:BIOBANK\r\nMOD:SIMULATOR\r\nREV:1\r\nEND:\r"
    return _weight(platform) if command == "W" else b"\n?\r"


def _weight(platform: Platform) -> bytes:
    """LF, status, range, gross, motion, reserved, ten of weight, three of unit, CR."""
    status = "O" if platform.over else " " if float(platform.weight) else "Z"
    motion = " " if platform.locked else "M"
    return f"\n{status}1G{motion} {platform.weight:>10}{platform.unit:<3}\r".encode("ascii")


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 48, 120), "unlocked": True}


SIMULATOR = Simulator(9600, '{"weight": "72.8", "unlocked": true}', lambda: AskedScale(_QUESTION, _reply), _someone)
