"""Access against the clock: whose data somebody touched, what a look costs, and what sign-in gives away by its time."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from bench.rows import ROUNDS, Row
from biobank import db, migrations
from biobank.access import actions, passwords, watch
from biobank.access.models import Look, Purpose, SiteKind, Staff, StaffRole
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.errors import Refused

# 10,000,000 is the programme's; a short run makes fewer.
LOOKS = int(os.environ.get("BIOBANK_BENCH_LOOKS", "200000"))
ACTORS, BATCH = 200, 20_000
# 2,000 of each kind are the promise's (`make names`); every try hashes a password.
TRIES = int(os.environ.get("BIOBANK_BENCH_TRIES", "200"))
_START = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def _opened() -> Iterator[tuple[Databases, Settings]]:
    with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name:
        settings = Settings(profile=Profile.DEMO, home=Path(name), cookie_secure=False)
        databases = db.connect(settings)
        migrations.upgrade(databases)
        yield databases, settings
        databases.dispose()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill(databases: Databases, actors: list[UUID]) -> None:
    for first in range(0, LOOKS, BATCH):
        rows = [
            {"id": new_id(), "at": _START + timedelta(seconds=number), "actor_kind": "staff",
             "actor_id": actors[number % ACTORS], "actor_name": "Ann", "site_id": None, "subject_kind": "participant",
             "subject_id": UUID(int=number % 1_000_003), "purpose": Purpose.VISIT, "route": "/x", "request_id": None}
            for number in range(first, min(first + BATCH, LOOKS))
        ]  # fmt: skip
        with databases.transaction() as tx:
            tx.session.execute(sa.insert(Look), rows)


def _touched(databases: Databases, actors: list[UUID]) -> Row:
    """One person's day of 86,400 seconds among everybody's; the limit is the bare count over the same index."""
    until = _START + timedelta(days=1)

    def ours() -> None:
        with databases.transaction(read_only=True) as tx:
            watch.touched(tx, actors[7], _START, until)

    def limit() -> None:
        query = sa.select(sa.func.count()).where(Look.actor_id == actors[7], Look.at >= _START, Look.at < until)
        with databases.study.engine.connect() as connection:
            connection.execute(query).scalar()

    runs = [{"ours": _seconds(ours), "limit": _seconds(limit)} for _ in range(ROUNDS)]
    mine, bare = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row(f"whose data somebody touched in a day, {LOOKS:,} looks, embedded", mine, bare, mine / bare, "s",
               "<= 30 s among 10,000,000", runs=runs)  # fmt: skip


def _look(databases: Databases, actors: list[UUID]) -> Row:
    """A look written and watched, in milliseconds; the limit is an empty transaction that writes one row."""
    actor = Actor(kind="staff", id=actors[3], name="Ann", roles=frozenset({Role.CLINIC}))

    def write(*, watched: bool) -> None:
        with databases.transaction(actor) as tx:
            actions.record_look(tx, subject_kind="participant", subject_id=uuid4(), purpose=Purpose.VISIT, route="/x",
                                request_id=None)  # fmt: skip
            if watched:
                watch.watch(tx)

    def batch(*, watched: bool) -> float:
        return statistics.median(_seconds(lambda: write(watched=watched)) for _ in range(40)) * 1000

    runs = [{"ours": batch(watched=True), "limit": batch(watched=False)} for _ in range(ROUNDS)]
    mine, bare = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
    return Row("a look recorded and watched, embedded", mine, bare, mine / bare, "ms", "<= 3 ms", runs=runs)


def _given_away(databases: Databases, settings: Settings) -> Row:
    """How well the time of a refusal tells a real name from none: 0.5 is not at all (area under the curve)."""

    def attempt(name: str) -> float:
        def try_it() -> None:
            with suppress(Refused):
                actions.sign_in(databases, settings, username=name, password="a wrong one", address=uuid4().hex)

        return _seconds(try_it)

    pairs = [(attempt(f"person{number // 8}"), attempt(f"nobody{number // 8}")) for number in range(TRIES)]
    real, none = zip(*pairs, strict=True)
    above = sum((a > b) + (a == b) / 2 for a in real for b in none) / (len(real) * len(none))
    area = max(above, 1 - above)
    return Row(f"real names told from none by time, {TRIES} tries each, embedded", area, 0.5, area / 0.5, "area",
               "<= 0.55", runs=[{"ours": area, "limit": 0.5}])  # fmt: skip


def _people(databases: Databases) -> list[UUID]:
    hashed, found = passwords.make_hash("correct horse battery"), []
    with databases.transaction() as tx:
        site = actions.add_site(tx, code="CHI", name="Chicago", kind=SiteKind.CLINIC, zone="America/Chicago")
        for number in range(max(ACTORS, TRIES // 8 + 1)):
            staff = Staff(username=f"person{number}", display_name="Ann", password_hash=hashed, site_id=site.id,
                          created_at=_START, roles=[StaffRole(role=Role.CLINIC)])  # fmt: skip
            tx.session.add(staff)
            tx.session.flush()
            found.append(staff.id)
    return found


def rows() -> Iterator[Row]:
    """Whose data was touched, what a look costs, what sign-in gives away."""
    with _opened() as (databases, settings):
        actors = _people(databases)
        yield _given_away(databases, settings)
        yield _look(databases, actors)
        _fill(databases, actors)
        yield _touched(databases, actors)


def names() -> Iterator[Row]:
    """What sign-in gives away, alone."""
    with _opened() as (databases, settings):
        _people(databases)
        yield _given_away(databases, settings)


if __name__ == "__main__":
    for row in names() if "names" in sys.argv else rows():
        print(row.line(), flush=True)
