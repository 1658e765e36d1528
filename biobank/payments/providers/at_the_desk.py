"""What a site that pays in cash or by gift card promises: nothing is called, and a hand-over is never repeated."""

from datetime import timedelta

from biobank.payments.providers.base import Capabilities

_BY_HAND = Capabilities(
    idempotent=False, key_ttl=None, lookup_by_our_ref=False, min_wait_before_absent=timedelta(0),
    requests_per_second=0, by_hand=True,
)  # fmt: skip


class Cash:
    """Cash from the site's float."""

    capabilities = _BY_HAND


class GiftCards:
    """Gift cards from the site's safe."""

    capabilities = _BY_HAND
