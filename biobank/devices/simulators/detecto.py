"""A Detecto MedVue that answers ENQ."""

import random
import re
from typing import Any

from biobank.devices.simulators.asked import AskedScale, Platform
from biobank.devices.simulators.play import Simulator, tenths

_QUESTION = re.compile(rb"\x05")


def _reply(_question: bytes, platform: Platform) -> bytes:
    """Polarity, weight, unit, gross, status and CR (MedVue manual); a status of two spaces when nothing is wrong."""
    status = "OC" if platform.over else "MO" if not platform.locked else "  " if float(platform.weight) else "CZ"
    sign = "-" if platform.weight.startswith("-") else " "
    return f"{sign}{platform.weight.lstrip('-'):>7} {platform.unit.upper()} G {status}\r".encode("ascii")


def _someone(chance: random.Random) -> dict[str, Any]:
    return {"weight": tenths(chance, 48, 120), "unlocked": True}


SIMULATOR = Simulator(9600, '{"weight": "72.8", "unlocked": true}', lambda: AskedScale(_QUESTION, _reply), _someone)
