"""A load of prepared requests from a process of its own: keep-alive connections, one thread each, latencies kept."""

import http.client
import multiprocessing
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

Prepared = tuple[str, str, bytes | None, dict[str, str]]


@dataclass(frozen=True)
class Run:
    """What one run saw: requests a second, and each request's seconds, sorted."""

    per_second: float
    latencies: tuple[float, ...]
    failures: int

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]

    @property
    def median(self) -> float:
        return statistics.median(self.latencies)


@dataclass(frozen=True)
class _Pace:
    """When a client sends: the first after `first` seconds, then one `every` so many; at once where that is 0."""

    first: float = 0.0
    every: float = 0.0


def _client(
    port: int, requests: Sequence[Prepared], pace: _Pace, ready: threading.Barrier, out: list[float], bad: list[int]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    ready.wait()
    due = time.perf_counter() + pace.first
    for method, path, body, headers in requests:
        if pace.every:
            time.sleep(max(due - time.perf_counter(), 0.0))
        # A request that had to wait for the one before it has waited since it was due.
        started = due if pace.every else time.perf_counter()
        due += pace.every
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        out.append(time.perf_counter() - started)
        if answer.status >= 300:
            bad.append(answer.status)
    connection.close()


def _drive(
    port: int, shares: Sequence[Sequence[Prepared]], every: float, pipe: "multiprocessing.connection.Connection"
) -> None:
    ready = threading.Barrier(len(shares) + 1)
    results: list[list[float]] = [[] for _ in shares]
    bad: list[int] = []
    threads = [
        threading.Thread(
            target=_client, args=(port, share, _Pace(every * number / len(shares), every), ready, out, bad)
        )
        for number, (share, out) in enumerate(zip(shares, results, strict=True))
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    pipe.send((time.perf_counter() - started, sorted(x for out in results for x in out), bad))


def run(port: int, requests: Sequence[Prepared], clients: int, every: float = 0.0) -> Run:
    """Send the requests over so many connections at once; each sends the next at once, or `every` so many seconds."""
    shares = [requests[number::clients] for number in range(clients)]
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=_drive, args=(port, shares, every, theirs))
    process.start()
    seconds, latencies, bad = mine.recv()
    process.join()
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(requests)} requests failed, the first with {bad[0]}")
    return Run(len(requests) / seconds, tuple(latencies), len(bad))
