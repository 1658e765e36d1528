"""`make bench`: run every row on both databases, print the ratios, write bench/results.json."""

import json
import os
import platform
import sqlite3
import tempfile
from pathlib import Path

from bench import rows, service

RESULTS = Path(__file__).parent / "results.json"


def _machine() -> dict[str, object]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version}  # fmt: skip


def main() -> None:
    found: list[rows.Row] = []
    for database in ("embedded", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
            folder = Path(name)
            with service.running(folder, postgresql=database == "postgresql") as at:
                for clients, count in ((1, 300), (16, 1600)):
                    for row in rows.readings(at, folder, database, clients, count):
                        print(row.line(), flush=True)
                        found.append(row)
                row = rows.tube_page(at, folder, database)
                print(row.line(), flush=True)
                found.append(row)
    RESULTS.write_text(json.dumps({"machine": _machine(), "rows": [row.as_json() for row in found]}, indent=2) + "\n")
    print(f"Written to {RESULTS.relative_to(Path.cwd())}.")


if __name__ == "__main__":
    main()
