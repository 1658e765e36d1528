"""Money that the simulated bank sends to the simulated provider, and the bank's own statement of it (BAI2)."""

import json
import sqlite3
from typing import Any

from biobank import clock
from biobank.payments.simulator.books import Books

BANK_OPENING_CENTS = 100_000_000
LARGEST_CENTS = 100_000_000


class TopupRefused(ValueError):
    """The request cannot become a top-up; the message says why, as a 400 would."""


def top_up(books: Books, body: bytes) -> dict[str, Any]:
    """The top-up under this idempotency key, made now or before, as the wire tells it; raises TopupRefused."""
    try:
        asked = json.loads(body)
        key, cents = asked["idempotency_key"], round(asked["amount"] * 100)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise TopupRefused(f"The top-up cannot be read: {error}") from error
    if not isinstance(key, str) or not key or not 0 < cents <= LARGEST_CENTS:
        raise TopupRefused("A top-up needs an idempotency_key and an amount above 0")
    return told(books.top_up(key, cents))


def told(row: sqlite3.Row) -> dict[str, Any]:
    """One top-up as JSON."""
    return {"topup": {"id": row["id"], "amount": row["amount_cents"] / 100, "currency_code": "USD",
                      "status": "fully_credited", "created_at": row["booked_at"]}}  # fmt: skip


def bank_statement(books: Books) -> bytes:
    """What the bank tells of it: each top-up leaves the account on the day it is credited, under the same reference."""
    rows = books.rows("SELECT * FROM topups ORDER BY seq")
    spent = sum(row["amount_cents"] for row in rows)
    today, closing = f"{clock.now():%y%m%d}", BANK_OPENING_CENTS - spent
    account = [
        f"03,0123456,USD,010,{BANK_OPENING_CENTS},,,015,{closing},,/",
        *(f"16,495,{row['amount_cents']},Z,{row['id']},,Top-up {row['id']} to the provider/" for row in rows),
    ]
    total = BANK_OPENING_CENTS + closing + spent
    account.append(f"49,{total},{len(account) + 1}/")
    group = [f"02,BIOBANK,BANK,1,{today},,USD,2/", *account]
    group.append(f"98,{total},1,{len(group) + 1}/")
    file = [f"01,BANK,BIOBANK,{today},0600,1,80,,2/", *group]
    file.append(f"99,{total},1,{len(file) + 1}/")
    return "".join(f"{record}\n" for record in file).encode()
