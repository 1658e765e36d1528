"""A Mettler Toledo scale that speaks MT-SICS, levels 0 and 1."""

import random
import re
from typing import Any

from biobank.devices.simulators.asked import AskedScale, Platform
from biobank.devices.simulators.play import Simulator, tenths

_QUESTION = re.compile(rb"[^\n]*\n")
_KNOWN = ("I0", "I1", "I2", "I3", "I4", "I5", "S", "SI", "Z", "ZI", "T", "@")
_IDENTITY = {
    "I1": 'I1 A "01" "2.30" "2.22" "" ""',
    "I2": 'I2 A "ICS425 Standard 300.000 kg"',
    "I3": 'I3 A "1.02 10.28.0.493.142"',
    "I4": 'I4 A "1126493049"',
    "I5": 'I5 A "12121306C"',
    "@": 'I4 A "1126493049"',
}


def _reply(question: bytes, platform: Platform) -> bytes:
    """One line a question, `ES` for one it does not know (MT-SICS reference manual)."""
    command = question.decode("ascii", "replace").strip()
    return "".join(f"{line}\r\n" for line in _lines(command, platform)).encode("ascii")


def _lines(command: str, platform: Platform) -> list[str]:
    if command in ("S", "SI"):
        return [_weight(platform, may_move=command == "SI")]
    if command in _IDENTITY:
        return [_IDENTITY[command]]
    if command == "I0":
        return [f'I0 {"A" if known == _KNOWN[-1] else "B"} 0 "{known}"' for known in _KNOWN]
    if command in ("Z", "ZI"):
        return ["Z A" if command == "Z" else "ZI S"]
    return [f"T S {0:10.2f} {platform.unit}" if command == "T" else "ES"]


def _weight(platform: Platform, *, may_move: bool) -> str:
    """The value right-aligned in 10; `S` cannot be answered while it moves."""
    if platform.over:
        return "S +"
    if not platform.locked and not may_move:
        return "S I"
    return f"S {'S' if platform.locked else 'D'} {platform.weight:>10} {platform.unit}"


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 48, 120), "unlocked": True}


SIMULATOR = Simulator(9600, '{"weight": "72.8", "unlocked": true}', lambda: AskedScale(_QUESTION, _reply), _someone)
