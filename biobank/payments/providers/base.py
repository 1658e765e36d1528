"""What every payment provider answers, in our words: request, outcome, balance, capabilities."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,99}", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class Delivery(StrEnum):
    """How the reward reaches the participant; LINK keeps e-mail and phone from the provider."""

    LINK = "link"
    EMAIL = "email"
    PHONE = "phone"


class OutcomeKind(StrEnum):
    """What one call proves about one payment."""

    CONFIRMED = "confirmed"  # the order stands at the provider, executed, and equals ours
    REJECTED = "rejected"  # this call made nothing, or the provider's order is dead
    NO_FUNDS = "no_funds"  # nothing made: the funding source is empty, for every payment alike
    THROTTLED = "throttled"  # nothing made: too many requests
    UNKNOWN = "unknown"  # may or may not be paid: only further evidence ends it
    ABSENT = "absent"  # the provider answered that it holds no such order


class ProviderError(Exception):
    """The provider could not be asked, or answered something that cannot be read."""


class UnknownProvider(LookupError):
    """No installed payment provider has this name."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One payment to make; `external_id` is the one key of the disbursement and never changes between tries.

    Raises ValueError if the amount is not positive, or a field the delivery needs is missing.
    """

    external_id: str
    amount_cents: int
    currency: str = "USD"
    delivery: Delivery = Delivery.LINK
    recipient_name: str | None = field(default=None, repr=False)
    recipient_email: str | None = field(default=None, repr=False)
    recipient_phone: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "delivery", Delivery(self.delivery))
        if not REFERENCE.fullmatch(self.external_id):
            raise ValueError("The payment's reference must be 3 to 100 letters, digits, hyphens or underscores.")
        if self.amount_cents <= 0:
            raise ValueError("The amount must be more than zero cents.")
        if not CURRENCY.fullmatch(self.currency):
            raise ValueError("The currency must be three capital letters, such as USD.")
        if self.delivery is Delivery.EMAIL and not self.recipient_email:
            raise ValueError("Delivery by e-mail needs the recipient's e-mail address.")
        if self.delivery is Delivery.PHONE and not self.recipient_phone:
            raise ValueError("Delivery by phone needs the recipient's phone number.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call told us. `link` is bearer money: encrypt it, never log or print it.

    `retry_after` is in seconds; `raw_hash` is the SHA-256 (hex) of the whole answer, None when none came;
    `detail` is for finance staff and carries no recipient, link or key; `stops_provider` says that the
    provider refuses us altogether (401), so that every further call is in vain until a person mends it.
    """

    kind: OutcomeKind
    detail: str = ""
    provider_ref: str | None = None
    reward_ref: str | None = None
    amount_cents: int | None = None
    currency: str | None = None
    fee_cents: int | None = None
    status: str | None = None
    link: str | None = field(default=None, repr=False)
    retry_after: int | None = None
    http_status: int | None = None
    raw_hash: str | None = None

    @property
    def stops_provider(self) -> bool:
        """True when the key itself was refused: an alert for a person, not the failure of one payment."""
        return self.http_status == 401


@dataclass(frozen=True, slots=True)
class Balance:
    """What the provider holds for us, in cents; pending money cannot be spent yet."""

    available_cents: int
    pending_cents: int
    currency: str


class Delivered(StrEnum):
    """How far a reward is on its way to the participant."""

    UNDERWAY = "underway"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be relied upon: whether a key may be re-sent, for how long, and how soon "absent" counts.

    `file_based` pays by files that people exchange, `by_hand` at the desk: no worker calls either of them.
    `deliveries` are the ways it hands over; `returns` says that money may come back later, `cancels` that a payment
    can be taken back at the provider, `signs` that it sends signed webhooks.
    """

    idempotent: bool
    key_ttl: timedelta | None
    lookup_by_our_ref: bool
    min_wait_before_absent: timedelta
    requests_per_second: int
    file_based: bool = False
    by_hand: bool = False
    deliveries: frozenset[Delivery] = frozenset()
    returns: bool = False
    cancels: bool = False
    signs: bool = False

    @property
    def is_called(self) -> bool:
        """Whether a worker pays with it."""
        return not (self.file_based or self.by_hand)


class Provider(Protocol):
    """A way to pay. No method touches a database; none is retried by itself."""

    @property
    def capabilities(self) -> Capabilities:
        """What this provider promises."""
        ...

    def submit(self, request: PaymentRequest) -> Outcome:
        """Ask for the payment; never raises for what the provider or the network does.

        REJECTED speaks of this call alone: after an earlier UNKNOWN with the same key, `lookup` before giving up.
        """
        ...

    def lookup(self, external_id: str, *, expected: PaymentRequest | None = None) -> Outcome:
        """What the provider knows of our reference; with `expected`, amount and currency are compared too."""
        ...

    def renew_link(self, reward_ref: str) -> str:
        """A link for a reward whose first link was lost with the answer; raises ProviderError."""
        ...

    def ask_reward(self, reward_ref: str) -> Delivered:
        """How far a reward is; raises ProviderError."""
        ...

    def resend(self, reward_ref: str, *, email: str | None = None, phone: str | None = None) -> None:
        """Deliver the same reward again, to a corrected address; raises ProviderError when that is refused."""
        ...

    def cancel(self, reward_ref: str) -> bool:
        """Take a reward back that nobody has used; whether the provider did so. Raises ProviderError."""
        ...

    def balance(self) -> Balance:
        """The funding source's balance; raises ProviderError when it cannot be had."""
        ...

    def close(self) -> None:
        """Give up the connections that are kept between calls."""
        ...
