"""The desk's devices: decoding and memory for each protocol, the store's speed, and `--fuzz` for damaged bytes."""

import argparse
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from bench.damage import fuzz, stream
from bench.rows import ROUNDS, Row
from biobank.devices import registry
from biobank.devices.decoding import Decoder, Heard
from biobank.devices.events import Measure, Reading
from biobank.devices.spool import Spool

_CHUNK = 4096
_READING = {
    "device": "scale", "protocol": "healthometer", "kind": "reading", "captured_at": "2026-07-11T09:05:00.000Z",
    "measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "stable": None, "flags": [], "repeat": 3,
    "device_time": None, "raw": "1b521b5737322e381b4e6d1b45",
}  # fmt: skip


def _decode(name: str, data: bytes) -> float:
    """Bytes a second of processor time."""
    decoder = Decoder(registry.load(name))
    started = time.process_time()
    for at in range(0, len(data), _CHUNK):
        decoder.feed(data[at : at + _CHUNK])
    return len(data) / (time.process_time() - started)


def _made(name: str, data: bytes) -> Callable[[], float]:
    """The limit: the same readings made from values known beforehand, with no byte looked at; bytes a second."""
    events = [heard.event for heard in Decoder(registry.load(name)).feed(data)]
    known = [
        [(measure.quantity, str(measure.value), measure.unit) for measure in getattr(event, "measures", ())]
        for event in events
    ]

    def make() -> float:
        started = time.process_time()
        for values in known:
            Heard(Reading(tuple(Measure(quantity, Decimal(value), unit) for quantity, value, unit in values)), b"")
        return len(data) / max(time.process_time() - started, 1e-6)

    return make


def decoding(name: str, size: int = 2_000_000) -> Row:
    data = stream(name, size)
    limit = _made(name, data)
    _decode(name, data)
    runs = [{"ours": _decode(name, data) / 1e6, "limit": limit() / 1e6} for _ in range(ROUNDS)]
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
