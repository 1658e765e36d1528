"""`make bench`: run every row, print the ratios, write bench/results.json."""

import json
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import (
    access,
    devices,
    inventory,
    labels,
    labels_queue,
    measurements,
    money,
    payouts,
    privacy,
    records,
    rows,
    seals,
    service,
    specimens,
    wire,
)
from bench.rows import Row

RESULTS = Path(__file__).parent / "results.json"


def _machine() -> dict[str, object]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version}  # fmt: skip


def _through_http(database: str) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        folder = Path(name)
        with service.running(folder, postgresql=database == "postgresql") as at:
            for clients, count in ((1, 300), (16, 1600)):
                yield from rows.readings(at, folder, database, clients, count)
            yield rows.tube_page(at, folder, database)
            yield from specimens.rows(at, folder, database)
            if database == "postgresql":
                yield from records.rows(at, folder)


def _all() -> Iterator[Row]:
    for database in ("embedded", "postgresql"):
        yield from _through_http(database)
    yield from measurements.rows()
    yield from labels.rows()
    yield from labels_queue.rows()
    yield from devices.rows()
    yield from wire.rows()
    yield from inventory.rows()
    yield from money.rows()
    yield from payouts.rows()
    yield from access.rows()
    yield from privacy.rows()
    yield from seals.rows()


def main() -> None:
    found = []
    for row in _all():
        print(row.line(), flush=True)
        found.append(row.as_json())
    RESULTS.write_text(json.dumps({"machine": _machine(), "rows": found}, indent=2) + "\n")
    print(f"Written to {RESULTS.relative_to(Path.cwd())}.")


if __name__ == "__main__":
    main()
