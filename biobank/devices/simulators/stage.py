"""A simulator on its wire, played line by line from a script."""

import json
import random
from collections.abc import Iterator
from typing import Any

from biobank import clock
from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, needed
from biobank.devices.simulators.wire import Wire


def people(simulator: Simulator, count: int, seed: int) -> Iterator[str]:
    """Lines for so many people or labels made up by chance; the same seed makes the same ones."""
    chance = random.Random(seed)  # noqa: S311 - invented people must be the same at every run
    return (json.dumps(simulator.someone(chance)) for _ in range(count))


def perform(simulator: Simulator, wire: Wire, line: str) -> bool:
    """Send what the device would for one line of JSON; False for a blank line. Raises BadScript, nothing sent.

    `{"raw": "hex"}` goes out as it is, `{"pause": seconds}` is silence, all else is the device's own.
    """
    if not line.strip():
        return False
    try:
        bursts = _bursts(simulator, _read(line))
    except ValueError as error:
        raise BadScript(f"{line.strip()} cannot be played: {error} Example: {simulator.example}") from error
    wire.send(bursts)
    return True


def _read(line: str) -> Script:
    content: Any = json.loads(line)
    if not isinstance(content, dict):
        raise BadScript("It is not a JSON object.")
    return content


def _bursts(simulator: Simulator, script: Script) -> list[Burst]:
    if "pause" in script:
        return [Burst(b"", float(script["pause"]))]
    if "raw" in script:
        return [Burst(bytes.fromhex(needed(script, "raw")))]
    return simulator.play(script, clock.now().astimezone())
