"""Row 8 and finance: matching against duckdb, 100,000 equal payments on a statement, the list at a million."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from bench.payments_made import DAY, NOON, fill, fill_lines, opened, reference
from bench.rows import Row
from biobank import clock
from biobank.db import Databases
from biobank.demo import rig
from biobank.payments import actions, ageing, charts, ledger, listing, sure_pairs
from biobank.payments.listing import Wanted
from biobank.payments.models import Disbursement, ReconMatch, State, StatementLine, Transfer
from biobank.web.api import keyset_page

ROUNDS = 5
PAIRS = int(os.environ.get("BIOBANK_BENCH_PAIRS", "1000000"))
LINES = int(os.environ.get("BIOBANK_BENCH_LINES", "100000"))
PAYMENTS = int(os.environ.get("BIOBANK_BENCH_PAYMENTS", "1000000"))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _in_duckdb(number: int, folder: Path) -> duckdb.DuckDBPyConnection:
    """The same payments and lines: 1 of 100 lines is missing, 1 of 100 has another amount."""
    base = duckdb.connect()
    base.execute("SET threads = 2")
    lines = (f"Reward order {reference(n)} USD,{-2600 if n % 100 == 1 else -2500}\n" for n in range(number) if n % 100)
    for name, rows in (("line", lines), ("payment", (f"{reference(n)},-2500\n" for n in range(number)))):
        path = folder / f"{name}.csv"
        path.write_text("".join(rows))
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', names=['words', 'cents'])")
    return base


_JOIN = """
SELECT count(*) FROM (SELECT regexp_extract(words, 'BB-[0-9A-Z]{16}-[0-9]+') AS reference, cents FROM line) AS line
JOIN payment ON payment.words = line.reference AND payment.cents = line.cents
"""


def _pairs(databases: Databases) -> int:
    """How many lines are confirmed by the one query that decides it, every condition of the rule in it."""
    with databases.transaction(read_only=True) as tx:
        if tx.session.get_bind().dialect.name == "postgresql":
            tx.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        query = sure_pairs.query_of(tx, ledger.PROVIDER)
        assert query is not None
        return int(tx.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)


def reconciliation() -> Iterator[Row]:
    """Row 8: a million lines against a million payments in the service's own database, against duckdb's bare join."""
    for database, goal in (("embedded", ">= 0.25"), ("postgresql", ">= 0.10")):
        with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name, ExitStack() as stack:
            urls = stack.enter_context(rig.own_postgresql(Path(name))) if database == "postgresql" else {}
            databases = opened(Path(name), **urls)
            fill(databases, PAIRS, State.SENT)
            fill_lines(databases, PAIRS)
            runs = list(_in_turn(databases, _in_duckdb(PAIRS, Path(name))))
            databases.dispose()
        yield _row(f"8 payments {PAIRS:,} x {PAIRS:,} reconciliation, {database}", runs, "lines/s", goal)


def _in_turn(databases: Databases, base: duckdb.DuckDBPyConnection) -> Iterator[dict[str, float]]:
    confirmed = set()
    for _ in range(ROUNDS):
        ours = _seconds(lambda: confirmed.add(_pairs(databases)))
        limit = _seconds(lambda: confirmed.add((base.execute(_JOIN).fetchone() or (0,))[0]))
        yield {"ours": PAIRS / ours, "limit": PAIRS / limit}
    if len(confirmed) != 1:
        raise RuntimeError(f"the two do not agree: {confirmed}")


def _row(name: str, runs: list[dict[str, float]], unit: str, goal: str) -> Row:
    ours, limit = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row(name, ours, limit, ours / limit, unit, goal, runs=runs)


def _false_matches(tx: Any) -> int:
    """Lines that were matched with an entry whose reference they do not carry."""
    query = (
        sa.select(sa.func.count()).select_from(ReconMatch).join(StatementLine, StatementLine.id == ReconMatch.line_id)
    )
    query = query.join(Transfer, Transfer.id == ReconMatch.transfer_id)
    return int(tx.session.scalar(query.where(Transfer.reference != StatementLine.named)) or 0)


def statement_of_equal_payments() -> Row:
    """A statement of 100,000 payments of $25 is imported, matched and settled, on the embedded database, in seconds."""
    rows = ["Date,Description,Reference,Amount,Balance", f"{DAY},Opening balance,,,0.00"]
    rows += [f"{DAY},Reward order {reference(n)} USD,O{n},-25.00," for n in range(LINES)]
    rows.append(f"{DAY},Closing balance,,,-{25 * LINES}.00")
    content = "\n".join(rows).encode()
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        databases = opened(Path(name))
        fill(databases, LINES, State.SENT)

        def import_it() -> None:
            with clock.at(NOON), databases.transaction() as tx:
                actions.import_statement(tx, content)

        def match_it() -> None:
            with clock.at(NOON), databases.transaction() as tx:
                if actions.match_all(tx)["confirmed"] != LINES or _false_matches(tx):
                    raise RuntimeError("not every line found its own payment")

        imported, matched = _seconds(import_it), _seconds(match_it)
        databases.dispose()
    runs = [{"ours": matched, "limit": 10.0, "import_seconds": imported}]
    return _row(f"matching and settling {LINES:,} lines of $25, embedded", runs, "s", "<= 1.00 (10 s)")


def finance_list() -> Iterator[Row]:
    """The pages of finance over a million entitlements, on the embedded database: 95th percentile in ms."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        databases = opened(Path(name))
        fill(databases, PAYMENTS, State.SETTLED)

        def timed(work: Callable[[Any], object], times: int) -> float:
            found = []
            for _ in range(times):
                with databases.transaction(read_only=True) as tx:
                    found.append(_seconds(lambda tx=tx: work(tx)) * 1000)  # type: ignore[misc]
            return charts.percentile(sorted(found), 0.95)

        def page(query: sa.Select[Any]) -> Callable[[Any], object]:
            def shown(tx: Any) -> list[str]:
                found, _ = keyset_page(tx.session, query, key=Disbursement.id, after=None, limit=50)
                return [row.entitlement.payee.code for row in found]

            return shown

        asked = {
            "newest": Wanted(), "settled": Wanted(state="settled"), "payable": Wanted(state="payable"),
            "aged": Wanted(state="settled", age="8-30"), "by reference": Wanted(reference=reference(PAYMENTS // 2)),
            "by F code": Wanted(reference=f"F{PAYMENTS // 3:012}"),
            "of a week": Wanted(since=DAY - timedelta(days=7), until=DAY),
        }  # fmt: skip
        for words, wanted in asked.items():
            p95 = timed(page(listing.payments(wanted)), 20)
            yield _row(f"finance list, {words}, {PAYMENTS:,} entitlements: p95", [{"ours": p95, "limit": 300.0}], "ms",
                       "<= 1.00")  # fmt: skip
        p95 = timed(lambda tx: (actions.totals(tx), ageing.rows(tx), charts.days(tx)), 3)
        yield _row(f"finance home's figures, {PAYMENTS:,} entitlements: p95", [{"ours": p95, "limit": 300.0}], "ms", "")
        databases.dispose()


def rows() -> Iterator[Row]:
    """Every row of this part."""
    yield from reconciliation()
    yield statement_of_equal_payments()
    yield from finance_list()
