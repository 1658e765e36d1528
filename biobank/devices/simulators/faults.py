"""What goes wrong between a device and its port: noise, pieces, doubles, a restart, a pulled cable."""

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from biobank.devices.simulators.play import BadScript, Burst

_BANNER = b"\x00\x00\r\nBOOT 1.02\r\nSELFTEST OK\r\n"
_NOISE_BYTES = 24
_PIECE_SECONDS = 0.2
_STARTING_SECONDS = 1.0


def spoil(bursts: Iterable[Burst], fault: object, chance: random.Random) -> Iterable[Burst]:
    """The same bursts with a fault on the way; raises BadScript for a fault there is not."""
    if fault is None:
        return bursts
    if fault not in _FAULTS:
        raise BadScript(f"There is no fault {fault!r}, but {', '.join(sorted(_FAULTS))}.")
    return _FAULTS[str(fault)](bursts, chance)


def _noise(bursts: Iterable[Burst], chance: random.Random) -> Iterator[Burst]:
    """Bytes no device sends, before everything and after each burst."""
    yield Burst(_bytes(chance))
    for burst in bursts:
        yield burst
        yield Burst(_bytes(chance))


def _bytes(chance: random.Random) -> bytes:
    return bytes(chance.choice(b"\x00\x80\xfe\xff\xf0\x90") for _ in range(_NOISE_BYTES))


def _split(bursts: Iterable[Burst], _chance: random.Random) -> Iterator[Burst]:
    """Every burst in two pieces with a silence between."""
    for burst in bursts:
        half = len(burst.data) // 2
        yield Burst(burst.data[:half], burst.after)
        yield Burst(burst.data[half:], _PIECE_SECONDS)


def _glue(bursts: Iterable[Burst], _chance: random.Random) -> Iterator[Burst]:
    """Everything in one piece, as an adapter does that was busy."""
    held = list(bursts)
    yield Burst(b"".join(burst.data for burst in held), sum(burst.after for burst in held))


def _double(bursts: Iterable[Burst], _chance: random.Random) -> Iterator[Burst]:
    """Every burst twice, as the 522 scale does, or a scanner that was not acknowledged."""
    for burst in bursts:
        yield from (burst, Burst(burst.data))


def _reboot(bursts: Iterable[Burst], _chance: random.Random) -> Iterator[Burst]:
    """A start-up banner first."""
    yield Burst(_BANNER)
    yield Burst(b"", _STARTING_SECONDS)
    yield from bursts


def _unplug(bursts: Iterable[Burst], _chance: random.Random) -> Iterator[Burst]:
    """The cable pulled in the middle of the first frame and put back; then the rest of the frame, and the others."""
    rest = iter(bursts)
    first = next((burst for burst in rest if burst.data), Burst(b""))
    half = len(first.data) // 2
    yield Burst(first.data[:half], first.after)
    yield Burst(b"", unplug=True)
    yield from chain([Burst(first.data[half:], 2 * _STARTING_SECONDS)], rest)


_FAULTS: dict[str, Callable[[Iterable[Burst], random.Random], Iterator[Burst]]] = {
    "noise": _noise,
    "split": _split,
    "glue": _glue,
    "double": _double,
    "reboot": _reboot,
    "unplug": _unplug,
}
