"""An A&D scale in its standard format, or one of its cousins, sending by itself or at a press of its key."""

import random
from datetime import datetime
from typing import Any

from biobank.devices.simulators.platform import Shown, shown
from biobank.devices.simulators.play import Burst, Script, Simulator, Speaking, tenths

_PERIOD = 0.2


def play(script: Script, _moment: datetime) -> list[Burst]:
    """One line a fifth of a second, or one alone with `key`; `cousin` has the ST,GS layout, `overload` no weight."""
    if script.get("overload"):
        return [Burst(b"OL,+9999.999 kg\r\n")]
    one_line = _cousin if script.get("cousin") else _standard
    unit = str(script.get("unit", "kg"))
    lines = [
        one_line(one, unit) for one in shown({**script, "frames": 1, "silent": True} if "key" in script else script)
    ]
    return [Burst(line.encode("ascii"), _PERIOD) for line in lines]


def _standard(one: Shown, unit: str) -> str:
    """Header, comma, sign and eight, three of unit, CR LF: 17 (EK-L manual p. 28)."""
    sign = "-" if one.weight.startswith("-") else "+"
    return f"{_header(one)},{sign}{one.weight.lstrip('-'):0>8}{unit:>3}\r\n"


def _cousin(one: Shown, unit: str) -> str:
    return f"{_header(one)},GS,{one.weight:>8},{unit}\r\n"


def _header(one: Shown) -> str:
    return "ST" if one.locked else "US"


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 48, 120)}


SIMULATOR = Simulator(2400, '{"weight": "72.5", "unlocked": true}', lambda: Speaking(play), _someone)
