"""What the simulated provider does with each request, apart from HTTP: orders, rewards, funds, faults."""

import json
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from biobank import clock
from biobank.payments.simulator import orders
from biobank.payments.simulator.books import EXECUTED, Books, OutOfFunds
from biobank.payments.simulator.courier import Courier
from biobank.payments.simulator.faults import Fault, FaultKind

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to send: `content` is JSON to be, or bytes as they are; lost means close without a word."""

    status: int
    content: Any
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    is_lost: bool = False


def problem(status: int, message: str, **headers: str) -> Reply:
    """An error in the provider's shape."""
    return Reply(status, {"errors": {"message": message}}, headers={k.replace("_", "-"): v for k, v in headers.items()})


class Desk:
    """The provider's counter: checks the key and the rate, then answers from the books."""

    def __init__(self, books: Books, *, api_key: str, requests_per_second: int = 0) -> None:
        self.books = books
        self.courier = Courier(books)
        self.link_root = ""
        self._api_key = api_key
        self._rate = requests_per_second
        self._recent: deque[datetime] = deque()
        self._counting = threading.Lock()

    def refuse(self, authorization: str | None) -> Reply | None:
        """401 for a wrong key, 429 for too many requests within a second, None to go on."""
        if not secrets.compare_digest((authorization or "").encode(), f"Bearer {self._api_key}".encode()):
            return problem(401, "Unauthorized")
        return problem(429, "Too many requests", Retry_After="1") if self._rate and self._is_too_fast() else None

    def _is_too_fast(self) -> bool:
        with self._counting:
            present = clock.now()
            while self._recent and self._recent[0] < present - timedelta(seconds=1):
                self._recent.popleft()
            if len(self._recent) >= self._rate:
                return True
            self._recent.append(present)
            return False

    def create(self, body: bytes) -> Reply:
        """POST /orders: the order under this reference, made now (200) or before (201), or the planned fault."""
        try:
            asked = orders.read_asked(body)
        except orders.OrderRefused as error:
            return problem(400, str(error))
        self.books.write("INSERT INTO settings VALUES ('order_posts', '1')"
                         " ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1")  # fmt: skip
        fault = self.books.next_fault(asked.external_id or "")
        early = _before_commit(fault)
        if early is not None:
            return early
        try:
            order, is_new = self.books.place(asked, status=_status(fault))
        except OutOfFunds:
            return problem(402, "Insufficient funds")
        if is_new:
            self._tell_delivery(order, fault)
        answer = {"order": orders.told(order, link_root=self.link_root)}
        return _after_commit(fault, Reply(200 if is_new else 201, answer))

    def _tell_delivery(self, order: sqlite3.Row, fault: Fault | None) -> None:
        if fault is not None and fault.kind is FaultKind.UNDELIVERED:
            self.books.write("UPDATE orders SET delivery = 'FAILED' WHERE id = ?", order["id"])
            event = "REWARDS.DELIVERY.FAILED"
        else:
            event = "REWARDS.DELIVERY.SUCCEEDED"
        if order["status"] == EXECUTED:
            self.courier.tell(
                event, "rewards", order["reward_id"], self.books.plan.hook_fault_for(order["external_id"] or "")
            )

    def find(self, reference: str) -> Reply:
        """GET /orders/{id or external_id}."""
        found = self.books.rows("SELECT * FROM orders WHERE id = ? OR external_id = ?", reference, reference)
        if not found:
            return problem(404, "Order not found")
        return Reply(200, {"order": orders.told(found[0], link_root=None)})

    def list_orders(self, query: Mapping[str, str]) -> Reply:
        """GET /orders, newest first, by external_id and in pages."""
        limit, offset = _page(query)
        condition, values = "", tuple[str, ...]()
        if "external_id" in query:
            condition, values = "WHERE external_id = ?", (query["external_id"],)
        total = self.books.rows(f"SELECT COUNT(*) AS n FROM orders {condition}", *values)[0]["n"]  # noqa: S608 - fixed text
        page = self.books.rows(
            f"SELECT * FROM orders {condition} ORDER BY seq DESC LIMIT ? OFFSET ?",  # noqa: S608 - fixed text
            *values,
            limit,
            offset,
        )
        return Reply(200, {"orders": [orders.told(order, link_root=None) for order in page], "total_count": total})

    def show_reward(self, reward_id: str) -> Reply:
        """GET /rewards/{id}, without its link."""
        order = self._by_reward(reward_id)
        return problem(404, "Reward not found") if order is None else Reply(200, {"reward": _reward(order, None)})

    def renew_link(self, reward_id: str) -> Reply:
        """POST /rewards/{id}/generate_link, for rewards delivered by link only."""
        order = self._by_reward(reward_id)
        if order is None:
            return problem(404, "Reward not found")
        if order["method"] != "LINK" or order["status"] != EXECUTED:
            return problem(403, "Links exist only for executed LINK rewards")
        return Reply(200, {"reward": _reward(order, self.link_root)})

    def resend(self, reward_id: str, body: bytes = b"") -> Reply:
        """POST /rewards/{id}/resend, after a failed delivery only; to the corrected address if one is given."""
        try:
            email, phone = orders.read_corrected(body)
        except orders.OrderRefused as error:
            return problem(400, str(error))
        reply = self._after_failure(reward_id, "SUCCEEDED", "REWARDS.DELIVERY.SUCCEEDED")
        if reply.status != 200:
            return reply
        self.books.write("UPDATE orders SET email = COALESCE(?, email), phone = COALESCE(?, phone) WHERE reward_id = ?",
                         email, phone, reward_id)  # fmt: skip
        return self.show_reward(reward_id)

    def cancel(self, reward_id: str) -> Reply:
        """POST /rewards/{id}/cancel, after a failed delivery only: the money comes back."""
        order = self._by_reward(reward_id)
        reply = self._after_failure(reward_id, "CANCELED", "REWARDS.CANCELED")
        if reply.status == 200 and order is not None:
            self.books.refund(order)
        return reply

    def _after_failure(self, reward_id: str, delivery: str, event: str) -> Reply:
        order = self._by_reward(reward_id)
        if order is None:
            return problem(404, "Reward not found")
        if order["delivery"] != "FAILED":
            return problem(422, "Only rewards whose delivery failed can be resent or canceled")
        self.books.write("UPDATE orders SET delivery = ? WHERE reward_id = ?", delivery, reward_id)
        self.courier.tell(event, "rewards", reward_id)
        return self.show_reward(reward_id)

    def add_webhook(self, body: bytes) -> Reply:
        """POST /webhooks {url}: where events are posted; answers the key that they are signed with."""
        try:
            url = json.loads(body)["url"]
        except (ValueError, KeyError, TypeError):
            return problem(400, "url is required")
        made = self.courier.register(str(url))
        return Reply(200, {"webhook": {"id": made.id, "url": made.url, "private_key": made.private_key}})

    def _by_reward(self, reward_id: str) -> sqlite3.Row | None:
        return next(iter(self.books.rows("SELECT * FROM orders WHERE reward_id = ?", reward_id)), None)

    def funding_sources(self) -> Reply:
        """GET /funding_sources: the one balance."""
        cents = self.books.balance_cents()
        meta = {"available_cents": cents, "pending_cents": 0, "available_amount": cents / 100, "pending_amount": 0.0}
        source = {"id": orders.SOURCE_ID, "method": "balance", "status": "active", "meta": meta}
        return Reply(200, {"funding_sources": [source]})

    def balance_transactions(self, query: Mapping[str, str]) -> Reply:
        """GET /balance_transactions, newest first."""
        limit, offset = _page(query)
        rows = self.books.rows(
            "SELECT e.*, o.external_id, (SELECT SUM(amount_cents) FROM entries p WHERE p.seq <= e.seq)"
            " + (SELECT COALESCE(SUM(amount_cents), 0) FROM topups t WHERE t.booked_at <= e.booked_at) AS moved"
            " FROM entries e JOIN orders o ON o.id = e.order_id ORDER BY e.seq DESC LIMIT ? OFFSET ?",
            limit,
            offset,
        )
        total = self.books.rows("SELECT COUNT(*) AS n FROM entries")[0]["n"]
        return Reply(200, {"transactions": [self._transaction(row) for row in rows], "total_count": total})

    def _transaction(self, row: sqlite3.Row) -> dict[str, Any]:
        return {
            "created_at": row["booked_at"],
            "amount": row["amount_cents"] / 100,
            "action": "order",
            "description": row["description"],
            "balance": (self.books.opening_cents + row["moved"]) / 100,
            "order": {"id": row["order_id"], "external_id": row["external_id"]},
        }


def _reward(order: sqlite3.Row, link_root: str | None) -> dict[str, Any]:
    return orders.reward(order, link_root=link_root)


def _page(query: Mapping[str, str]) -> tuple[int, int]:
    def number(name: str, default: int) -> int:
        value = query.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default

    return min(number("limit", 10), 500), number("offset", 0)


def _before_commit(fault: Fault | None) -> Reply | None:
    match fault:
        case Fault(kind=FaultKind.THROTTLE, seconds=seconds):
            return problem(429, "Too many requests", Retry_After=str(round(seconds)))
        case Fault(kind=FaultKind.ERROR_BEFORE_COMMIT):
            return problem(500, "Internal server error")
        case Fault(kind=FaultKind.NO_FUNDS):
            return problem(402, "Insufficient funds")
        case Fault(kind=FaultKind.REJECTED):
            return problem(422, "The recipient cannot receive rewards")
        case Fault(kind=FaultKind.LATE, seconds=seconds):
            time.sleep(seconds)
    return None


def _status(fault: Fault | None) -> str:
    special = {FaultKind.PENDING_APPROVAL: "PENDING APPROVAL", FaultKind.FAILED: "FAILED"}
    return special.get(fault.kind, EXECUTED) if fault else EXECUTED


def _after_commit(fault: Fault | None, reply: Reply) -> Reply:
    match fault:
        case Fault(kind=FaultKind.ERROR_AFTER_COMMIT):
            return problem(500, "Internal server error")
        case Fault(kind=FaultKind.LOST_REPLY):
            return replace(reply, is_lost=True)
        case Fault(kind=FaultKind.SLOW, seconds=seconds):
            return replace(reply, delay_seconds=seconds)
        case Fault(kind=FaultKind.GARBLED):
            return Reply(200, b"<html><body>Back soon</body></html>", "text/html")
        case Fault(kind=FaultKind.WRONG_AMOUNT):
            reply.content["order"]["rewards"][0]["value"]["denomination"] += 1
    return reply
