"""A Health o meter scale with an "L" serial number: locked weight once a second, then zero when stepped off."""

import random
from datetime import datetime

from biobank.devices.simulators.platform import Shown, shown
from biobank.devices.simulators.play import Burst, Script, Simulator, Speaking, tenths

# The page's example carries ten digits of patient ID; a scale nobody keyed one into sends zeros.
_NOBODY = "0000000000"
_OVER = "999.9"


def play(script: Script, _moment: datetime) -> list[Burst]:
    """Packets a second apart, the first begun by 1B 52 and the others by 36 52, as `platform.shown` has them."""
    height, unit = str(script.get("height", "0.0")), str(script.get("unit", "kg"))
    steps = [Shown(_OVER)] * 4 if script.get("overload") else shown(script)
    return [
        Burst(_packet(one.weight, height if float(one.weight) else "0.0", unit, first=not number), float(number > 0))
        for number, one in enumerate(steps)
    ]


def _packet(weight: str, height: str, unit: str, *, first: bool) -> bytes:
    """Fields I, W, H, B, T, N in the protocol book's order (Pelstar, 2023-07-11)."""
    fields = [
        ("I", _NOBODY),
        ("W", weight),
        ("H", height),
        ("B", _index(float(weight), float(height), unit)),
        ("T", "0.0"),
        ("N", "c" if unit == "lb" else "m"),
    ]
    start = "\x1bR" if first else "6R"
    return (start + "".join(f"\x1b{tag}{value}" for tag, value in fields) + "\x1bE").encode("ascii")


def _index(weight: float, height: float, unit: str) -> str:
    """The display's index: kg over metres squared, or 703 times lb over inches squared."""
    if not height:
        return "0.0"
    return f"{703 * weight / height**2:.1f}" if unit == "lb" else f"{weight / (height / 100) ** 2:.1f}"


def _someone(chance: random.Random) -> Script:
    return {"weight": tenths(chance, 48, 120), "height": tenths(chance, 150, 195)}


SIMULATOR = Simulator(9600, '{"weight": "72.8", "height": "172.7"}', lambda: Speaking(play), _someone)
