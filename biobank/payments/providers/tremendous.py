"""Tremendous API v2 over httpx: one request a call, no retries, every answer compared with what was asked."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

import httpx

from biobank import clock
from biobank.errors import Phrase
from biobank.payments.providers import hooks, judgement, wire
from biobank.payments.providers.base import (
    Balance,
    Capabilities,
    Delivered,
    Delivery,
    Outcome,
    OutcomeKind,
    PaymentRequest,
    ProviderError,
)

TIMEOUT = httpx.Timeout(20.0, connect=3.0)
LONGEST_CALL = timedelta(seconds=40)
LARGEST_ANSWER = 1_000_000
PATH = "/api/v2"
UNANSWERED = Phrase("No answer came from the provider (%(kind)s).")
REFUSED = Phrase("The provider answered %(status)s. %(said)s")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str | None
    raw: bytes = field(repr=False)

    @property
    def raw_hash(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


class Tremendous:
    """Tremendous, or anything that speaks its wire at `base_url`.

    The order offers either one campaign's choice of gifts or the listed products. Raises ValueError for
    settings that cannot work, among them a key that would travel unencrypted.
    """

    capabilities = Capabilities(
        idempotent=True,
        key_ttl=None,
        lookup_by_our_ref=True,
        min_wait_before_absent=timedelta(minutes=5),
        requests_per_second=10,
        deliveries=frozenset(Delivery),
        returns=True,
        cancels=True,
        signs=True,
    )

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        funding_source_id: str = "BALANCE",
        campaign_id: str | None = None,
        products: Sequence[str] = (),
        timeout: httpx.Timeout = TIMEOUT,
        client: httpx.Client | None = None,
    ) -> None:
        if bool(campaign_id) == bool(products):
            raise ValueError("Set either the Tremendous campaign or a list of products, not both and not neither.")
        if not wire.is_private_channel(base_url):
            raise ValueError("The Tremendous address must begin with https://, so that the key stays secret.")
        if not (api_key and api_key.isascii() and api_key.isprintable()):
            raise ValueError("The Tremendous key is missing or damaged. Copy it again from the provider's page.")
        self._root = base_url.rstrip("/").removesuffix(PATH) + PATH
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._funding_source_id = funding_source_id
        self._offer: dict[str, object] = {"campaign_id": campaign_id} if campaign_id else {"products": list(products)}
        self._timeout = timeout
        # A proxy from the environment must not stand between us and a provider on this very machine.
        self._client = client or httpx.Client(trust_env=base_url.startswith("https"))

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def submit(self, request: PaymentRequest) -> Outcome:
        """Create the order, or be told of the one already made under the same reference."""
        body = wire.order_body(request, funding_source_id=self._funding_source_id, offer=self._offer)
        try:
            answer = self._call("POST", "/orders", body=body)
        except httpx.HTTPError as error:
            return _unanswered(error)
        # 200, 201 and 202 have all meant "made" and "made before": only the order itself tells.
        if answer.status in judgement.ANSWERED:
            return self._judge(answer, "order", external_id=request.external_id, expected=request)
        private = (request.recipient_name, request.recipient_email, request.recipient_phone)
        said = wire.error_message(answer.raw, private=private)
        return _refused(answer, judgement.REFUSALS.get(answer.status, OutcomeKind.UNKNOWN), said)

    def lookup(self, external_id: str, *, expected: PaymentRequest | None = None) -> Outcome:
        """The order under our reference; ABSENT only when the provider lists its orders and ours is not among them."""
        try:
            # The list, not /orders/{id}: a 404 can come from any wrong address and proves nothing.
            answer = self._call("GET", f"/orders?external_id={quote(external_id, safe='')}")
        except httpx.HTTPError as error:
            return _unanswered(error)
        if answer.status == 200:
            return self._judge(answer, "orders", external_id=external_id, expected=expected)
        # A refused question says nothing about the payment, whatever the code.
        kind = OutcomeKind.THROTTLED if answer.status == 429 else OutcomeKind.UNKNOWN
        return _refused(answer, kind, wire.error_message(answer.raw))

    def renew_link(self, reward_ref: str) -> str:
        """A fresh link for a LINK reward; raises ProviderError. The answer is bearer money."""
        reward = self._ask("POST", f"/rewards/{quote(reward_ref, safe='')}/generate_link").get("reward")
        link = wire.link_of(reward) if isinstance(reward, dict) else None
        if link is None:
            raise ProviderError("The provider gave no link for this reward. Ask the provider's support.")
        return link

    def ask_reward(self, reward_ref: str) -> Delivered:
        """How far the delivery of a reward is; raises ProviderError."""
        reward = self._ask("GET", f"/rewards/{quote(reward_ref, safe='')}").get("reward")
        return wire.delivered(reward)

    def resend(self, reward_ref: str, *, email: str | None = None, phone: str | None = None) -> None:
        """Deliver a reward again whose delivery failed (POST /rewards/{id}/resend); raises ProviderError."""
        corrected = {"updated_email": email} if email else {"updated_phone": phone} if phone else {}
        self._ask("POST", f"/rewards/{quote(reward_ref, safe='')}/resend", body=wire.encode(corrected))

    def cancel(self, reward_ref: str) -> bool:
        """Take back a reward whose delivery failed (POST /rewards/{id}/cancel), then ask whether it is."""
        with suppress(ProviderError):
            # What the answer says, or that none came, proves nothing; what the provider holds afterwards does.
            self._ask("POST", f"/rewards/{quote(reward_ref, safe='')}/cancel")
        return self.ask_reward(reward_ref) is Delivered.CANCELLED

    @staticmethod
    def read_webhook(raw: bytes, headers: Mapping[str, str], key: str) -> hooks.HookEvent:
        """The event of a signed call; raises HookRefused."""
        return hooks.read_signed(raw, headers.get(hooks.HEADER), key)

    def balance(self) -> Balance:
        """The configured funding source's balance, in cents; raises ProviderError."""
        sources = self._ask("GET", "/funding_sources").get("funding_sources")
        for source in sources if isinstance(sources, list) else ():
            if isinstance(source, dict) and self._is_ours(source):
                return _balance(source)
        raise ProviderError("The provider lists no such funding source. Check the funding source in the settings.")

    def _is_ours(self, source: dict[str, object]) -> bool:
        if self._funding_source_id == "BALANCE":
            return source.get("method") == "balance"
        return source.get("id") == self._funding_source_id

    def _judge(self, answer: _Answer, name: str, *, external_id: str, expected: PaymentRequest | None) -> Outcome:
        try:
            found = wire.decode(answer.raw)[name]
            if found == [] and name == "orders":
                return Outcome(OutcomeKind.ABSENT, http_status=answer.status, raw_hash=answer.raw_hash)
            order = wire.read_order(wire.single(found) if name == "orders" else found)
        except (ValueError, KeyError):
            return _refused(answer, OutcomeKind.UNKNOWN, "The answer cannot be read. Ask again.")
        return judgement.judge(
            order,
            external_id=external_id,
            expected=expected,
            raw_hash=answer.raw_hash,
            status=answer.status,
        )

    def _ask(self, method: str, path: str, *, body: str | None = None) -> dict[str, object]:
        try:
            answer = self._call(method, path, body=body)
            if answer.status in judgement.ANSWERED:
                return wire.decode(answer.raw)
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderError(f"The provider gave no readable answer ({type(error).__name__}). Try again.") from error
        raise ProviderError(f"The provider answered {answer.status}. {wire.error_message(answer.raw)}".rstrip())

    def _call(self, method: str, path: str, *, body: str | None = None) -> _Answer:
        """One request; httpx.HTTPError when no whole answer came within the time and size allowed."""
        deadline = clock.now() + LONGEST_CALL
        raw = bytearray()
        with self._client.stream(
            method,
            self._root + path,
            content=body,
            headers=self._headers,
            timeout=self._timeout,
            follow_redirects=False,
        ) as response:
            for chunk in response.iter_bytes():
                raw += chunk
                if len(raw) > LARGEST_ANSWER or clock.now() > deadline:
                    raise httpx.ReadTimeout("the answer is too long or too slow")
            return _Answer(response.status_code, response.headers.get("Retry-After"), bytes(raw))


def _unanswered(error: httpx.HTTPError) -> Outcome:
    # The exception's text may hold the address asked; its kind is enough.
    return Outcome(OutcomeKind.UNKNOWN, UNANSWERED % {"kind": type(error).__name__})


def _refused(answer: _Answer, kind: OutcomeKind, said: str) -> Outcome:
    return Outcome(
        kind,
        (REFUSED % {"status": answer.status, "said": said}).rstrip(),
        retry_after=judgement.retry_after(answer.retry_after) if kind is OutcomeKind.THROTTLED else None,
        http_status=answer.status,
        raw_hash=answer.raw_hash,
    )


def _balance(source: dict[str, object]) -> Balance:
    try:
        meta = wire.mapping(source["meta"])
        return Balance(
            available_cents=wire.whole(meta["available_cents"]),
            pending_cents=wire.whole(meta.get("pending_cents") or 0),
            currency=wire.text(meta.get("currency_code") or "USD"),
        )
    except (KeyError, ValueError) as error:
        raise ProviderError("The provider's balance cannot be read. Ask again later.") from error
