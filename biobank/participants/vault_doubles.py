"""Who may be registered twice: pairs that share a name and birth date, an e-mail or a phone, and what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from biobank import clock
from biobank.db import Tx
from biobank.participants.vault_models import Comparison, VaultPerson, Verdict

MOST_PAIRS = 50
# What two registrations share, and the blind index that says so.
SHARED = {"name": "name_index", "e-mail": "email_alone", "phone": "phone_alone"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two registrations in the order of their keys, and the kinds of detail they share."""

    one: UUID
    other: UUID
    shares: tuple[str, ...]


def pair_of(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    """The two keys in the order in which a pair is kept."""
    return (first, second) if first < second else (second, first)


def undecided(tx: Tx, since: datetime) -> list[Pair]:
    """At most 50 pairs, one of them kept since then, that look like one person and were not decided yet."""
    found: dict[tuple[UUID, UUID], list[str]] = {}
    for kind, column in SHARED.items():
        for pair in set(_sharing(tx, column, since)):
            found.setdefault(pair, []).append(kind)
    pairs = [Pair(*pair, tuple(kinds)) for pair, kinds in sorted(found.items(), key=lambda item: -len(item[1]))]
    return [pair for pair in pairs if last_verdict(tx, pair.one, pair.other) is None][:MOST_PAIRS]


def _sharing(tx: Tx, column: str, since: datetime) -> Iterator[tuple[UUID, UUID]]:
    newer, known = aliased(VaultPerson), aliased(VaultPerson)
    same = getattr(newer, column) == getattr(known, column)
    query = (
        sa.select(newer.participant_id, known.participant_id)
        .join(known, sa.and_(same, newer.participant_id != known.participant_id))
        .where(newer.added_at >= since, newer.erased_at.is_(None), known.erased_at.is_(None))
        .limit(MOST_PAIRS * 10)
    )
    for first, second in tx.vault.execute(query):
        yield pair_of(first, second)


def last_verdict(tx: Tx, first: UUID, second: UUID) -> Comparison | None:
    """The newest word about a pair."""
    one, other = pair_of(first, second)
    query = sa.select(Comparison).filter_by(one=one, other=other).order_by(Comparison.id.desc()).limit(1)
    return tx.vault.scalar(query)


def decide(tx: Tx, first: UUID, second: UUID, *, kept: UUID | None, reason: str) -> None:
    """Write down whether a pair is one person, of whom the kept registration stays, or two people."""
    one, other = pair_of(first, second)
    tx.vault.add(Comparison(
        one=one, other=other, verdict=Verdict.SAME if kept else Verdict.DISTINCT, kept=kept, reason=reason,
        at=clock.now(), actor_id=tx.actor.id, actor_name=tx.actor.name,
    ))  # fmt: skip
    tx.vault.flush()
