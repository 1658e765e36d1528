"""The desk's devices: decoding and memory for each protocol, the store's speed, and `--fuzz` for damaged bytes."""

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from bench.rows import ROUNDS, Row
from biobank.devices import registry
from biobank.devices.capture import CONFIRM, Capture, Captured
from biobank.devices.decoding import Decoder
from biobank.devices.events import Reading, Rejected
from biobank.devices.protocol import DeviceProtocol
from biobank.devices.protocols.manual import TYPED
from biobank.devices.simulators.play import Burst
from biobank.devices.simulators.roster import SIMULATORS
from biobank.devices.spool import Spool

_CHUNK = 4096
_MORNING = datetime(2026, 7, 11, 9, 5, tzinfo=UTC)
_GAP = 6.0
_ASKING_SECONDS = 0.5
_CODE = re.compile(r"[A-Z]\d{12}")
_READING = {
    "device": "scale", "protocol": "healthometer", "kind": "reading", "captured_at": "2026-07-11T09:05:00.000Z",
    "measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "stable": None, "flags": [], "repeat": 3,
    "device_time": None, "raw": "1b521b5737322e381b4e6d1b45",
}  # fmt: skip


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
    commands = protocol.polling.commands if protocol.polling else ()
    for _ in range(6 if len(commands) == 1 else 1):
        for number, command in enumerate(commands):
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


def _decode(name: str, data: bytes) -> float:
    """Bytes a second of processor time."""
    decoder = Decoder(registry.load(name))
    started = time.process_time()
    for at in range(0, len(data), _CHUNK):
        decoder.feed(data[at : at + _CHUNK])
    return len(data) / (time.process_time() - started)


def _cut(data: bytes) -> float:
    """The limit: the same pieces cut at every CR, nothing looked at."""
    started = time.process_time()
    for at in range(0, len(data), _CHUNK):
        data[at : at + _CHUNK].split(b"\r")
    return len(data) / max(time.process_time() - started, 1e-6)


def decoding(name: str, size: int = 2_000_000) -> Row:
    data = stream(name, size)
    _decode(name, data)
    runs = [{"ours": _decode(name, data) / 1e6, "limit": _cut(data) / 1e6} for _ in range(ROUNDS)]
    return _row(f"devices: decoding mixed frames, {name}", runs, "MB/s", ">= 2 MB/s")


def memory(name: str, megabytes: int = 100) -> int:
    """The most bytes held at once while so many megabytes of noise are decoded, and none believed."""
    decoder, chance = Decoder(registry.load(name)), random.Random(11)
    blocks = [chance.randbytes(1 << 16) for _ in range(16)]
    readings = 0
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for number in range(megabytes * 16):
        readings += sum(isinstance(heard.event, Reading) for heard in decoder.feed(blocks[number % 16]))
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    if readings:
        raise RuntimeError(f"{name} read {readings} measurements from noise")
    return peak


def memories(megabytes: int = 100) -> Row:
    runs = [{"ours": memory(name, megabytes) / 1024, "limit": 1024.0} for name in registry.available()]
    worst = max(run["ours"] for run in runs)
    return Row(f"devices: peak memory under {megabytes} MB of noise, the worst protocol", worst, 1024.0, worst / 1024,
               "kB", "<= 1 MB", runs=runs)  # fmt: skip


def _spooled(folder: Path, count: int, batch: int) -> float:
    spool = Spool(folder)
    started = time.perf_counter()
    for _ in range(count // batch):
        spool.append_all([_READING] * batch)
    seconds = time.perf_counter() - started
    spool.close()
    return count / seconds


def _bare(file: Path, count: int, batch: int) -> float:
    connection = sqlcipher.connect(str(file), isolation_level=None)
    connection.execute(f"PRAGMA key=\"x'{'11' * 32}'\"")
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE bare (seq INTEGER PRIMARY KEY, body TEXT)")
    rows = [(str(_READING),)] * batch
    started = time.perf_counter()
    for _ in range(count // batch):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare (body) VALUES (?)", rows)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return count / seconds


def spooling(count: int = 10_000, batch: int = 200) -> Row:
    runs = []
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        for number in range(ROUNDS):
            folder = Path(name) / str(number)
            folder.mkdir()
            runs.append({"ours": _spooled(folder / "spool", count, batch), "limit": _bare(folder / "b", count, batch)})
    return _row(f"devices: readings kept durably in batches of {batch}", runs, "readings/s", ">= 2000 readings/s")


def _row(name: str, runs: list[dict[str, float]], unit: str, goal: str) -> Row:
    ours, limit = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row(name, ours, limit, ours / limit, unit, goal, runs=runs)


def rows() -> Iterator[Row]:
    """Decoding for every protocol, memory under noise, the store."""
    yield from (decoding(name) for name in registry.available())
    yield memories()
    yield spooling()


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


def _fuzz_all(size: int, seed: int, names: list[str]) -> bool:
    sound = True
    for name in names or registry.available():
        started = time.process_time()
        seen = fuzz(name, size, seed)
        seconds = time.process_time() - started
        saw = f"kept {seen.kept:>7} to confirm {seen.to_confirm:>7} refused {seen.refused:>7}  wrong {len(seen.wrong)}"
        print(f"{name:20} {seen.size:>10} bytes {seconds:7.1f} s  {saw}", flush=True)
        for wrong in seen.wrong[:5]:
            print(f"    {wrong}")
        sound = sound and not seen.wrong
    return sound


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Measure the devices, or damage their bytes.",
        epilog="Example: python -m bench.devices --fuzz --size 10000000",
    )
    parser.add_argument("--fuzz", action="store_true", help="send random and damaged bytes instead of measuring")
    parser.add_argument("--size", type=int, default=10_000_000, help="bytes for each protocol")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protocol", action="append", default=[], help="only this one; may be given again")
    options = parser.parse_args()
    if options.fuzz:
        sys.exit(0 if _fuzz_all(options.size, options.seed, options.protocol) else 1)
    for row in rows():
        print(row.line(), flush=True)


if __name__ == "__main__":
    main()
