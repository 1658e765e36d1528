"""Exact JSON and the reading of Tremendous orders (API v2): money stays Decimal, oddities become ValueError."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from biobank.payments.providers.base import Delivered, Delivery, PaymentRequest, ProviderError

LARGEST = Decimal(10**9)
SECRETS = re.compile(r"https?://\S+|[^\s@\"']+@[^\s@\"']+|\+?\d[\d ().-]{7,}\d|\b(?:TEST|PROD)_\S+")


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the provider tells it; amounts in cents, `link` is bearer money."""

    provider_ref: str
    external_id: str | None
    status: str
    amount_cents: int
    currency: str
    fee_cents: int | None
    reward_ref: str
    method: str
    recipient: Mapping[str, Any] = field(repr=False)
    link: str | None = field(repr=False)


def encode(value: object) -> str:
    """JSON text in which a Decimal keeps its digits: 25.00 is sent as 25.00, never through a float."""
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {encode(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(encode(item) for item in value) + "]"
        case _:
            return json.dumps(value)


def decode(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, numbers as Decimal; ValueError for anything else."""
    try:
        document = json.loads(raw, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (RecursionError, InvalidOperation) as error:
        raise ValueError("not readable as JSON") from error
    return mapping(document)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def mapping(value: object) -> dict[str, Any]:
    """The value itself if it is a JSON object; ValueError otherwise."""
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    return value


def text(value: object) -> str:
    """A short string as the provider sent it; ValueError for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError("expected a short text")
    return value


def cents(value: object) -> int:
    """A JSON number of whole cents; ValueError for anything else."""
    if not isinstance(value, Decimal) or not value.is_finite() or value.copy_abs() > LARGEST:
        raise ValueError("expected an amount of money")
    # A tiny exponent would make the multiplication round instead of showing the broken cent.
    if value.as_tuple().exponent < -15:  # type: ignore[operator]
        raise ValueError("expected an amount in whole cents")
    whole = value * 100
    if whole != whole.to_integral_value():
        raise ValueError("expected an amount in whole cents")
    return int(whole)


def whole(value: object) -> int:
    """A JSON number without a fraction; ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, Decimal) or value.copy_abs() > LARGEST * 100 or value != value.to_integral_value():
        raise ValueError("expected a whole number")
    return int(value)


def order_body(request: PaymentRequest, *, funding_source_id: str, offer: Mapping[str, object]) -> str:
    """The body of POST /orders. Of the recipient, only what the delivery needs is told to the provider."""
    recipient: dict[str, object] = {"name": request.recipient_name}
    if request.delivery is Delivery.EMAIL:
        recipient["email"] = request.recipient_email
    if request.delivery is Delivery.PHONE:
        recipient["phone"] = request.recipient_phone
    denomination = Decimal(request.amount_cents).scaleb(-2)
    return encode(
        {
            "external_id": request.external_id,
            "payment": {"funding_source_id": funding_source_id},
            "reward": {
                **offer,
                "value": {"denomination": denomination, "currency_code": request.currency},
                "recipient": recipient,
                "delivery": {"method": request.delivery.upper()},
            },
        }
    )


def read_order(document: object) -> Order:
    """One order with its single reward; ValueError when a field is missing or has another shape."""
    try:
        order = mapping(document)
        reward = mapping(single(order["rewards"] if "rewards" in order else [order["reward"]]))
        value, delivery = mapping(reward["value"]), mapping(reward["delivery"])
        external_id = order["external_id"]
        return Order(
            provider_ref=text(order["id"]),
            external_id=None if external_id is None else text(external_id),
            status=text(order["status"]),
            amount_cents=cents(value["denomination"]),
            currency=text(value["currency_code"]),
            fee_cents=_fee(order),
            reward_ref=text(reward["id"]),
            method=text(delivery["method"]),
            recipient=mapping(reward.get("recipient") or {}),
            link=link_of(reward),
        )
    except KeyError as error:
        raise ValueError(f"the field {error} is missing") from error


def single(items: object) -> object:
    """The only item of a list; ValueError when there are none or several."""
    if not isinstance(items, list) or len(items) != 1:
        raise ValueError("expected exactly one item")
    return items[0]


def _fee(order: Mapping[str, Any]) -> int | None:
    fees = mapping(order.get("payment") or {}).get("fees")
    return None if fees is None else cents(fees)


def link_of(reward: Mapping[str, Any]) -> str | None:
    """The reward's link if it is one a browser may safely open: https, or http on this machine."""
    link = mapping(reward.get("delivery") or {}).get("link") or reward.get("link")
    return link if isinstance(link, str) and is_private_channel(link) else None


def is_private_channel(url: str) -> bool:
    """True for https, and for http that never leaves this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in {"127.0.0.1", "localhost"}))


def error_message(raw: bytes, *, private: Iterable[str | None] = ()) -> str:
    """The provider's own words for an error, without links, keys, addresses, numbers or the private words given.

    Both documented shapes are read: {"errors": {...}} and {"error": {...}}; the echoed request is left out.
    """
    try:
        document = decode(raw)
        problem = document.get("errors") or document.get("error")
        said = problem.get("message") if isinstance(problem, dict) else problem
    except ValueError:
        return ""
    if not isinstance(said, str):
        return ""
    for word in filter(None, private):
        said = said.replace(word, "[removed]")
    return SECRETS.sub("[removed]", said)[:200]


_DELIVERED = {"SUCCEEDED": Delivered.SUCCEEDED, "FAILED": Delivered.FAILED}


def delivered(reward: object) -> Delivered:
    """How far the delivery of a reward is; an unknown word is underway. Raises ProviderError for no reward."""
    if not isinstance(reward, dict) or not isinstance(reward.get("delivery"), dict):
        raise ProviderError("The provider's answer holds no reward. Ask again later.")
    if reward.get("status") == "CANCELED" or reward["delivery"].get("status") == "CANCELED":
        return Delivered.CANCELLED
    return _DELIVERED.get(str(reward["delivery"].get("status")), Delivered.UNDERWAY)
