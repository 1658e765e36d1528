"""Row 8 and finance: matching against duckdb, 100,000 equal payments on a statement, the list at a million."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import sqlalchemy as sa

from bench.rows import Row
from biobank import clock, db, migrations
from biobank.access.actions import add_site
from biobank.access.models import SiteKind
from biobank.columns import new_id
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.payments import actions, ageing, charts, ledger, listing, matching
from biobank.payments.listing import Wanted
from biobank.payments.models import (
    Decision,
    Disbursement,
    Entitlement,
    Payee,
    State,
    Transfer,
    TransferKind,
)
from biobank.payments.statements import StatementLine
from biobank.web.api import keyset_page

PAIRS = int(os.environ.get("BIOBANK_BENCH_PAIRS", "1000000"))
LINES = int(os.environ.get("BIOBANK_BENCH_LINES", "100000"))
PAYMENTS = int(os.environ.get("BIOBANK_BENCH_PAYMENTS", "1000000"))
DAY, BATCH = date(2026, 11, 20), 2500
NOON = datetime(2026, 11, 20, 18, tzinfo=UTC)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _reference(number: int) -> str:
    return f"BB-{number:016}-1"


def _truth(number: int) -> tuple[list[StatementLine], list[matching.Transfer]]:
    """Payments and lines: 1 of 100 lines is missing, 1 of 100 has another amount, all others are $25 each."""
    transfers = [matching.Transfer(str(n), _reference(n), -2500, DAY) for n in range(number)]
    lines = [
        StatementLine(f"k{n}", DAY, f"Reward order {_reference(n)} USD", f"O{n}", -2600 if n % 100 == 1 else -2500)
        for n in range(number)
        if n % 100
    ]
    return lines, transfers


def _in_duckdb(
    lines: Sequence[StatementLine], transfers: Sequence[matching.Transfer], folder: Path
) -> duckdb.DuckDBPyConnection:
    base = duckdb.connect()
    base.execute("SET threads = 2")
    for name, rows in (("line", ((one.text, one.amount_cents) for one in lines)),
                       ("payment", ((one.reference, one.amount_cents) for one in transfers))):  # fmt: skip
        path = folder / f"{name}.csv"
        path.write_text("".join(f"{words},{cents}\n" for words, cents in rows))
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', names=['words', 'cents'])")
    return base


_JOIN = """
SELECT count(*) FROM (SELECT regexp_extract(words, 'BB-[0-9A-Z]{16}-[0-9]+') AS reference, cents FROM line) AS line
JOIN payment ON payment.words = line.reference AND payment.cents = line.cents
"""


def reconciliation() -> Row:
    """Row 8: a million lines against a million payments, tokens and all, against duckdb's join of the same."""
    lines, transfers = _truth(PAIRS)
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        base, runs, confirmed = _in_duckdb(lines, transfers, Path(name)), [], set()
        for _ in range(3):
            ours = _seconds(lambda: confirmed.add(len(matching.match(lines, transfers).confirmed)))
            limit = _seconds(lambda: confirmed.add((base.execute(_JOIN).fetchone() or (0,))[0]))
            runs.append({"ours": PAIRS / ours, "limit": PAIRS / limit})
        base.close()
    if len(confirmed) != 1:
        raise RuntimeError(f"the two do not agree: {confirmed}")
    return _row(f"8 payments {PAIRS:,} x {PAIRS:,} reconciliation, rules in memory", runs, "lines/s", ">= 0.10")


def _row(name: str, runs: list[dict[str, float]], unit: str, goal: str) -> Row:
    ours, limit = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row(name, ours, limit, ours / limit, unit, goal, runs=runs)


def _open(folder: Path) -> Databases:
    databases = db.connect(Settings(profile=Profile.DEMO, home=folder))
    migrations.upgrade(databases)
    return databases


def _fill(databases: Databases, number: int, state: State) -> None:
    """Payments by the thousand: payee, entitlement, disbursement, and the entries of debt and payment."""
    with clock.at(NOON), databases.transaction() as tx:
        scheme = actions.ensure_scheme(tx)
        site = add_site(tx, code="B", name="Bench", kind=SiteKind.CLINIC, zone="UTC").id
        ledger.ensure_accounts(tx)
    for start in range(0, number, BATCH):
        with databases.transaction() as tx:
            for model, rows in _batch(range(start, min(number, start + BATCH)), scheme.id, site, state):
                tx.session.connection().execute(sa.insert(model), rows)


def _batch(numbers: range, scheme_id: UUID, site_id: UUID, state: State) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    keys = {n: (new_id(), new_id(), new_id()) for n in numbers}
    at = {n: NOON - timedelta(minutes=n % 500_000) for n in numbers}
    yield Payee, [{"id": keys[n][0], "code": f"F{n:012}"} for n in numbers]
    yield Entitlement, [
        {"id": keys[n][1], "payee_id": keys[n][0], "scheme_id": scheme_id, "scheme_code": "visit-1",
         "decision": Decision.ELIGIBLE, "earned_at": at[n], "decided_at": at[n], "decided_by": "bench",
         "site_id": site_id, "reasons": []} for n in numbers
    ]  # fmt: skip
    yield Disbursement, [
        {"id": keys[n][2], "entitlement_id": keys[n][1], "scheme_id": scheme_id, "seq": 1, "amount_cents": 2500,
         "external_id": _reference(n), "state": state, "provider": "p", "provider_ref": f"O{n}", "sent_at": at[n],
         "created_at": at[n], "attempts": 1, "version": 1} for n in numbers
    ]  # fmt: skip
    for kind, debit, credit in ((TransferKind.ACCRUAL, "5000", "2000"), (TransferKind.PAYMENT, "2000", "1100")):
        yield Transfer, [
            {"id": new_id(), "uid": f"{keys[n][2]}:{kind}", "kind": kind, "debit": debit, "credit": credit,
             "amount_cents": 2500, "posted_on": at[n].date(), "posted_at": at[n], "disbursement_id": keys[n][2],
             "reference": _reference(n) if kind is TransferKind.PAYMENT else None}
            for n in numbers
        ]  # fmt: skip


def statement_of_equal_payments() -> Row:
    """A statement of 100,000 payments of $25 is imported, matched and settled, on the embedded database, in seconds."""
    rows = ["Date,Description,Reference,Amount,Balance", f"{DAY},Opening balance,,,0.00"]
    rows += [f"{DAY},Reward order {_reference(n)} USD,O{n},-25.00," for n in range(LINES)]
    rows.append(f"{DAY},Closing balance,,,-{25 * LINES}.00")
    content = "\n".join(rows).encode()
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        databases = _open(Path(name))
        _fill(databases, LINES, State.SENT)

        def import_it() -> None:
            with clock.at(NOON), databases.transaction() as tx:
                actions.import_statement(tx, content)

        def match_it() -> None:
            with clock.at(NOON), databases.transaction() as tx:
                if actions.match_all(tx)["confirmed"] != LINES:
                    raise RuntimeError("not every line found its payment")

        imported, matched = _seconds(import_it), _seconds(match_it)
        databases.dispose()
    runs = [{"ours": matched, "limit": 10.0, "import_seconds": imported}]
    return _row(f"matching and settling {LINES:,} lines of $25, embedded", runs, "s", "<= 1.00 (10 s)")


def finance_list() -> Iterator[Row]:
    """The pages of finance over a million entitlements, on the embedded database: 95th percentile in ms."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        databases = _open(Path(name))
        _fill(databases, PAYMENTS, State.SETTLED)

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
            "aged": Wanted(state="settled", age="8-30"), "by reference": Wanted(reference=_reference(PAYMENTS // 2)),
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
    yield reconciliation()
    yield statement_of_equal_payments()
    yield from finance_list()
