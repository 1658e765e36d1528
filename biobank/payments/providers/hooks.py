"""Tremendous webhooks on the wire: HMAC-SHA256 over the raw body, then the envelope; nothing in it is believed."""

import hashlib
import hmac
from dataclasses import dataclass

from biobank.payments.providers import wire

HEADER = "Tremendous-Webhook-Signature"
LARGEST = 64 * 1024


class HookRefused(ValueError):
    """The call is not the provider's, or cannot be read."""


@dataclass(frozen=True, slots=True)
class HookEvent:
    """That something happened to one order or reward of the provider's; its `uuid` is the same on every repeat."""

    uuid: str
    event: str
    resource_type: str
    resource_ref: str
    raw_hash: str


def signature(raw: bytes, key: str) -> str:
    """What the header must hold: `sha256=` and the hex digest (Tremendous, Webhooks: Verifying signatures)."""
    return "sha256=" + hmac.digest(key.encode(), raw, "sha256").hex()


def read_signed(raw: bytes, signed: str | None, key: str) -> HookEvent:
    """The event in a body that the provider signed; raises HookRefused, before anything of the body is read."""
    if len(raw) > LARGEST or not hmac.compare_digest(signature(raw, key).encode(), (signed or "").encode()):
        raise HookRefused("the signature is not the provider's")
    try:
        envelope = wire.decode(raw)
        resource = wire.mapping(wire.mapping(envelope["payload"])["resource"])
        return HookEvent(
            uuid=_short(envelope["uuid"], 100), event=_short(envelope["event"], 100),
            resource_type=_short(resource["type"], 40), resource_ref=_short(resource["id"], 200),
            raw_hash=hashlib.sha256(raw).hexdigest(),
        )  # fmt: skip
    except (ValueError, KeyError) as error:
        raise HookRefused("the event cannot be read") from error


def _short(value: object, longest: int) -> str:
    found = wire.text(value)
    if len(found) > longest or not found.isprintable():
        raise ValueError("too long")
    return found
