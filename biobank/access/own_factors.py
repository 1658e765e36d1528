"""What somebody may do about their own factors: whoever needs one keeps one."""

from uuid import UUID

from biobank.access import factors
from biobank.access.policy import Method, Policy
from biobank.access.sessions import SignedIn
from biobank.db import Tx
from biobank.errors import Conflict


def _require_one_left(tx: Tx, policy: Policy, found: SignedIn, without: Method | UUID) -> None:
    held = factors.held_by(tx, found.staff_id)
    keys = [item for item in held.passkeys if item.id != without]
    has_app = held.totp_since is not None and without is not Method.TOTP
    if policy.needs_passkey(found.actor.roles) and not keys:
        raise Conflict("Your role needs a passkey. Add another one before you remove this.")
    if policy.needs_factor(found.actor.roles) and not keys and not has_app:
        raise Conflict("Your role needs a second factor. Add another one before you remove this.")


def remove_totp(tx: Tx, policy: Policy, found: SignedIn) -> None:
    """Take one's authenticator app away. Raises `Conflict` where the role needs it."""
    _require_one_left(tx, policy, found, Method.TOTP)
    factors.remove_totp(tx, found.staff_id)


def remove_passkey(tx: Tx, policy: Policy, found: SignedIn, passkey_id: UUID) -> None:
    """Take one of one's passkeys away. Raises `Conflict` where the role needs it, `NotFound` for another's."""
    _require_one_left(tx, policy, found, passkey_id)
    factors.remove_passkey(tx, found.staff_id, passkey_id)


def require_any(tx: Tx, found: SignedIn) -> None:
    """Printed codes stand in for a factor; alone they are none."""
    if not factors.held_by(tx, found.staff_id).any_real:
        raise Conflict("Set up an authenticator app or a passkey first.")
