"""Rows 7 and 9: inventory files read by the hundred thousand, and ordered against received over 80,000 tubes."""

import csv
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from bench.rows import Row
from biobank import config, db, migrations
from biobank.access.models import Site, SiteKind
from biobank.actor import SYSTEM
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.demo import rig
from biobank.specimens.custody import Custodian, TubeStatus
from biobank.specimens.inventory import actions, staging
from biobank.specimens.inventory.reconciling import matched
from biobank.specimens.inventory.rows import COLUMNS
from biobank.specimens.models import CollectionOrder, Donor, OrderState, Tube

ROUNDS = 5
ROWS = 200_000
WHOLE = 1_000_000
TUBES, PER_ORDER = 80_000, 8
TESTS = ("1SST8", "1PS4A", "1PS4B", "1HEP4", "1ED04", "1ED10", "1CFD9", "1UR10")
# The command, saying at its end the most memory that it had; what its parent had is not counted in (proc(5)).
_TELLING = """
import atexit, sys
from biobank.cli import main
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
main()
"""
DRAWN = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


def write_file(path: Path, rows: int) -> None:
    """A believable file: eight tests an order, every tenth row an aliquot, times over a year."""
    with path.open("w") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for number in range(rows):
            at = f"2026/{number % 12 + 1:02}/{number % 28 + 1:02} {number % 24:02}:{number % 60:02}:{number % 59:02}"
            at = at if " 02:" not in at else at.replace(" 02:", " 03:")
            parent = f"A{number - 1}" if number % 10 == 9 else ""
            file.write(f"A{number}\t{parent}\t{at}\tB{number // 8:012}\tC{number // 8:012}\t{TESTS[number % 8]}\t{at}\t"
                       f"{'consumed' if number % 50 == 0 else ''}\t\tF{number // 8}\n")  # fmt: skip


def _ours(databases: Databases, path: Path) -> float:
    """Rows a second: read, checked, staged; given back, so that every round begins alike."""
    with databases.transaction(SYSTEM) as tx:
        begun = time.perf_counter()
        done = actions.import_inventory(tx, path)
        took = time.perf_counter() - begun
        assert done.file.refused == 0
        tx.session.rollback()
    return done.file.rows / took


def _vectorised(databases: Databases, path: Path) -> float:
    """The same file by polars, its columns checked whole, staged by the same driver."""
    with databases.transaction(SYSTEM) as tx:
        begun = time.perf_counter()
        frame = _checked(pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None))
        _stage(tx, frame)
        took = time.perf_counter() - begun
        tx.session.rollback()
    return frame.height / took


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    times = [pl.col(name).str.to_datetime("%Y/%m/%d %H:%M:%S", strict=False).dt.replace_time_zone(
        "America/Chicago", ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
        .dt.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").alias(name)
        for name in ("Sample Confirmed Date", "Sample Family Create Date", "Sample Disposed Date")]  # fmt: skip
    found = frame.with_columns(times)
    good = (pl.col("Sample Id").str.len_chars() <= 80) & (pl.col("External Participant Id").str.len_chars() <= 40)
    good &= pl.col("Sample Disposal Status").fill_null("").is_in(["", "consumed"]) & pl.col("Sample Id").is_unique()
    found = found.filter(good)
    assert found.height == frame.height
    is_gone = pl.col("Sample Disposal Status") == "consumed"
    status = pl.when(is_gone).then(pl.lit("consumed")).otherwise(pl.lit("received"))
    return found.select(
        "Sample Id", "Parent Sample Id", "Sample Confirmed Date", "External Participant Id", "Sent Order Id",
        "Test Code", "Sample Family Create Date", status.alias("status"), "Sample Disposed Date", "Sample Family Id",
        pl.lit(None, dtype=pl.String).alias("more"), pl.lit(new_id().hex).alias("file"),
    )  # fmt: skip


def _stage(tx: Tx, frame: pl.DataFrame) -> None:
    connection = tx.session.connection()
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(staging._INSERT, frame.rows())
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(staging._COPY) as copy:
        copy.write(frame.write_csv(separator="\t", include_header=False, null_value="\\N", quote_style="never"))


def _in_turn(ours: Callable[[], float], limit: Callable[[], float]) -> tuple[float, float, list[dict[str, float]]]:
    ours(), limit()
    runs = [{"ours": ours(), "limit": limit()} for _ in range(ROUNDS)]
    return (statistics.median(run["ours"] for run in runs), statistics.median(run["limit"] for run in runs), runs)


def _staged(databases: Databases, database: str, path: Path) -> Row:
    ours, limit, runs = _in_turn(lambda: _ours(databases, path), lambda: _vectorised(databases, path))
    return Row(f"7 inventory, {ROWS:,} rows parsed, checked, staged, {database}", ours, limit, ours / limit, "rows/s",
               ">= 0.20", runs=runs)  # fmt: skip


def _whole(home: Path, urls: dict[str, str], database: str, path: Path) -> Iterator[Row]:
    """A million rows by the command, in a process of its own: seconds, and its largest memory."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _TELLING, "--home", str(home), "specimens", "import-inventory", path],
                          env=os.environ | urls | {"BIOBANK_PROFILE": "demo"}, capture_output=True, text=True,
                          check=True)  # fmt: skip
    took = time.perf_counter() - begun
    megabytes = int(re.findall(r"VmHWM:\s+(\d+) kB", done.stderr)[0]) / 1024
    yield Row(f"7 inventory import, {WHOLE:,} rows, {database}", took, 120.0, took / 120, "s", "<= 1.00")
    yield Row(f"7 the same: largest memory, {database}", megabytes, 200.0, megabytes / 200, "MB", "<= 1.00")


def fill(tx: Tx, tubes: int = TUBES) -> None:
    """Finalised orders of eight tubes each, nine of ten arrived."""
    site = Site(code="BENCH", name="Bench", kind=SiteKind.CLINIC, zone="America/Chicago")
    tx.session.add(site)
    tx.session.flush()
    donors, orders, made = [], [], []
    for number in range(tubes // PER_ORDER):
        donor_id, order_id, at = new_id(), new_id(), DRAWN + timedelta(minutes=number)
        donors.append({"id": donor_id, "code": f"B{number:012}", "held": number % 100 == 0})
        orders.append({"id": order_id, "code": f"C{number:012}", "donor_id": donor_id, "site_id": site.id,
                       "tube_set": "3.2", "state": OrderState.FINALISED, "answers": {}, "created_at": at,
                       "created_by": "bench", "finalised_at": at + timedelta(hours=1), "version": 1})  # fmt: skip
        for place, test in enumerate(TESTS, start=1):
            here = (number * PER_ORDER + place) % 10 != 0
            made.append({"id": new_id(), "code": f"S{number * PER_ORDER + place:012}", "order_id": order_id,
                         "donor_id": donor_id, "kind": test, "position": place, "collected_at": at, "back_to": [],
                         "state": TubeStatus.STORED if here else TubeStatus.IN_TRANSIT,
                         "custodian": Custodian.BIOBANK if here else Custodian.CARRIER,
                         "seq": 1, "head": ""})  # fmt: skip
    for table, rows in ((Donor, donors), (CollectionOrder, orders), (Tube, made)):
        tx.session.execute(sa.insert(table), rows)


def _report(databases: Databases) -> float:
    with databases.transaction(SYSTEM, read_only=True) as tx:
        begun = time.perf_counter()
        size = sum(len(text) for text in actions.as_csv(tx, timedelta(days=60)))
        took = time.perf_counter() - begun
    assert size > TUBES
    return TUBES / took


def _copied(databases: Databases) -> float:
    """The same query, its rows written as CSV by COPY, or by the driver where there is none."""
    with databases.transaction(SYSTEM, read_only=True) as tx:
        connection = tx.session.connection()
        query = str(matched().compile(connection, compile_kwargs={"literal_binds": True}))
        raw: Any = connection.connection.driver_connection
        begun = time.perf_counter()
        if connection.dialect.name == "postgresql":
            with raw.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
                for _block in copy:
                    pass
        else:
            csv.writer(StringIO()).writerows(raw.execute(query))
        took = time.perf_counter() - begun
    return TUBES / took


def rows() -> Iterator[Row]:
    """Rows 7 and 9 on both databases."""
    for database in ("embedded", "postgresql"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="biobank-bench-")))
            urls = stack.enter_context(rig.own_postgresql(folder)) if database == "postgresql" else {}
            home = folder / "home"
            settings = config.from_environment({"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(home), **urls})
            databases = db.connect(settings)
            stack.callback(databases.dispose)
            migrations.upgrade(databases)
            small, large = folder / "small.tsv", folder / "large.tsv"
            write_file(small, ROWS)
            yield _staged(databases, database, small)
            with databases.transaction(SYSTEM) as tx:
                fill(tx)
            ours, limit, runs = _in_turn(lambda kept=databases: _report(kept), lambda kept=databases: _copied(kept))
            yield Row(f"9 ordered against received, {TUBES:,} tubes, {database}", ours, limit, ours / limit, "tubes/s",
                      ">= 0.50", runs=runs)  # fmt: skip
            write_file(large, WHOLE)
            yield from _whole(settings.home, urls, database, large)
