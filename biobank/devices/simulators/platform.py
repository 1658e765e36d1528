"""What a scale shows from stepping on to stepping off: climbing, locked, after the person has left, and zero."""

from dataclasses import dataclass
from decimal import Decimal

from biobank.devices.simulators.play import BadScript, Script, needed

_CLIMB = ("0.4", "0.83", "0.97", "1.02")


@dataclass(frozen=True)
class Shown:
    """A weight on the display, locked or not."""

    weight: str
    locked: bool = True


def shown(script: Script) -> list[Shown]:
    """One entry a period of the scale.

    `frames` locked ones (4); `unlocked` has the weight climb first; `after_seconds` repeats it when the person has
    left, one entry a second; `recall` is a weight of before, shown once and alone; then zero unless `silent`.
    """
    if "recall" in script:
        return [Shown(_number(needed(script, "recall")))]
    weight = _number(needed(script, "weight"))
    climbing = [Shown(_part(weight, share), locked=False) for share in _CLIMB] if script.get("unlocked") else []
    locked = [Shown(weight)] * (int(script.get("frames", 4)) + int(script.get("after_seconds", 0)))
    return [*climbing, *locked] + ([] if script.get("silent") else [Shown(_part(weight, "0"))])


def _number(text: str) -> str:
    if not text.replace(".", "", 1).replace("-", "", 1).isdecimal():
        raise BadScript(f"{text!r} is not a number such as 72.8.")
    return text


def _part(weight: str, share: str) -> str:
    """A share of the weight with as many decimals."""
    value = Decimal(weight)
    return str((value * Decimal(share)).quantize(value))
