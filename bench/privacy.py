"""The vault among a million people: look-ups, rewrapping every key while the vault is used, and recording a look."""

import itertools
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bench.rows import Row
from biobank import clock, config, db, migrations
from biobank.access.actions import record_look
from biobank.access.models import Purpose
from biobank.actor import Actor
from biobank.db import Databases, Tx
from biobank.demo import rig
from biobank.participants import vault, vault_keys
from biobank.participants.person import Contact, Person, PersonName

PEOPLE = int(os.environ.get("BIOBANK_BENCH_PEOPLE", "1000000"))
ROUNDS, ASKED, BATCH = 5, 40, 10_000
BORN = date(1980, 5, 17)


# Whoever is asked for is found by these columns; the rest of the crowd has random ones of the same size.
_SIZES = {"first_name": 36, "last_name": 38, "born_on": 39, "name_index": 32, "phone_index": 32, "phone_alone": 32}
_PEOPLE_COLUMNS = ("participant_id", "donor_id", "payee_id", "clinic_code", "biobank_code", "finance_code",
                   *_SIZES, "added_at")  # fmt: skip
_KEY_COLUMNS = ("participant_id", "master", "wrapped")
_Rows = list[tuple[object, ...]]


def _crowd(first: int, databases: Databases) -> tuple[_Rows, _Rows]:
    """Rows of the right shape and size: random indexes and sealed bytes, and keys that really open."""
    is_server = databases.vault.engine.dialect.name == "postgresql"
    drawn, now = [uuid4() for _ in range(3 * BATCH)], clock.now()
    ids = [one if is_server else one.hex for one in drawn]
    added = now if is_server else now.isoformat(timespec="microseconds")
    noise, width = secrets.token_bytes(sum(_SIZES.values()) * BATCH), sum(_SIZES.values())
    cuts = list(itertools.accumulate(_SIZES.values(), initial=0))
    people: _Rows = [
        (*ids[3 * n : 3 * n + 3], f"P{first + n:012}", f"B{first + n:012}", f"F{first + n:012}",
         *(noise[n * width + start : n * width + end] for start, end in itertools.pairwise(cuts)), added)
        for n in range(BATCH)
    ]  # fmt: skip
    wrapped = databases.provider.wrap([(secrets.token_bytes(32), vault_keys.place_of(one)) for one in drawn[::3]])
    return people, [(one, key.master, key.body) for one, key in zip(ids[::3], wrapped, strict=True)]


def _load(raw: Any, table: str, columns: tuple[str, ...], rows: _Rows) -> None:
    """Straight into the table: COPY on a server, one prepared statement in a file."""
    names = ", ".join(columns)
    if hasattr(raw, "executescript"):
        raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _fill(databases: Databases) -> list[Person]:
    """A million people, of whom forty are real and asked for."""
    with databases.vault.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        if connection.dialect.name == "sqlite":
            # Random keys touch every page: kept in memory, each is written once, with the one commit.
            connection.exec_driver_sql("PRAGMA cache_size=-1500000")
        raw = connection.connection.driver_connection
        for number in range(0, PEOPLE - ASKED, BATCH):
            people, keys = _crowd(number, databases)
            _load(raw, "person", _PEOPLE_COLUMNS, people)
            _load(raw, "person_key", _KEY_COLUMNS, keys)
        connection.commit()
        if connection.dialect.name == "postgresql":
            raw.autocommit = True
            raw.execute("SET statement_timeout = 0")
            raw.execute("VACUUM ANALYZE")
        connection.detach()
    asked = [
        Person(PersonName("Rosa", f"Quimby{secrets.token_hex(4)}"), BORN, Contact(phone=f"312555{number:04}"))
        for number in range(ASKED)
    ]
    with databases.transaction() as tx:
        for person in asked:
            vault.add_person(tx, person, None)
    return asked


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _row(name: str, goal: str, pairs: list[tuple[float, float]], unit: str = "ms") -> Row:
    ours, limit = (statistics.median(side) for side in zip(*pairs, strict=True))
    runs = [{"ours": a, "limit": b} for a, b in pairs]
    return Row(name, ours, limit, ours / limit, unit, goal, runs=runs)


def _look_ups(databases: Databases, asked: list[Person], database: str) -> Iterator[Row]:
    """The whole of a look-up, from name or phone to the opened person; the limit is the bare indexed query."""
    bare = sa.text("SELECT clinic_code FROM person WHERE participant_id = :one")

    def by_name(tx: Tx, person: Person) -> None:
        (found,) = vault.find(tx, person.name.last, person.born_on)
        vault.person_of(tx, found)

    def by_phone(tx: Tx, person: Person) -> None:
        (found,) = vault.find_by_contact(tx, person.contact)
        vault.person_of(tx, found)

    for words, work in (("last name and birth date", by_name), ("phone", by_phone)):
        pairs = []
        for _ in range(ROUNDS):
            for person in asked:
                with databases.transaction(read_only=True) as tx:
                    ours = _milliseconds(lambda tx=tx, person=person, work=work: work(tx, person))
                with databases.vault.reading() as session:
                    limit = _milliseconds(lambda session=session: session.execute(bare, {"one": uuid4().hex}).all())
                pairs.append((ours, limit))
        yield _row(f"vault look-up by {words} among {PEOPLE:,}, {database}", "< 20 ms", pairs)


def _rewrap(databases: Databases, asked: list[Person], database: str) -> Row:
    """Every key under a new master while people are looked up; the limit opens and wraps them and stores nothing."""
    slowest, stop = [0.0], threading.Event()

    def look_up() -> None:
        while not stop.is_set():
            for person in asked:
                with databases.transaction(read_only=True) as tx:
                    (found,) = vault.find(tx, person.name.last, person.born_on)
                    slowest[0] = max(slowest[0], _milliseconds(lambda tx=tx, one=found: vault.person_of(tx, one)))
                stop.wait(0.05)

    reader = threading.Thread(target=look_up)
    reader.start()
    seconds = _milliseconds(lambda: list(vault_keys.rotate(databases))) / 1000
    stop.set()
    reader.join()
    place = vault_keys.place_of(uuid4())
    wrapped = databases.provider.wrap([(secrets.token_bytes(32), place)] * BATCH)
    pairs = [(key, place) for key in wrapped]
    batch = _milliseconds(lambda: databases.provider.wrap([(key, place) for key in databases.provider.unwrap(pairs)]))
    limit = batch / 1000 * PEOPLE / BATCH
    return Row(f"rewrap {PEOPLE:,} keys online, {database}", seconds, limit, seconds / limit, "s", "< 60 s",
               runs=[{"ours": seconds, "limit": limit, "slowest_look_up_ms": slowest[0]}])  # fmt: skip


def _recording(databases: Databases, database: str) -> Row:
    """What a look costs a page: one committed row; the limit is one committed row of nothing else."""
    with databases.study.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bare (word TEXT)")
    actor = Actor(kind="staff", name="Carla Clerk", id=uuid4())

    def ours() -> None:
        with databases.transaction(actor) as tx:
            record_look(tx, subject_kind="participant", subject_id=uuid4(), purpose=Purpose.VISIT,
                        route="/participants/<uuid:participant_id>", request_id="0" * 32)  # fmt: skip

    def limit() -> None:
        with databases.study.engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO bare VALUES ('x')"))

    ours(), limit()
    pairs = [(_milliseconds(ours), _milliseconds(limit)) for _ in range(200)]
    return _row(f"recording a look before a page, {database}", "adds < 3 ms", pairs)


def rows(*chosen: str) -> Iterator[Row]:
    for database in chosen or ("embedded", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="biobank-bench-") as name, ExitStack() as stack:
            folder = Path(name)
            urls = stack.enter_context(rig.own_postgresql(folder)) if database == "postgresql" else {}
            settings = config.from_environment(
                {"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"), **urls}
            )
            databases = db.connect(settings)
            stack.callback(databases.dispose)
            migrations.upgrade(databases)
            yield _recording(databases, database)
            asked = _fill(databases)
            yield from _look_ups(databases, asked, database)
            yield _rewrap(databases, asked, database)


if __name__ == "__main__":
    for row in rows(*sys.argv[1:]):
        print(row.line(), flush=True)
