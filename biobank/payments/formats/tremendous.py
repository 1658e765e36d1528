"""Tremendous's balance transactions, the JSON of GET /balance_transactions."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from biobank.errors import Phrase
from biobank.payments.statements import Frame, Movement, Statement, StatementRefused, build, check_running, text_of

DAMAGED = Phrase("The file is no list of Tremendous balance transactions. Fetch /balance_transactions again.")


def read(data: bytes, account: str) -> Statement:
    """The transactions in the order they happened; raises StatementRefused.

    Opening and closing balance come from the running balance, which Tremendous may add late: without it at either end
    the file is refused until it is there.
    """
    rows = _in_order(_rows(data))
    first, last = rows[0], rows[-1]
    if first.get("balance") is None or last.get("balance") is None:
        raise StatementRefused("Tremendous has not worked out its running balance yet. Fetch the file again later.")
    opening = _cents(first, "balance") - _cents(first, "amount")
    movements = [_movement(row) for row in rows]
    balances = ["" if row.get("balance") is None else str(row["balance"]) for row in rows]
    check_running(opening, [(number, balance, moved.cents) for number, (balance, moved)
                            in enumerate(zip(balances, movements, strict=True), start=1)])  # fmt: skip
    frame = Frame(account=account, opened_on=_day(first), closed_on=_day(last), opening=opening,
                  closing=_cents(last, "balance"))  # fmt: skip
    return build(frame, movements)


def _rows(data: bytes) -> Sequence[dict[str, Any]]:
    try:
        found = json.loads(text_of(data), parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        raise StatementRefused(DAMAGED) from error
    rows = found.get("transactions") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise StatementRefused(DAMAGED)
    return rows


def _in_order(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    moments = [_moment(row) for row in rows]
    if moments == sorted(moments):
        return rows
    if moments == sorted(moments, reverse=True):
        return rows[::-1]
    raise StatementRefused("The transactions are not in the order of their time. Fetch the file again.")


def _moment(row: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError as error:
        raise StatementRefused(DAMAGED) from error
    if moment.tzinfo is None:
        raise StatementRefused(DAMAGED)
    return moment


def _day(row: dict[str, Any]) -> date:
    return _moment(row).date()


def _cents(row: dict[str, Any], name: str) -> int:
    try:
        cents = Decimal(str(row.get(name))).scaleb(2)
        if cents == cents.to_integral_value() and abs(cents) < 10**14:
            return int(cents)
    except InvalidOperation:
        pass
    raise StatementRefused("A transaction has the amount %(amount)s, which is not dollars and cents.",
                           amount=repr(str(row.get(name))[:20]))  # fmt: skip


def _movement(row: dict[str, Any]) -> Movement:
    given = row.get("order")
    order: dict[str, Any] = given if isinstance(given, dict) else {}
    words = (row.get("action"), row.get("description"), order.get("external_id"))
    return Movement(day=_day(row), text=" ".join(str(word) for word in words if word),
                    reference=str(order.get("id") or row.get("id") or ""), cents=_cents(row, "amount"))  # fmt: skip
