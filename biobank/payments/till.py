"""What a worker pays with: the databases, one provider by name, and its pace."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from biobank.db import Databases
from biobank.payments.providers.base import Provider

# How soon after it is sent a payment's delivery is asked about without a hint.
FIRST_ASKED = timedelta(days=1)
_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a try may take, how soon the next one comes. The lease outlasts the longest call (about a minute).

    `requests_per_second` is the provider's own where it is not given.
    """

    lease: timedelta = timedelta(seconds=90)
    idle: timedelta = timedelta(seconds=0.5)
    first_pause: timedelta = timedelta(seconds=2)
    longest_pause: timedelta = timedelta(minutes=15)
    stopped: timedelta = timedelta(seconds=30)
    patience: timedelta = timedelta(hours=72)
    breaker: timedelta = timedelta(seconds=30)
    sweep: timedelta = timedelta(minutes=5)
    requests_per_second: int | None = None

    def pause(self, attempt: int, at_least_seconds: int | None = None) -> timedelta:
        """Full jitter under a doubling ceiling (AWS Architecture Blog, 2015), never less than the provider asks."""
        ceiling = min(self.longest_pause, self.first_pause * 2 ** min(attempt, 20))
        drawn = timedelta(seconds=_RANDOM.uniform(0, ceiling.total_seconds()))
        return max(drawn, timedelta(seconds=at_least_seconds or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """One worker's means. `name` is kept with each payment: another provider must never be asked about it."""

    databases: Databases
    provider: Provider
    name: str
    pace: Pace = Pace()

    @property
    def between_calls(self) -> timedelta:
        """So much time lies between two calls when the provider's rate is used up."""
        return timedelta(seconds=1 / (self.pace.requests_per_second or self.provider.capabilities.requests_per_second))
