"""The log of who looked at the programme's size: seals over a million rows verified, whose data was touched in ten."""

import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.rows import Row
from biobank import clock, config, db, migrations
from biobank.access.models import Look
from biobank.audit import sealing, verifying
from biobank.audit.rows import fetch, sealed_tables, select_cells
from biobank.db import Databases
from biobank.demo import rig
from biobank.participants import breach

SEALED = int(os.environ.get("BIOBANK_BENCH_SEALED", "1000000"))
LOOKS = int(os.environ.get("BIOBANK_BENCH_LOOKS", "10000000"))
ACTORS, _BATCH = 200, 10_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
# One look a second, by everybody in turn, at one of a million participants: told to the database, which makes the rows.
_MADE = {
    "sqlite": """
        WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n + 1 < {last})
        INSERT INTO look (id, at, actor_kind, actor_id, actor_name, subject_kind, subject_id, purpose, route)
        SELECT printf('%012x70008%015x', {began} * 1000 + n * 1000, n),
               strftime('%Y-%m-%dT%H:%M:%S', {began} + n, 'unixepoch') || '.000000+00:00', 'staff',
               printf('%032x', n % {actors}), 'Ann Example', 'participant', printf('%032x', n % 1000003), 'visit',
               '/participants/<uuid:participant_id>' FROM c""",
    "postgresql": """
        INSERT INTO look (id, at, actor_kind, actor_id, actor_name, subject_kind, subject_id, purpose, route)
        SELECT (lpad(to_hex({began}::bigint * 1000 + n * 1000), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
               to_timestamp({began} + n), 'staff', lpad(to_hex(n % {actors}), 32, '0')::uuid, 'Ann Example',
               'participant', lpad(to_hex(n % 1000003), 32, '0')::uuid, 'visit',
               '/participants/<uuid:participant_id>' FROM generate_series({first}::bigint, {last} - 1) AS n""",
}


def _fill(databases: Databases, first: int, count: int) -> None:
    """Looks straight into the table; its indexes are made anew afterwards, sorted."""
    table = Look.__table__
    with databases.study.engine.connect() as connection:
        name = connection.dialect.name
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0" if name == "postgresql" else "SELECT 1")
        for index in table.indexes:
            index.drop(connection)
        words = _MADE[name].format(first=first, last=first + count, began=int(_START.timestamp()), actors=ACTORS)
        # The driver would take a percent sign for a place.
        raw: Any = connection.connection.driver_connection
        raw.execute(words)
        for index in table.indexes:
            index.create(connection)
        connection.commit()


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bare(databases: Databases) -> float:
    """How long the least takes: each row's cells, in memory already, as canonical JSON and its SHA-256."""
    table = next(one for one in sealed_tables() if one.name == "look")
    with databases.transaction(read_only=True) as tx:
        query = select_cells(table, table.columns, databases.study.engine.dialect.name).limit(_BATCH)
        cells = [list(row) for row in fetch(tx.session, query)]

    def limit() -> None:
        for _ in range(SEALED // len(cells)):
            for row in cells:
                hashlib.sha256(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()).digest()

    return _seconds(limit)


def _verified(databases: Databases, database: str) -> Iterator[Row]:
    """Everything verified, from the database to the verdict; the limit is a loop over rows that are there already."""
    sealed = _seconds(lambda: sealing.seal_all(databases))
    yield Row(f"sealing {SEALED:,} rows, {database}", SEALED / sealed, SEALED / sealed, 1.0, "rows/s", "-")
    reports: list[verifying.Report] = []
    runs = [{"ours": _seconds(lambda: reports.append(verifying.verify(databases))), "limit": _bare(databases)}
            for _ in range(3)]  # fmt: skip
    assert all(report.is_whole and report.rows == SEALED for report in reports)
    mine, bare = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    # A ratio of speeds, as everywhere: seconds of the limit over seconds of ours.
    yield Row(f"10 verify seals over {SEALED:,} rows, {database}", mine, bare, bare / mine, "s",
              ">= 0.30; <= 10 s among 1,000,000", runs=runs)  # fmt: skip


def _touched(databases: Databases, database: str, folder: Path) -> Row:
    """Whose data one person touched in thirty days among everybody's, as a list and as letters."""
    until = _START + timedelta(days=30)
    with databases.transaction(read_only=True) as tx:
        mine = _seconds(lambda: breach.write(tx, folder, UUID(int=7), _START, until))
    with (folder / "touched.csv").open() as file:
        found = sum(1 for _ in file) - 1
    return Row(
        f"list and letters of {found:,} touched among {LOOKS:,} looks, {database}", mine, mine, 1.0, "s", "<= 30 s"
    )


@contextmanager
def _opened(database: str) -> Iterator[tuple[Databases, Path]]:
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        urls = stack.enter_context(rig.own_postgresql(folder)) if database == "postgresql" else {}
        given = {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), **urls}
        databases = db.connect(config.from_environment(given))
        stack.callback(databases.dispose)
        migrations.upgrade(databases)
        yield databases, folder


def rows(*chosen: str) -> Iterator[Row]:
    """Seals verified, and the answer to a breach, on each database."""
    for database in chosen or ("embedded", "postgresql"):
        with _opened(database) as (databases, folder):
            if SEALED:
                _fill(databases, 0, SEALED)
                with clock.at(_START + timedelta(days=400)):
                    yield from _verified(databases, database)
            if LOOKS > SEALED:
                _fill(databases, SEALED, LOOKS - SEALED)
            if LOOKS:
                yield _touched(databases, database, folder)


if __name__ == "__main__":
    for row in rows(*sys.argv[1:]):
        print(row.line(), flush=True)
