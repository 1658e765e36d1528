"""The simulated provider's own books: orders, the movements of its balance, and the fault plan, in one SQLite file."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from biobank import clock
from biobank.payments.simulator.faults import Fault, Plan, read_plan
from biobank.payments.simulator.orders import Asked

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, external_id TEXT UNIQUE, reward_id TEXT NOT NULL UNIQUE,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0), fee_cents INTEGER NOT NULL, currency TEXT NOT NULL,
    status TEXT NOT NULL, method TEXT NOT NULL, email TEXT, phone TEXT, token TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL, delivery TEXT NOT NULL DEFAULT 'SUCCEEDED');
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, booked_at TEXT NOT NULL, order_id TEXT NOT NULL REFERENCES orders (id),
    description TEXT NOT NULL, amount_cents INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS topups (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, amount_cents INTEGER NOT NULL,
    booked_at TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS movements AS
    SELECT booked_at, seq, order_id, description, amount_cents FROM entries UNION ALL
    SELECT booked_at, seq, id, 'Top-up ' || id || ' from the bank', amount_cents FROM topups;
CREATE TABLE IF NOT EXISTS attempts (external_id TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
EXECUTED = "EXECUTED"


class OutOfFunds(Exception):
    """The balance does not cover the order; nothing was made."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the simulated provider starts with and charges, in cents."""

    opening_cents: int = 10_000_000
    fee_cents: int = 0


class Books:
    """Durable and safe among threads: what was answered is on disk, whenever the process is killed."""

    def __init__(self, path: Path, terms: Terms) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)
        self._fee_cents = terms.fee_cents
        with self._transaction() as run:
            run.execute("INSERT OR IGNORE INTO settings VALUES ('opening_cents', ?)", (str(terms.opening_cents),))
        self.opening_cents = int(self._setting("opening_cents", "0"))
        self.plan = read_plan(self._setting("plan", "[]"))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows of one reading query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def extend(self, schema: str) -> None:
        """Add tables to the books, once."""
        with self._lock:
            self._connection.executescript(schema)

    def write(self, statement: str, *values: object) -> None:
        """One durable change."""
        with self._transaction() as run:
            run.execute(statement, values)

    def _setting(self, name: str, default: str) -> str:
        found = self.rows("SELECT value FROM settings WHERE name = ?", name)
        return str(found[0]["value"]) if found else default

    def set_plan(self, plan: Plan) -> None:
        """Follow this fault plan from now on; every order's tries count anew."""
        with self._transaction() as run:
            run.execute("INSERT OR REPLACE INTO settings VALUES ('plan', ?)", (plan.as_json(),))
            run.execute("DELETE FROM attempts")
            self.plan = plan

    def next_fault(self, external_id: str) -> Fault | None:
        """Count one more try of this order and say what shall go wrong with it."""
        if not self.plan.faults:
            return None
        with self._transaction() as run:
            counted = run.execute(
                "INSERT INTO attempts VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
                (external_id,),
            ).fetchone()
        return self.plan.fault_for(external_id, int(counted["count"]))

    def balance_cents(self) -> int:
        """What can be spent now."""
        return self.opening_cents + int(self.rows("SELECT COALESCE(SUM(amount_cents), 0) AS c FROM movements")[0]["c"])

    def place(self, asked: Asked, *, status: str = EXECUTED) -> tuple[sqlite3.Row, bool]:
        """The order under this reference and whether it is new; raises OutOfFunds."""
        with self._transaction() as run:
            old = run.execute("SELECT * FROM orders WHERE external_id = ?", (asked.external_id,)).fetchone()
            if old is not None:
                return old, False
            order_id = self._insert(run, asked, status)
            if status == EXECUTED:
                self._charge(run, asked, order_id)
            return run.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone(), True

    def _insert(self, run: sqlite3.Connection, asked: Asked, status: str) -> str:
        order_id, reward_id = _identifier(), _identifier()
        run.execute(
            "INSERT INTO orders (id, external_id, reward_id, amount_cents, fee_cents, currency, status, method,"
            " email, phone, token, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order_id,
                asked.external_id,
                reward_id,
                asked.amount_cents,
                self._fee_cents,
                asked.currency,
                status,
                asked.method,
                asked.email,
                asked.phone,
                secrets.token_urlsafe(24),
                clock.now().isoformat(),
            ),
        )
        return order_id

    def _charge(self, run: sqlite3.Connection, asked: Asked, order_id: str) -> None:
        spent = run.execute("SELECT COALESCE(SUM(amount_cents), 0) FROM movements").fetchone()[0]
        if self.opening_cents + spent < asked.amount_cents + self._fee_cents:
            raise OutOfFunds
        moved = [(f"Reward order {asked.external_id or order_id} USD", -asked.amount_cents)]
        if self._fee_cents:
            moved.append(("Service fee", -self._fee_cents))
        run.executemany(
            "INSERT INTO entries (booked_at, order_id, description, amount_cents) VALUES (?, ?, ?, ?)",
            [(clock.now().isoformat(), order_id, description, cents) for description, cents in moved],
        )

    def top_up(self, key: str, cents: int) -> sqlite3.Row:
        """The money under this key, credited once."""
        self.write("INSERT OR IGNORE INTO topups (id, key, amount_cents, booked_at) VALUES (?, ?, ?, ?)",
                   _identifier(), key, cents, clock.now().isoformat())  # fmt: skip
        return self.rows("SELECT * FROM topups WHERE key = ?", key)[0]

    def refund(self, order: sqlite3.Row) -> None:
        """Give the amount of a cancelled order back, once; fees are kept."""
        words = f"Refund of order {order['external_id'] or order['id']} USD"
        self.write(
            "INSERT INTO entries (booked_at, order_id, description, amount_cents) SELECT ?, ?, ?, ?"
            " WHERE NOT EXISTS (SELECT 1 FROM entries WHERE order_id = ? AND amount_cents > 0)",
            clock.now().isoformat(), order["id"], words, order["amount_cents"], order["id"],
        )  # fmt: skip


def _identifier() -> str:
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(12))
