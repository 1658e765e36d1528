"""A simulator on its wire, played line by line from a script."""

import json
import random
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from biobank import clock
from biobank.devices.simulators import faults
from biobank.devices.simulators.play import BadScript, Burst, Script, Simulator, needed
from biobank.devices.simulators.wire import Wire


def people(simulator: Simulator, count: int, seed: int) -> Iterator[str]:
    """Lines for so many people or labels made up by chance; the same seed makes the same ones."""
    chance = random.Random(seed)  # noqa: S311 - invented people must be the same at every run
    return (json.dumps(simulator.someone(chance)) for _ in range(count))


class Stage:
    """One device on a wire: performs lines, and answers the host between and during them."""

    def __init__(self, simulator: Simulator, wire: Wire) -> None:
        self._simulator, self._wire = simulator, wire
        self._device = simulator.device()
        # Noise must be the same at every run.
        self._chance = random.Random(1)  # noqa: S311

    def perform(self, line: str) -> bool:
        """Send what the device would for one line of JSON; False for a blank line. Raises BadScript, nothing sent.

        `{"raw": "hex"}` goes out as it is, `{"pause": seconds}` is silence, all else is the device's own; with
        `"fault"` (noise, split, glue, double, reboot, unplug) it goes wrong on the way.
        """
        if not line.strip():
            return False
        try:
            bursts = self._bursts(_read(line))
        except ValueError as error:
            raise BadScript(f"{line.strip()} cannot be played: {error} Example: {self._simulator.example}") from error
        self._wire.send(bursts)
        return True

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer the host on a thread of its own until the end of the block."""
        over = threading.Event()
        thread = threading.Thread(target=self._answer_until, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _answer_until(self, over: threading.Event) -> None:
        while not over.is_set():
            self.answer()

    def answer(self) -> None:
        """Answer what the host has sent by now."""
        if asked := self._wire.receive():
            self._wire.send(self._device.answer(asked, clock.now().astimezone()))

    def _bursts(self, script: Script) -> Iterable[Burst]:
        if "pause" in script:
            return [Burst(b"", float(script["pause"]))]
        if "raw" in script:
            return [Burst(bytes.fromhex(needed(script, "raw")))]
        return faults.spoil(self._device.play(script, clock.now().astimezone()), script.get("fault"), self._chance)


def _read(line: str) -> Script:
    content: Any = json.loads(line)
    if not isinstance(content, dict):
        raise BadScript("It is not a JSON object.")
    return content
