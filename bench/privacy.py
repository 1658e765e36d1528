"""The vault among a million people: look-ups, rewrapping every key while the vault is used, and recording a look."""

import os
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
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
from biobank.participants.vault_models import PersonKey, VaultPerson

PEOPLE = int(os.environ.get("BIOBANK_BENCH_PEOPLE", "1000000"))
ROUNDS, ASKED, BATCH = 5, 40, 10_000
BORN = date(1980, 5, 17)
_PEOPLE, _KEYS = VaultPerson.__table__, PersonKey.__table__


def _crowd(number: int, databases: Databases) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Rows of the right shape and size: random indexes and sealed bytes, and keys that really open."""
    ids = [uuid4() for _ in range(BATCH)]
    wrapped = databases.provider.wrap([(secrets.token_bytes(32), vault_keys.place_of(one)) for one in ids])
    people = [{
        "participant_id": one, "donor_id": uuid4(), "payee_id": uuid4(), "clinic_code": f"P{number + n:012}",
        "biobank_code": f"B{number + n:012}", "finance_code": f"F{number + n:012}",
        "first_name": secrets.token_bytes(36), "last_name": secrets.token_bytes(38),
        "born_on": secrets.token_bytes(39), "name_index": secrets.token_bytes(32),
        "phone_index": secrets.token_bytes(32), "phone_alone": secrets.token_bytes(32), "added_at": clock.now(),
    } for n, one in enumerate(ids)]  # fmt: skip
    keys = [{"participant_id": one, "master": key.master, "wrapped": key.body}
            for one, key in zip(ids, wrapped, strict=True)]  # fmt: skip
    return people, keys


def _fill(databases: Databases) -> list[Person]:
    """A million people, of whom forty are real and asked for."""
    with databases.vault.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Random keys touch every page: kept in memory, each is written once, with the one commit.
            connection.exec_driver_sql("PRAGMA cache_size=-2000000")
        for number in range(0, PEOPLE - ASKED, BATCH):
            people, keys = _crowd(number, databases)
            connection.execute(sa.insert(_PEOPLE), people)
            connection.execute(sa.insert(_KEYS), keys)
        connection.commit()
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


def rows() -> Iterator[Row]:
    for database in ("embedded", "postgresql"):
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
