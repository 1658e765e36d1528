"""Frames with silences between them, through the decoder and the rules of capture."""

import random

from biobank import clock
from biobank.devices import registry
from biobank.devices.capture import Capture, Captured
from biobank.devices.simulators.faults import spoil
from biobank.devices.simulators.play import Burst
from biobank.devices.simulators.roster import SIMULATORS
from tests.devices.frames import decoder


def captured(name: str, *bursts: Burst) -> list[Captured]:
    """What is kept of bursts with silences between, and of the silence after them."""
    listening, rules, at, kept = decoder(name), Capture(registry.load(name).manner), 0.0, []
    for burst in bursts:
        at += burst.after
        kept += [one for heard in listening.feed(burst.data) for one in rules.take(heard, at)]
    return kept + rules.tick(at + 60)


def weights(kept: list[Captured]) -> list[str]:
    return [str(one.event.measures[0].value) for one in kept]


def played(name: str, **script: object) -> list[Burst]:
    bursts = SIMULATORS[name].device().play(script, clock.now().astimezone())
    return list(spoil(bursts, script.get("fault"), random.Random(1)))
