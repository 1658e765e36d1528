"""Who has earned the payment, by a policy that is data: pure, versioned, with a reason for yes and for no."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "policies.json"


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rule for one scheme: which outcomes of a step earn the payment, and how much a site may hold.

    `caps` are in payments, `float_cents` in cents, `cards` in cards.
    """

    version: int
    since: date
    basis: str
    measurements: frozenset[str]
    samples: frozenset[str]
    caps: Mapping[str, int]
    float_cents: int
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a visit: how each step ended, empty where it did not."""

    is_complete: bool
    measurements: str = ""
    samples: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether the payment is earned, by which version, and why or why not as codes."""

    is_earned: bool
    version: int
    reasons: tuple[str, ...]


@cache
def policies() -> Mapping[str, tuple[Policy, ...]]:
    """Every version of every scheme's policy, the oldest first."""
    return {code: tuple(_policy(item) for item in items) for code, items in json.loads(FILE.read_text()).items()}


def _policy(item: Mapping[str, Any]) -> Policy:
    return Policy(
        version=item["version"], since=date.fromisoformat(item["since"]), basis=item["basis"],
        measurements=frozenset(item["measurements"]), samples=frozenset(item["samples"]), caps=item["caps"],
        float_cents=item["float_cents"], cards=item["cards"],
    )  # fmt: skip


def in_force(scheme: str, day: date) -> Policy:
    """The policy of a scheme that held on a day; the first one for a day before it."""
    versions = policies()[scheme]
    return next((one for one in reversed(versions) if one.since <= day), versions[0])


def decide(policy: Policy, facts: Facts) -> Ruling:
    """What the policy says of these facts. Whatever it does not name does not earn the payment."""
    missing = tuple(
        code
        for code, holds in (
            ("visit-not-complete", facts.is_complete),
            (f"measurements-{facts.measurements or 'missing'}", facts.measurements in policy.measurements),
            (f"samples-{facts.samples or 'missing'}", facts.samples in policy.samples),
        )
        if not holds
    )
    if missing:
        return Ruling(False, policy.version, missing)
    earned = ("visit-complete", f"measurements-{facts.measurements}", f"samples-{facts.samples}")
    return Ruling(True, policy.version, earned)
