"""How often one may try: counted in the database for each account and each address, with a wait that doubles."""

import hashlib
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import SignInFailure
from biobank.db import Tx, insert_ignore
from biobank.errors import TooMany

WINDOW_SECONDS = 300
LONGEST_WINDOWS = 12
_REMEMBERED_WINDOWS = 288
# Failures allowed within one window: of one account, of one person's second factor, of one address with many people.
ALLOWED = {"name": 10, "proof": 10, "address": 100}


def bucket(kind: str, value: str) -> str:
    """What is counted under: the kind in the open, the value as a digest."""
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:48]}"


def free_at(full_windows: Collection[int]) -> int:
    """The first window in which one may try again, after these windows were full: the wait doubles with each of them.

    One full window waits until it is over, two wait for two, three for four, up to an hour.
    """
    if not full_windows:
        return 0
    return max(full_windows) + min(1 << (len(set(full_windows)) - 1), LONGEST_WINDOWS)


def _window() -> int:
    return int(clock.now().timestamp()) // WINDOW_SECONDS


def _allowed(name: str) -> int:
    return ALLOWED[name.partition(":")[0]]


def refuse_flood(tx: Tx, buckets: Collection[str]) -> None:
    """Raise `TooMany` while one of these buckets has to wait."""
    query = sa.select(SignInFailure.bucket, SignInFailure.window, SignInFailure.count.label("failures")).where(
        SignInFailure.bucket.in_(buckets), SignInFailure.window > _window() - _REMEMBERED_WINDOWS
    )
    full: dict[str, list[int]] = {name: [] for name in buckets}
    for row in tx.session.execute(query):
        if row.failures >= _allowed(row.bucket):
            full[row.bucket].append(row.window)
    _refuse_until(max(map(free_at, full.values()), default=0))


def _refuse_until(window: int) -> None:
    wait = window * WINDOW_SECONDS - int(clock.now().timestamp())
    if wait > 0:
        details: Mapping[str, int] = {"retry_after": wait}
        raise TooMany("Too many attempts. Wait %(minutes)s minutes and try again.", minutes=(wait + 59) // 60,
                      details=details)  # fmt: skip


def count_failure(tx: Tx, buckets: Collection[str]) -> None:
    """One more failure in each of these buckets; what is older than a day is forgotten."""
    now = _window()
    for name in sorted(buckets):
        insert_ignore(tx.session, SignInFailure, bucket=name, window=now, count=0)
        mine = sa.update(SignInFailure).filter_by(bucket=name, window=now)
        tx.session.execute(mine.values(count=SignInFailure.count + 1))
        tx.session.execute(
            sa.delete(SignInFailure).where(
                SignInFailure.bucket == name, SignInFailure.window < now - _REMEMBERED_WINDOWS
            )
        )
