"""Fault plans: which failure an order meets on which try, as JSON data, repeatable from a seed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong, and whether the order is made all the same."""

    THROTTLE = "throttle"  # 429, nothing made
    ERROR_BEFORE_COMMIT = "error_before_commit"  # 500, nothing made
    ERROR_AFTER_COMMIT = "error_after_commit"  # 500, made
    LOST_REPLY = "lost_reply"  # made, then the connection closes without an answer
    SLOW = "slow"  # made, then answered after so many seconds
    LATE = "late"  # made after so many seconds, however long the client waited
    NO_FUNDS = "no_funds"  # 402, nothing made
    REJECTED = "rejected"  # 422, nothing made
    GARBLED = "garbled"  # made, answered with a page instead of JSON
    WRONG_AMOUNT = "wrong_amount"  # made, answered with another amount
    PENDING_APPROVAL = "pending_approval"  # kept, but not executed
    FAILED = "failed"  # kept as failed, never executed
    UNDELIVERED = "undelivered"  # executed, but the reward cannot be delivered
    HOOK_LOST = "hook_lost"  # no webhook is sent
    HOOK_LATE = "hook_late"  # the webhook comes after so many seconds
    HOOK_TWICE = "hook_twice"  # the webhook comes twice
    HOOK_FORGED = "hook_forged"  # beside the webhook comes one that is signed with another key


# These go wrong after the order, each for itself, whatever goes wrong with the order.
HOOKS = frozenset({FaultKind.HOOK_LOST, FaultKind.HOOK_LATE, FaultKind.HOOK_TWICE, FaultKind.HOOK_FORGED})


class PlanRefused(ValueError):
    """The fault plan cannot be read; the message names the fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure for one order by reference, or for a share (0 to 1) of all orders, on so many tries of each."""

    kind: FaultKind
    external_id: str | None = None
    share: float = 1.0
    times: int = 1
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults in the order in which the tries of one order meet them."""

    seed: int = 1
    faults: tuple[Fault, ...] = ()

    def fault_for(self, external_id: str, attempt: int) -> Fault | None:
        """The fault of this order's try (1 is the first), None when its faults are used up."""
        remaining = attempt
        for index, fault in enumerate(self.faults):
            if fault.kind in HOOKS or not self._meets(index, fault, external_id):
                continue
            if remaining <= fault.times:
                return fault
            remaining -= fault.times
        return None

    def hook_fault_for(self, external_id: str) -> Fault | None:
        """What goes wrong with the webhooks of this order."""
        met = (fault for index, fault in enumerate(self.faults)
               if fault.kind in HOOKS and self._meets(index, fault, external_id))  # fmt: skip
        return next(met, None)

    def _meets(self, index: int, fault: Fault, external_id: str) -> bool:
        if fault.external_id is not None:
            return fault.external_id == external_id
        drawn = hashlib.sha256(f"{self.seed}:{index}:{external_id}".encode()).digest()
        return int.from_bytes(drawn[:8]) < fault.share * 2**64

    def as_json(self) -> str:
        """The plan as text that `read_plan` reads back."""
        return json.dumps(asdict(self))


def read_plan(source: str | bytes, *, seed: int = 1) -> Plan:
    """A plan from JSON: a list of faults, or an object with `seed` and `faults`; raises PlanRefused."""
    try:
        document = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise PlanRefused("The fault plan is not JSON.") from error
    if isinstance(document, list):
        document = {"faults": document}
    if not isinstance(document, dict) or not isinstance(document.get("faults", []), list):
        raise PlanRefused("The fault plan must be a list of faults, or an object with a list named faults.")
    faults = tuple(_fault(number, item) for number, item in enumerate(document.get("faults", []), start=1))
    chosen = document.get("seed", seed)
    if not isinstance(chosen, int):
        raise PlanRefused("The seed must be a whole number.")
    return Plan(seed=chosen, faults=faults)


def _fault(number: int, item: Mapping[str, Any]) -> Fault:
    try:
        fault = Fault(**{**item, "kind": FaultKind(item["kind"])})
        sound = 0 <= fault.share <= 1 and fault.times >= 1 and 0 <= fault.seconds <= 3600
    except (KeyError, TypeError, ValueError) as error:
        raise PlanRefused(f"Fault {number} cannot be read. Kinds: {', '.join(FaultKind)}.") from error
    if not sound:
        raise PlanRefused(f"Fault {number}: share goes from 0 to 1, times from 1, seconds from 0 to 3600.")
    return fault
