"""The payment worker: how long a claim takes at a million entitlements, what it needs at 10 calls a second."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from bench.money import PAYMENTS
from bench.payments_made import fill, opened
from bench.rows import Row
from biobank.actor import SYSTEM
from biobank.config import Profile, Settings
from biobank.db import Databases, run_tx
from biobank.payments import charts, jobs
from biobank.payments.models import Disbursement, State
from biobank.payments.providers.tremendous import Tremendous
from biobank.payments.till import Pace, Till
from biobank.payments.worker import run_worker
from biobank.web import logs

CLAIMS = 1000
SECONDS = float(os.environ.get("BIOBANK_BENCH_WORKER_SECONDS", "20"))
KEY = "TEST_simulator"


def claims() -> Row:
    """A claim, from its query to its commit, among so many payments: 99th percentile in ms, embedded."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        databases = opened(Path(name))
        fill(databases, PAYMENTS, State.SETTLED)
        with databases.transaction() as tx:
            newest = sa.select(Disbursement.id).order_by(Disbursement.id.desc()).limit(CLAIMS)
            due = sa.update(Disbursement).where(Disbursement.id.in_(newest.scalar_subquery()))
            tx.session.execute(due.values(state=State.QUEUED, provider=None, next_at=Disbursement.created_at))
        adapter = Tremendous(base_url="http://127.0.0.1:9", api_key=KEY, campaign_id="BENCH")
        till = Till(databases=databases, provider=adapter, name="tremendous", pace=Pace(requests_per_second=100_000))
        found = []
        with closing(adapter):
            for _ in range(CLAIMS):
                started = time.perf_counter()
                claimed = run_tx(databases, lambda tx: jobs.claim(tx, till), SYSTEM)
                found.append((time.perf_counter() - started) * 1000)
                if claimed is None:
                    raise RuntimeError("nothing was left to claim")
        databases.dispose()
    late, median = (charts.percentile(sorted(found), share) for share in (0.99, 0.5))
    runs = [{"ours": late, "limit": 5.0, "median": median}]
    return _row(f"claim of a payment at {PAYMENTS:,} entitlements, embedded: p99", runs, "ms", "<= 1.00 (5 ms)")


def worker() -> Iterator[Row]:
    """The worker against the simulated provider: calls a second, and its share of one core meanwhile."""
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        folder = Path(name)
        databases = opened(folder / "home")
        fill(databases, int(SECONDS * 12), State.QUEUED)
        with databases.transaction() as tx:
            unsent = {"provider": None, "provider_ref": None, "sent_at": None, "attempts": 0}
            tx.session.execute(sa.update(Disbursement).values(**unsent, next_at=Disbursement.created_at))
        (folder / "key").write_text(KEY)
        command = [sys.executable, "-m", "biobank.payments.simulator", "--data", str(folder / "provider")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
            port = simulator.stdout.readline().strip() if simulator.stdout else ""
            given = {"payment_base_url": f"http://127.0.0.1:{port}", "payment_campaign": "BENCH"}
            settings = Settings(profile=Profile.DEMO, home=folder / "home", payment_key_file=folder / "key",
                                log_level="ERROR", **given)  # type: ignore[arg-type]  # fmt: skip
            logs.configure(settings.log_level)
            share, calls = _work(databases, settings)
            simulator.kill()
        databases.dispose()
    yield _row(
        "the worker's calls against a limit of 10 a second", [{"ours": calls, "limit": 10.0}], "calls/s", ">= 0.95"
    )
    yield _row("the worker's share of one core at that rate", [{"ours": share, "limit": 5.0}], "%", "<= 1.00")


def _row(name: str, runs: list[dict[str, float]], unit: str, goal: str) -> Row:
    ours, limit = runs[0]["ours"], runs[0]["limit"]
    return Row(name, ours, limit, ours / limit, unit, goal, runs=runs)


def _work(databases: Databases, settings: Settings) -> tuple[float, float]:
    stop = threading.Event()
    working = threading.Thread(target=run_worker, args=(databases, settings, stop))
    working.start()
    # Its first second is spent on opening what it needs.
    time.sleep(1)
    busy, began, before = time.process_time(), time.monotonic(), _sent(databases)
    time.sleep(SECONDS)
    share = (time.process_time() - busy) / (time.monotonic() - began) * 100
    calls = (_sent(databases) - before) / (time.monotonic() - began)
    stop.set()
    working.join()
    return share, calls


def _sent(databases: Databases) -> int:
    with databases.transaction(read_only=True) as tx:
        return int(tx.session.scalar(sa.select(sa.func.count()).where(Disbursement.state == State.SENT)) or 0)


def rows() -> Iterator[Row]:
    """Every row of this part."""
    yield claims()
    yield from worker()
