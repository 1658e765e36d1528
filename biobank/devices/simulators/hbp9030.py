"""An Omron HBP-9030 kiosk set to output format 5: one line of fixed columns after each measurement."""

import random
from datetime import datetime

from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, Speaking, needed

_WIDTH = 53


def play(script: Script, moment: datetime) -> list[Burst]:
    """Columns of manual 2873643-0F p. 20: time, 20 of subject ID, error, three values of 3 digits, movement."""
    line = bytearray(b" " * _WIDTH)
    for at in (4, 7, 10, 13, 16, 37, 39, 43, 47, 51):
        line[at : at + 1] = b","
    _put(line, 0, moment.strftime("%Y"))
    for at, part in ((5, "%m"), (8, "%d"), (11, "%H"), (14, "%M")):
        _put(line, at, moment.strftime(part))
    _put(line, 38, str(script.get("error", 0)))
    if "error" not in script:
        pulse = "heart_rate" if "heart_rate" in script else "pulse"
        for at, key in ((40, "systolic"), (44, "diastolic"), (48, pulse)):
            _put(line, at, needed(script, key).zfill(3))
    _put(line, 52, str(script.get("movement", 0)))
    return [Burst(bytes(line) + b"\r\n")]


def _put(line: bytearray, at: int, text: str) -> None:
    if line[at : at + len(text)].strip():
        raise BadScript(f"{text!r} does not fit its column: three digits a value, one for error and movement.")
    line[at : at + len(text)] = text.encode("ascii")


def _someone(chance: random.Random) -> Script:
    systolic = chance.randrange(95, 165)
    diastolic = systolic - chance.randrange(30, 55)
    return {"systolic": str(systolic), "diastolic": str(diastolic), "pulse": str(chance.randrange(52, 100))}


SIMULATOR = Simulator(9600, '{"systolic": "120", "diastolic": "80", "pulse": "72"}', lambda: Speaking(play), _someone)
