"""Simulated people at simulated devices, and what becomes of their bytes when they are damaged on the way."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from biobank.devices import registry
from biobank.devices.capture import CONFIRM, Capture, Captured
from biobank.devices.decoding import Decoder
from biobank.devices.events import Reading, Rejected
from biobank.devices.protocol import DeviceProtocol
from biobank.devices.protocols.manual import TYPED
from biobank.devices.simulators.play import Burst
from biobank.devices.simulators.roster import SIMULATORS

_MORNING = datetime(2026, 7, 11, 9, 5, tzinfo=UTC)
_GAP = 6.0
_ASKING_SECONDS = 0.5
_CODE = re.compile(r"[A-Z]\d{12}")


def visits(name: str, seed: int) -> Iterator[list[Burst]]:
    """Without end: what one simulated device sends for one person after another, asked where it must be."""
    chance, protocol = random.Random(seed), registry.load(name)
    if name not in SIMULATORS:
        while True:
            yield [Burst(f"weight {chance.randrange(480, 1200) / 10} kg\n".encode())]
    simulator = SIMULATORS[name]
    device = simulator.device()
    number = 0
    while True:
        number += 1
        moment = _MORNING + timedelta(minutes=2 * number)
        heard: list[Burst] = []
        for burst in device.play({**simulator.someone(chance), "minutes": 1}, moment):
            heard += [burst, *_asked(device, protocol, moment)]
        yield [burst for burst in heard if burst.data]


def _asked(device: Any, protocol: DeviceProtocol, moment: datetime) -> Iterator[Burst]:
    """A scale is asked six times; a memory is asked all there is to ask, and for its newest record twice more."""
    commands = protocol.polling.commands if protocol.polling else ()
    rounds = [commands] * 6 if len(commands) == 1 else [commands, commands[3:], commands[3:]]
    for asked in rounds:
        for number, command in enumerate(asked):
            for answer in device.answer(command, moment):
                yield Burst(answer.data, 0.0 if number else _ASKING_SECONDS)


def stream(name: str, size: int, seed: int = 1) -> bytes:
    """About so many bytes of people one after another, a blip of noise after every tenth."""
    data, people = bytearray(), visits(name, seed)
    for number in range(size):
        data += b"".join(burst.data for burst in next(people))
        if number % 10 == 0:
            data += b"\x00\xff\x80\x01"
        if len(data) >= size:
            break
    return bytes(data)


@dataclass
class Fuzzed:
    """What a run over damaged bytes saw: readings kept, refusals, and every reading nobody's device had sent."""

    size: int = 0
    kept: int = 0
    to_confirm: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def fuzz(name: str, size: int, seed: int = 1) -> Fuzzed:
    """Random bytes, and frames of which one in eight is damaged once, through the decoder and the rules of capture.

    People are six seconds apart, and what a silence of two left unfinished is dropped, as the station does.

    A reading is wrong when it would be kept without a person's confirmation and its visit's device never sent it.
    Raises whatever the code under test raises.
    """
    chance, protocol, seen = random.Random(seed), registry.load(name), Fuzzed()
    decoder, capture, people, at = Decoder(protocol), Capture(protocol.manner), visits(name, seed), 0.0
    while seen.size < size:
        bursts = [] if chance.random() < 0.2 else next(people)
        truth = _truth(protocol, bursts)
        for burst in bursts or [Burst(chance.randbytes(chance.randrange(1, 400)))]:
            at += burst.after
            data = _damaged(burst.data, chance) if bursts and chance.random() < 0.125 else burst.data
            seen.size += len(data)
            for captured in _captured(decoder, capture, data, at, seen):
                _judge(captured, truth, seen)
        at += _GAP
        decoder.close()
        for captured in capture.tick(at):
            _judge(captured, truth, seen)
    return seen


def _captured(decoder: Decoder, capture: Capture, data: bytes, at: float, seen: Fuzzed) -> Iterator[Captured]:
    for heard in decoder.feed(data):
        seen.refused += isinstance(heard.event, Rejected)
        yield from capture.take(heard, at)


def _truth(protocol: DeviceProtocol, bursts: list[Burst]) -> set[object]:
    """Every measure and every text the undamaged frames carry."""
    said = [heard.event for burst in bursts for heard in Decoder(protocol).feed(burst.data)]
    return {item for event in said for item in getattr(event, "measures", (getattr(event, "text", None),))}


def _judge(captured: Captured, truth: set[object], seen: Fuzzed) -> None:
    event = captured.event
    if not isinstance(event, Reading):
        is_code = _CODE.fullmatch(event.text) and int(f"{int(event.text[0], 36)}{event.text[1:]}") % 97 == 1
        seen.kept += 1
        right = event.text in truth or not is_code
    elif {CONFIRM, TYPED} & set(event.flags):
        seen.to_confirm += 1
        return
    else:
        seen.kept += 1
        right = set(event.measures) <= truth
    if not right:
        seen.wrong.append(f"{event} from {captured.raw.hex()}")


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """The frame damaged once: a bit, a byte, a byte lost or added, an end lost, or all of it twice."""
    at = chance.randrange(len(data))
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :],
        lambda: data[:at] + chance.randbytes(1) + data[at + 1 :],
        lambda: data[:at] + data[at + 1 :],
        lambda: data[:at] + chance.randbytes(1) + data[at:],
        lambda: data[:at],
        lambda: data[at:],
        lambda: data + data,
    )
    return chance.choice(ways)()
