"""A Tanita SC-240: one line when the measurement is done, and the short blip of the WB models after it."""

import random
from datetime import datetime

from biobank.devices.simulators.play import Burst, Script, Simulator, Speaking, needed, tenths

_BLIP = bytes([0x00, 0xFF, 0x7E, 0x80])
_BLIP_AFTER = 0.1


def play(script: Script, moment: datetime) -> list[Burst]:
    """One line in the order of the SC-240 manual p. 24, its checksum added; then the blip if the script asks."""
    weight, height = needed(script, "weight"), str(script.get("height", "170"))
    index = float(weight) / (float(height) / 100) ** 2
    pairs = [
        ("~0", "1"),
        ("~1", "1"),
        ("~2", "1"),
        ("MO", '"SC-240"'),
        ("SN", '"00000002"'),
        ("ID", '"0000000000"'),
        ("Da", moment.strftime('"%d/%m/%Y"')),
        ("TI", moment.strftime('"%H:%M"')),
        ("Bt", "0"),
        ("GE", "1"),
        ("AG", "30"),
        ("Hm", height),
        ("Pt", str(script.get("tare", "0.0"))),
        ("Wk", weight),
        ("MI", f"{index:.1f}"),
    ]
    line = Burst(_line(pairs))
    return [line, Burst(_BLIP, _BLIP_AFTER)] if script.get("blip") else [line]


def _line(pairs: list[tuple[str, str]]) -> bytes:
    total, line = 0, bytearray()
    for key, value in [("{0", "16"), *pairs]:
        for byte in f"{key},{value},".encode("ascii"):
            line.append(byte)
            total = (total + byte) % 256
    return bytes(line) + f"CS,{total:02X}\r\n".encode("ascii")


def _someone(chance: random.Random) -> Script:
    return {"weight": tenths(chance, 48, 120), "height": str(chance.randrange(150, 195)), "blip": True}


SIMULATOR = Simulator(9600, '{"weight": "82.7", "height": "170", "blip": true}', lambda: Speaking(play), _someone)
