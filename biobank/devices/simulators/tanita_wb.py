"""An older Tanita WB-110 that answers `DR`."""

import random
import re
from typing import Any

from biobank.devices.simulators.asked import AskedScale, Platform
from biobank.devices.simulators.play import Simulator, tenths

_QUESTION = re.compile(rb"DR\r\n")


def _reply(_question: bytes, platform: Platform) -> bytes:
    """Two of header, two spaces, six of weight, two of unit, CR LF (WB-100/110MA manual)."""
    if platform.over:
        return b"SI   ---.-kg\r\n"
    return f"{'S ' if platform.locked else 'SD'}  {platform.weight:>6}{platform.unit}\r\n".encode("ascii")


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 48, 120), "unlocked": True}


SIMULATOR = Simulator(2400, '{"weight": "75.0", "unlocked": true}', lambda: AskedScale(_QUESTION, _reply), _someone)
