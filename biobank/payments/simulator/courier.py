"""The simulated provider's webhooks: durable, signed, and by plan late, doubled, lost or beside forged ones."""

import json
import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from biobank import clock
from biobank.payments.providers.hooks import HEADER, signature
from biobank.payments.simulator.books import Books
from biobank.payments.simulator.faults import Fault, FaultKind

SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, private_key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS posts (
    seq INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks (id), body TEXT NOT NULL,
    due_at TEXT NOT NULL, is_forged INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, answer INTEGER);
"""
# A post is given up after so many tries; who missed it finds out by asking.
TRIES, PAUSE_SECONDS = 20, 0.2


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events are posted, and the key they are signed with."""

    id: str
    url: str
    private_key: str


class Courier:
    """Keeps events with the orders they are about and posts them, again after a restart, until each is answered."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._posted = threading.Condition()
        books.extend(SCHEMA)

    def register(self, url: str, key: str | None = None) -> Webhook:
        """The webhook of this address, made if it is new."""
        made = (f"W{uuid.uuid4().hex[:10].upper()}", url, key or uuid.uuid4().hex)
        self._books.write("INSERT OR IGNORE INTO webhooks VALUES (?, ?, ?)", *made)
        row = self._books.rows("SELECT * FROM webhooks WHERE url = ?", url)[0]
        return Webhook(row["id"], row["url"], row["private_key"])

    def tell(self, event: str, kind: str, reference: str, fault: Fault | None = None) -> int:
        """Keep one event for every webhook, as the fault says; answers how many posts it will be."""
        body = json.dumps(
            {
                "uuid": str(uuid.uuid4()), "event": event, "created_utc": clock.now().isoformat(),
                "payload": {"resource": {"id": reference, "type": kind}, "meta": {}},
            }
        )  # fmt: skip
        posts = _posts(fault)
        for webhook in self._books.rows("SELECT id FROM webhooks"):
            for due_at, is_forged in posts:
                self._books.write("INSERT INTO posts (webhook_id, body, due_at, is_forged) VALUES (?, ?, ?, ?)",
                                  webhook["id"], body, due_at, int(is_forged))  # fmt: skip
        return len(posts)

    def start(self) -> None:
        """Post in a thread of its own for as long as the process lives."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        with httpx.Client(trust_env=False, timeout=5) as client:
            while not pause.wait(PAUSE_SECONDS):
                for row in self._due():
                    self._post(client, row)
                with self._posted:
                    self._posted.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether nothing is left to post within so many seconds."""
        with self._posted:
            return self._posted.wait_for(lambda: not self._open(), seconds)

    def _open(self) -> int:
        row = self._books.rows("SELECT COUNT(*) AS n FROM posts WHERE answer IS NULL AND tries < ?", TRIES)[0]
        return int(row["n"])

    def _due(self) -> list[Any]:
        query = (
            "SELECT p.seq, p.body, p.is_forged, w.url, w.private_key FROM posts p JOIN webhooks w"
            " ON w.id = p.webhook_id WHERE p.answer IS NULL AND p.tries < ? AND p.due_at <= ?"
            " ORDER BY p.due_at LIMIT 50"
        )
        return self._books.rows(query, TRIES, clock.now().isoformat())

    def _post(self, client: httpx.Client, row: Any) -> None:
        raw = row["body"].encode()
        signed = signature(raw, "another key" if row["is_forged"] else row["private_key"])
        try:
            status = client.post(row["url"], content=raw, headers={HEADER: signed}).status_code
        except httpx.HTTPError:
            status = 0
        # Whatever was refused with a reason is not posted again; silence and 5xx are.
        answer = status if 200 <= status < 500 else None
        self._books.write("UPDATE posts SET tries = tries + 1, answer = ? WHERE seq = ?", answer, row["seq"])


def _posts(fault: Fault | None) -> list[tuple[str, bool]]:
    """When each post of one event is due, and whether it is forged."""
    now = clock.now()
    match fault:
        case Fault(kind=FaultKind.HOOK_LOST):
            return []
        case Fault(kind=FaultKind.HOOK_LATE, seconds=seconds):
            return [((now + timedelta(seconds=seconds)).isoformat(), False)]
        case Fault(kind=FaultKind.HOOK_TWICE):
            return [(now.isoformat(), False)] * 2
        case Fault(kind=FaultKind.HOOK_FORGED):
            return [(now.isoformat(), True), (now.isoformat(), False)]
    return [(now.isoformat(), False)]
