"""From where one may work: lists of networks and countries that block, and exceptions that end by themselves."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.access.approval_models import Approval
from biobank.access.models import Site
from biobank.access.policy import Policy
from biobank.access.security_log import note_event
from biobank.access.security_models import NetworkException, Security, SecurityEvent
from biobank.db import Tx
from biobank.errors import Invalid, NotFound, Phrase
from biobank.web.client import Network, is_within, networks

KIND = "access.network"
LONGEST_HOURS = 30 * 24
_WIDEST = {4: 16, 6: 32}
_TOLD_ONCE = timedelta(minutes=5)


def refused_because(
    address: str,
    country: str,
    *,
    among: Collection[Network],
    countries: Collection[str],
    exceptions: Collection[Network],
) -> str:
    """Why a request from here is refused, in one word; empty where it is let in. Empty lists let everybody in."""
    if not (among or countries) or is_within(address, exceptions):
        return ""
    if among and not is_within(address, among):
        return "network"
    return "country" if countries and country not in countries else ""


def open_exceptions(tx: Tx) -> Sequence[NetworkException]:
    """The exceptions that hold now."""
    query = sa.select(NetworkException).filter_by(closed_at=None).where(NetworkException.until > clock.now())
    return tx.session.scalars(query.order_by(NetworkException.until)).all()


def _one(text: str) -> Network:
    try:
        (found,) = networks(text)
    except ValueError:
        raise Invalid("%(text)s is not a network. Write it like 203.0.113.0/24.", text=text[:60]) from None
    if found.prefixlen < _WIDEST[found.version]:
        raise Invalid("That network is too wide for an exception. Name a smaller one.", code="too-wide")
    return found


def ask_exception(tx: Tx, policy: Policy, *, network: str, hours: int, reason: str) -> Approval | None:
    """Let a network in for some hours; where the policy asks for two, a second administrator must agree first."""
    found, reason = str(_one(network)), reason.strip()
    if len(reason) < 10:
        raise Invalid("Say in a sentence why this network must be let in.")
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("An exception lasts from 1 hour to 30 days.")
    if not policy.grants_by_two:
        open_exception(tx, network=found, hours=hours, reason=reason, asked_by=tx.actor.name)
        return None
    words = {"network": found, "hours": str(hours), "reason": reason}
    summary = str(Phrase("Let %(network)s in for %(hours)s hours: %(reason)s"))
    return approvals.ask(tx, kind=KIND, subject=found, summary=summary,
                         payload={"hours": hours, "reason": reason}, words=words)  # fmt: skip


def open_exception(tx: Tx, *, network: str, hours: int, reason: str, asked_by: str) -> NetworkException:
    now = clock.now()
    made = NetworkException(network=network, reason=reason, opened_at=now, until=now + timedelta(hours=hours),
                            asked_by_name=asked_by, given_by_name=tx.actor.name)  # fmt: skip
    tx.session.add(made)
    note_event(tx, Security.NETWORK_OPENED, note=f"{network} {hours} h")
    tx.session.flush()
    return made


def close_exception(tx: Tx, exception_id: UUID) -> None:
    """End an exception now."""
    found = tx.session.get(NetworkException, exception_id)
    if found is None or found.closed_at is not None:
        raise NotFound("There is no such exception, or it has ended already.")
    found.closed_at = clock.now()
    note_event(tx, Security.NETWORK_CLOSED, note=found.network)


def set_site_networks(tx: Tx, site_id: UUID, text: str) -> Site:
    """Say from which networks a site's staff work; empty: from any that the service lets in."""
    site = tx.session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site.")
    try:
        site.networks = ", ".join(str(item) for item in networks(text))
    except ValueError:
        raise Invalid("Write networks like 203.0.113.0/24, with commas between them.") from None
    note_event(tx, Security.NETWORK_CHANGED, subject_kind="site", subject_id=site_id, note=site.networks)
    return site


def note_refusal(tx: Tx, address: str, why: str) -> None:
    """Write a refusal down, once in five minutes for each address."""
    told = sa.select(SecurityEvent.id).where(
        SecurityEvent.kind == Security.NETWORK_REFUSED, SecurityEvent.address == address[:45],
        SecurityEvent.at > clock.now() - _TOLD_ONCE,
    )  # fmt: skip
    if tx.session.scalar(told.limit(1)) is None:
        note_event(tx, Security.NETWORK_REFUSED, address=address, note=why)
