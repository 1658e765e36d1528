"""A simulator on its wire, played line by line from a script."""

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from biobank import clock
from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, needed
from biobank.devices.simulators.wire import Wire


def read_script(lines: Iterable[str]) -> Iterator[Script]:
    """One JSON object a line, blank lines skipped; raises BadScript naming the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            content: Any = json.loads(line)
        except ValueError as error:
            raise BadScript(f"Line {number} is not JSON: {error}.") from error
        if not isinstance(content, dict):
            raise BadScript(f"Line {number} is not a JSON object.")
        yield content


def people(simulator: Simulator, count: int, seed: int) -> Iterator[Script]:
    """So many people or labels made up by chance; the same seed makes the same ones."""
    chance = random.Random(seed)  # noqa: S311 - invented people must be the same at every run
    return (simulator.someone(chance) for _ in range(count))


def perform(simulator: Simulator, wire: Wire, scripts: Iterable[Script]) -> Iterator[Script]:
    """Send what the device would for each line, and give the line back once it is sent; raises BadScript."""
    for script in scripts:
        wire.send(_bursts(simulator, script))
        yield script


def _bursts(simulator: Simulator, script: Script) -> list[Burst]:
    """`{"raw": "hex"}` goes out as it is, `{"pause": seconds}` is silence, all else is the device's own."""
    try:
        if "pause" in script:
            return [Burst(b"", float(script["pause"]))]
        if "raw" in script:
            return [Burst(bytes.fromhex(needed(script, "raw")))]
        return simulator.play(script, clock.now().astimezone())
    except ValueError as error:
        raise BadScript(f"This line cannot be played: {error} Example: {simulator.example}") from error
