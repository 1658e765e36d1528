"""What a provider tells us of its own accord: kept once when its signature is right, and never believed."""

from collections.abc import Mapping
from pathlib import Path

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Forbidden, NotFound
from biobank.payments import providers
from biobank.payments.gate_models import Hint
from biobank.payments.providers.base import UnknownProvider
from biobank.payments.providers.hooks import HookRefused


def take(tx: Tx, provider: str, raw: bytes, headers: Mapping[str, str], key_file: Path | None) -> bool:
    """Keep the hint in a signed call; False when it was kept before. `Forbidden` when it is not the provider's."""
    read = getattr(_kind_of(provider), "read_webhook", None)
    if read is None or key_file is None:
        raise NotFound("No webhooks are taken for this provider.")
    try:
        event = read(raw, headers, key_file.read_text().strip())
    except HookRefused as problem:
        raise Forbidden("The signature of this call is not the provider's.", code="forged") from problem
    now = clock.now()
    return insert_ignore(
        tx.session, Hint, id=new_id(), provider=provider, event_uuid=event.uuid, event=event.event,
        resource_type=event.resource_type, resource_ref=event.resource_ref, raw_hash=event.raw_hash,
        received_at=now, next_at=now,
    )  # fmt: skip


def _kind_of(provider: str) -> object:
    try:
        return providers.kind_of(provider)
    except UnknownProvider as problem:
        raise NotFound("No webhooks are taken for this provider.") from problem
