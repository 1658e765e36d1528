"""Orders on the wire as the simulated provider reads and tells them (Tremendous API v2)."""

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

METHODS = {"LINK": None, "EMAIL": "email", "PHONE": "phone"}
SOURCE_ID = "SIMULATEDSRC"
SOURCES = frozenset({"BALANCE", SOURCE_ID})


class OrderRefused(ValueError):
    """The request cannot become an order; the message says why, as a 400 would."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a POST /orders asks for; the amount in cents."""

    external_id: str | None
    amount_cents: int
    currency: str
    method: str
    email: str | None
    phone: str | None


def read_asked(body: bytes) -> Asked:
    """The order asked for in this body; raises OrderRefused."""
    try:
        document = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        reward = document["reward"]
        source, value = document["payment"]["funding_source_id"], reward["value"]
        method, recipient = reward["delivery"]["method"], reward.get("recipient") or {}
        asked = Asked(
            external_id=document.get("external_id"),
            amount_cents=_cents(value["denomination"]),
            currency=value["currency_code"],
            method=method,
            email=recipient.get("email"),
            phone=recipient.get("phone"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise OrderRefused(f"The order cannot be read: {error}") from error
    if not (reward.get("campaign_id") or reward.get("products")):
        raise OrderRefused("Either products or campaign_id must be specified")
    if source not in SOURCES:
        raise OrderRefused("There is no such funding source")
    return _checked(asked, recipient)


def _cents(denomination: object) -> int:
    if not isinstance(denomination, Decimal) or not 0 < denomination <= 2000:
        raise ValueError("denomination must be a number above 0 and at most 2000")
    cents = denomination * 100
    if cents != cents.to_integral_value():
        raise ValueError("denomination must be in whole cents")
    return int(cents)


def _checked(asked: Asked, recipient: dict[str, Any]) -> Asked:
    if not all(item is None or isinstance(item, str) for item in (asked.external_id, asked.email, asked.phone)):
        raise OrderRefused("external_id, email and phone must be strings")
    if asked.currency != "USD":
        raise OrderRefused("currency_code must be USD for this funding source")
    if not isinstance(asked.method, str) or asked.method not in METHODS:
        raise OrderRefused("delivery.method must be LINK, EMAIL or PHONE")
    needed = METHODS[asked.method]
    if needed and not isinstance(recipient.get(needed), str):
        raise OrderRefused(f"recipient.{needed} is required for this delivery method")
    return asked


def read_corrected(body: bytes) -> tuple[str | None, str | None]:
    """The e-mail address and the phone that a reward goes to instead; raises OrderRefused."""
    try:
        document = json.loads(body or b"{}")
        email, phone = document.get("updated_email"), document.get("updated_phone")
    except (ValueError, AttributeError, RecursionError) as error:
        raise OrderRefused(f"The request cannot be read: {error}") from error
    if not all(item is None or isinstance(item, str) for item in (email, phone)):
        raise OrderRefused("updated_email and updated_phone must be strings")
    return email, phone


def told(order: sqlite3.Row, *, link_root: str | None) -> dict[str, Any]:
    """One order as JSON; the reward's link only where a root for it is given (answers to POST /orders)."""
    subtotal, fees = order["amount_cents"] / 100, order["fee_cents"] / 100
    return {
        "id": order["id"],
        "external_id": order["external_id"],
        "created_at": order["created_at"],
        "status": order["status"],
        "channel": "API",
        "payment": {"subtotal": subtotal, "fees": fees, "total": subtotal + fees, "currency_code": order["currency"]},
        "rewards": [reward(order, link_root=link_root)],
    }


def reward(order: sqlite3.Row, *, link_root: str | None) -> dict[str, Any]:
    """The order's one reward as JSON, with its link where a root for it is given."""
    is_out = order["status"] == "EXECUTED"
    delivery = {"method": order["method"], "status": order["delivery"] if is_out else "PENDING"}
    if link_root and is_out and order["method"] == "LINK":
        delivery["link"] = f"{link_root}/gift/{order['token']}"
    return {
        "id": order["reward_id"],
        "order_id": order["id"],
        "created_at": order["created_at"],
        "value": {"denomination": order["amount_cents"] / 100, "currency_code": order["currency"]},
        "recipient": {"name": None, "email": order["email"], "phone": order["phone"]},
        "delivery": delivery,
    }
