"""The rows of the benchmark: what is asked of ours and of the limit, in turn."""

import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import load, service
from bench.service import Service
from biobank.devices import signing

ROUNDS = 5


@dataclass
class Row:
    """One row of bench/results.json: ours and limit are medians of the runs."""

    name: str
    ours: float
    limit: float
    ratio_to_limit: float
    unit: str
    goal: str
    peer: float | None = None
    ratio_to_peer: float | None = None
    runs: list[dict[str, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def line(self) -> str:
        figures = f"ours {self.ours:9.1f}  limit {self.limit:9.1f}  ratio {self.ratio_to_limit:5.2f}"
        beside = "" if self.peer is None else f"  peer {self.peer:.1f}"
        return f"{self.name:58} {figures}  goal {self.goal}{beside}"


def syncs_per_second(folder: Path, seconds: float = 0.5) -> float:
    """How often this disk makes a small write durable, now: every commit row stands beside it."""
    path = folder / "sync.probe"
    with path.open("wb") as file:
        count, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds


_numbers = itertools.count(1)


def _reading(at: Service, key: signing.Ed25519PrivateKey, *, signed: bool) -> load.Prepared:
    number, now = next(_numbers), service.now_text()
    body = json.dumps({"readings": [{
        "seq": number, "device": "scale", "protocol": "healthometer", "kind": "reading", "captured_at": now,
        "device_time": None, "measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "stable": None,
        "flags": [], "raw": "1b521b5737322e381b4e6d1b45", "repeat": 3,
    }]}).encode()  # fmt: skip
    headers = {"Content-Type": "application/json", "Station-Id": str(at.station_id)}
    if not signed:
        return ("POST", "/readings", body, headers)
    path = f"/api/v1/stations/{at.station_id}/readings"
    return ("POST", path, body, headers | signing.sign_request(key, "POST", path, now, body)
            | {"Idempotency-Key": f"bench-{number}", "Station-Id": str(at.station_id)})  # fmt: skip


def _in_turn(
    ours: Callable[[], load.Run], limit: Callable[[], load.Run], folder: Path
) -> Iterator[tuple[load.Run, load.Run, float]]:
    ours(), limit()
    for _ in range(ROUNDS):
        yield ours(), limit(), syncs_per_second(folder)


def readings(at: Service, folder: Path, database: str, clients: int, count: int) -> list[Row]:
    """Row 2: one reading a request, committed durably. With 16 clients on files also row 3: the tail of ours."""
    key = signing.load_key(at.key_file)
    pairs = list(
        _in_turn(
            lambda: load.run(at.port, [_reading(at, key, signed=True) for _ in range(count)], clients),
            lambda: load.run(at.limit_port, [_reading(at, key, signed=False) for _ in range(count)], clients),
            folder,
        )
    )
    ours, limit = (statistics.median(run.per_second for run in side) for side in list(zip(*pairs, strict=True))[:2])
    runs = [{"ours": a.per_second, "limit": b.per_second, "fdatasync_per_second": s} for a, b, s in pairs]
    rows = [Row(f"2 reading POST + durable commit, {database}, {clients} clients", ours, limit, ours / limit,
                "requests/s", ">= 0.60", runs=runs)]  # fmt: skip
    if clients > 1 and database == "embedded":
        rows.append(_tail([pair[0] for pair in pairs]))
    return rows


def _tail(runs: list[load.Run]) -> Row:
    p99 = statistics.median(run.percentile(0.99) for run in runs) * 1000
    bound = statistics.median(run.median for run in runs) * 10 * 1000
    detail = [{"ours": run.percentile(0.99) * 1000, "limit": run.median * 10_000} for run in runs]
    return Row("3 the same, embedded, FULL, 16 clients: p99 against 10 x p50", p99, bound, p99 / bound, "ms",
               "<= 1.00", runs=detail)  # fmt: skip


def tube_page(at: Service, folder: Path, database: str, clients: int = 4, count: int = 400) -> Row:
    """Row 11: a signed-in technician's tube page against a bare page of the same server."""
    headers = {"Authorization": f"Bearer {at.token}"}
    page: load.Prepared = ("GET", f"/tubes/{at.tube_id}", None, headers)
    hello: load.Prepared = ("GET", "/hello", None, {})
    pairs = list(
        _in_turn(
            lambda: load.run(at.port, [page] * count, clients),
            lambda: load.run(at.limit_port, [hello] * count * 4, clients),
            folder,
        )
    )
    ours, limit = (statistics.median(run.per_second for run in side) for side in list(zip(*pairs, strict=True))[:2])
    runs = [{"ours": a.per_second, "limit": b.per_second, "fdatasync_per_second": s} for a, b, s in pairs]
    return Row(f"11 authenticated tube page, {database}, {clients} clients", ours, limit, ours / limit, "pages/s",
               ">= 0.15", runs=runs)  # fmt: skip
