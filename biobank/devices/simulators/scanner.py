"""A barcode scanner in serial mode with the suffix CR, or whichever the script names."""

import random
from datetime import datetime

from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, Speaking, needed

_SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n"}
_TEST = "T"


def play(script: Script, _moment: datetime) -> list[Burst]:
    """The text of the label and the suffix; sent twice when the script says that no acknowledgement came."""
    suffix = _SUFFIXES.get(str(script.get("suffix", "cr")).lower())
    if suffix is None:
        raise BadScript("The suffix is cr, lf or crlf.")
    scan = needed(script, "code").encode("ascii", "replace") + suffix
    return [Burst(scan), Burst(scan, 2.0)] if script.get("unacknowledged") else [Burst(scan)]


def _someone(chance: random.Random) -> Script:
    """A test code: T, ten digits, and two check digits after ISO 7064 MOD 97-10."""
    digits = f"{chance.randrange(10**10):010d}"
    check = 98 - int(f"{int(_TEST, 36)}{digits}00") % 97
    return {"code": f"{_TEST}{digits}{check:02d}"}


SIMULATOR = Simulator(9600, '{"code": "S123456789012"}', lambda: Speaking(play), _someone)
