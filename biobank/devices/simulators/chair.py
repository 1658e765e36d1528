"""A Health o meter 2595KL chair scale, or a 522 baby scale, whose packets are binary."""

import random
from datetime import datetime
from typing import Any

from biobank.devices.simulators.platform import shown
from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, Speaking, tenths

_UNITS = {"lb": 0x80, "kg": 0x82}
_BABY_SCALE = "522"


def play(script: Script, _moment: datetime) -> list[Burst]:
    """A packet a second; a `model` of 522 has three decimals and sends each packet twice (Pelstar, 2023-07-11)."""
    is_baby = str(script.get("model", "")) == _BABY_SCALE
    unit = _UNITS.get(str(script.get("unit", "lb")))
    if unit is None:
        raise BadScript("The unit is lb or kg.")
    packets = [_packet(unit, one.weight, decimals=3 if is_baby else 1) for one in shown(script)]
    bursts = [Burst(packet, float(number > 0)) for number, packet in enumerate(packets)]
    return [copy for burst in bursts for copy in (burst, Burst(burst.data))] if is_baby else bursts


def _packet(unit: int, weight: str, *, decimals: int) -> bytes:
    digits = f"{float(weight):0{decimals + 4}.{decimals}f}"
    return bytes([0x02, unit, 0xD7, 0xE4]) + digits.encode("ascii") + b"\r"


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 105, 265)}


SIMULATOR = Simulator(2400, '{"weight": "123.4", "unit": "lb"}', lambda: Speaking(play), _someone)
