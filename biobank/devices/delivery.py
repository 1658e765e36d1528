"""Readings leave the store for the server: in order, at once, again until acknowledged, and never dropped."""

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from biobank.devices.backoff import Backoff
from biobank.devices.spool import Spool, SpoolError
from biobank.devices.uplink import Refusal, Unreachable, Uplink

log = logging.getLogger(__name__)

BATCH = 200
_OF_THE_CONTENT = (400, 409, 413, 415, 422)


class Delivery:
    """One thread that empties the store; `wake` it when something was kept."""

    def __init__(self, spool: Spool, uplink: Uplink) -> None:
        self._spool, self._uplink = spool, uplink
        self._work = threading.Event()
        self._work.set()
        self._backoff = Backoff(first=0.1, limit=10.0)
        self._size = BATCH
        self.trouble = ""

    def wake(self) -> None:
        self._work.set()

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; whoever sets `stop` must `wake` too."""
        while not stop.is_set():
            self._work.wait()
            self._work.clear()
            while not stop.is_set() and self._deliver(stop):
                pass

    def _deliver(self, stop: threading.Event) -> bool:
        """Try one batch; False when nothing waits."""
        try:
            batch = self._spool.waiting(self._size)
            if batch:
                self._offer(batch)
        except (Unreachable, Refusal, SpoolError) as error:
            self._wait(str(error), stop)
            return True
        return bool(batch)

    def _offer(self, batch: list[dict[str, Any]]) -> None:
        """Send a batch, or set aside what the server will not take of it; raises Refusal when that is not plain."""
        try:
            self._send(batch)
        except Refusal as error:
            if not self._set_aside(error, batch):
                raise

    def _send(self, batch: list[dict[str, Any]]) -> None:
        """Post one batch and forget what the server has; raises Unreachable when it acknowledged nothing."""
        answer = self._uplink.post("readings", {"readings": batch}, _idempotency_key(batch))
        named = {*_numbers(answer, "acknowledged"), *_numbers(answer, "duplicates")}
        held = [reading["seq"] for reading in batch if reading["seq"] in named]
        if not held:
            raise Unreachable("The server acknowledged none of the readings.")
        self._spool.acknowledge(held)
        self._backoff.reset()
        self._size, self.trouble = BATCH, ""

    def _set_aside(self, refusal: Refusal, batch: list[dict[str, Any]]) -> bool:
        """Park what the server names; where it names none, halve the batch until one is left. False: wait instead."""
        refused = refused_seqs(refusal.problem, batch)
        if not refused and refusal.status in _OF_THE_CONTENT:
            if len(batch) > 1:
                self._size = len(batch) // 2
                return True
            refused = {batch[0]["seq"]: str(refusal)}
        for seq, reason in refused.items():
            log.warning("reading %s was refused by the server: %s", seq, reason)
            self._spool.park(seq, reason)
        self._size = BATCH if refused else self._size
        return bool(refused)

    def _wait(self, trouble: str, stop: threading.Event) -> None:
        if trouble != self.trouble:
            log.warning("readings wait: %s", trouble)
        self.trouble = trouble
        stop.wait(self._backoff.next())


def refused_seqs(problem: Mapping[str, Any], batch: list[dict[str, Any]]) -> dict[int, str]:
    """The numbers a problem names, with the reason of each: `seq` for one, `refused: [{seq, reason}]` for several."""
    entries = problem.get("refused")
    entries = entries if isinstance(entries, list) else []
    known = {reading["seq"] for reading in batch}
    return {
        entry["seq"]: str(entry.get("reason") or entry.get("detail") or problem.get("title") or "refused")
        for entry in [*entries, problem]
        if isinstance(entry, Mapping) and entry.get("seq") in known
    }


def _numbers(answer: Mapping[str, Any], key: str) -> list[int]:
    numbers = answer.get(key)
    return [number for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []


def _idempotency_key(batch: list[dict[str, Any]]) -> str:
    """The same batch has the same key at every try, and no other batch has it."""
    digest = hashlib.sha256(json.dumps(batch).encode("utf-8")).hexdigest()
    return f"readings-{batch[0]['seq']}-{digest[:32]}"
