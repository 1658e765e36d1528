"""Closed months sealed: a digest over every entry of a month that begins with the digest of the month before."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments import packs
from biobank.payments.equations import Equation, Unit
from biobank.payments.models import Period, PeriodPack, PeriodState, Transfer

FIRST = "0" * 64
FIELDS = ("id", "uid", "kind", "debit", "credit", "amount_cents", "posted_on", "posted_at", "disbursement_id", "source",
          "reference", "note", "site_id", "reverses_id", "posted_by")  # fmt: skip
BATCH = 2000


def chain(before: str, rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """How many rows there are, and the SHA-256 (hex) over `before` and each row as a line of JSON, in their order."""
    digest, count = hashlib.sha256(before.encode()), 0
    for row in rows:
        values = [value if value is None or isinstance(value, int) else str(value) for value in row]
        digest.update(b"\n" + json.dumps(values, separators=(",", ":")).encode())
        count += 1
    return count, digest.hexdigest()


def seal(tx: Tx, period: Period) -> dict[str, Any]:
    """The seal of a month as its pack keeps it: entries, their digest, and the digest that it goes on from."""
    before = _before(tx, period)
    count, digest = chain(before, _rows(tx, period))
    return {"entries": count, "sha256": digest, "before": before}


def _rows(tx: Tx, period: Period) -> Iterator[Sequence[Any]]:
    columns = [Transfer.__table__.c[name] for name in FIELDS]
    query = sa.select(*columns).where(Transfer.posted_on.between(period.opens_on, period.closes_on))
    yield from tx.session.execute(query.order_by(Transfer.id).execution_options(yield_per=BATCH))


def _before(tx: Tx, period: Period) -> str:
    query = sa.select(Period).where(Period.closes_on < period.opens_on, Period.pack_sha256.is_not(None))
    earlier = tx.session.scalar(query.order_by(Period.closes_on.desc()).limit(1))
    kept = pack_of(tx, earlier).content.get("ledger") if earlier is not None else None
    return str(kept["sha256"]) if kept else FIRST


def pack_of(tx: Tx, period: Period) -> PeriodPack:
    """What was signed for this month last; raises NoResultFound."""
    query = sa.select(PeriodPack).filter_by(period_id=period.id).order_by(PeriodPack.id.desc()).limit(1)
    return tx.session.scalars(query).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One closed month looked at: what is wrong with it, or nothing."""

    month: str
    entries: int
    sha256: str
    wrong: Sequence[str]


def verify(tx: Tx) -> list[Finding]:
    """Every closed month, oldest first: its pack against its hash, its entries against what was sealed."""
    query = sa.select(Period).where(Period.state == PeriodState.CLOSED).order_by(Period.opens_on)
    return [_look_at(tx, period) for period in tx.session.scalars(query).all()]


def _look_at(tx: Tx, period: Period) -> Finding:
    content, found = pack_of(tx, period).content, seal(tx, period)
    wrong = [word for word, holds in (
        ("pack", packs.digest(content) == period.pack_sha256),
        ("before", (content.get("ledger") or {}).get("before") == found["before"]),
        ("entries", _is_sealed(content, found)),
    ) if not holds]  # fmt: skip
    return Finding(month=period.code, entries=found["entries"], sha256=found["sha256"], wrong=wrong)


def _is_sealed(content: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    kept = content.get("ledger") or {}
    return bool(kept.get("entries") == found["entries"] and kept.get("sha256") == found["sha256"])


def equation(tx: Tx) -> Equation:
    """That every closed month is still as it was signed."""
    wrong = sum(bool(one.wrong) for one in verify(tx))
    return Equation(code="seals", name=Phrase("Closed months are as they were signed"), expected=0, found=wrong,
                    unit=Unit.COUNT, page="payments.periods")  # fmt: skip
