"""Copies of a PostgreSQL database with its own programmes: pg_dump and pg_restore (custom format)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import sqlalchemy as sa

from biobank.backups import sealed_stream
from biobank.db import EVERY_SITE
from biobank.errors import Conflict


def _programme(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Conflict("%(name)s is not installed on this machine. Install PostgreSQL's client programmes "
                       "(postgresql-client) of the server's version, and run this again.",
                       code="no-client", name=name)  # fmt: skip
    return found


def _address(url: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the environment that carries it: arguments can be read by everybody."""
    made = sa.make_url(url).set(drivername="postgresql")
    password = made.password
    text = made.set(password=None).render_as_string(hide_password=False)
    return text, dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})


def dump(url: str, target: Path, key: bytes) -> None:
    """Dump a database, encrypted as it comes, in one snapshot."""
    address, environment = _address(url)
    # The owner too is kept to what it names (`migrations.walls`): a copy is of every site.
    environment["PGOPTIONS"] = f"-c app.site={EVERY_SITE}"
    command = [_programme("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--enable-row-security",
               f"--dbname={address}"]  # fmt: skip
    with (
        target.open("wb") as file,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        sealed_stream.write(key, sealed_stream.chunks_of(cast(BinaryIO, process.stdout)), file)
        words = cast(BinaryIO, process.stderr).read().decode(errors="replace")
    if process.returncode:
        raise _failed("pg_dump", words)


def load(url: str, source: Path, key: bytes) -> None:
    """Load a dump into an empty database, whole or not at all."""
    address, environment = _address(url)
    command = [_programme("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
               f"--dbname={address}"]  # fmt: skip
    with (
        source.open("rb") as file,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        takes = cast(BinaryIO, process.stdin)
        try:
            for chunk in sealed_stream.read(key, file):
                takes.write(chunk)
            takes.close()
        except BrokenPipeError:
            pass  # what it has to say stands below
        except BaseException:
            process.kill()
            raise
        words = cast(BinaryIO, process.stderr).read().decode(errors="replace")
    if process.returncode:
        raise _failed("pg_restore", words)


def _failed(name: str, words: str) -> Conflict:
    said = words.strip().splitlines() or ["no reason given"]
    return Conflict("%(name)s failed: %(words)s", code="backup-failed", name=name, words=said[-1][:300])


@contextmanager
def administering(url: str) -> Iterator[sa.Connection]:
    """A connection to the server beside the database, for statements that no transaction may hold."""
    made = sa.make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = sa.create_engine(made, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def quoted(name: str) -> str:
    """An identifier as PostgreSQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def require_unused(url: str) -> None:
    """Refuse while anybody is connected to the database."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %(name)s"
    with administering(url) as connection:
        if connection.exec_driver_sql(query, {"name": sa.make_url(url).database}).scalar():
            raise in_use()


def in_use() -> Conflict:
    return Conflict("The service is running. Stop `biobank serve` and `biobank worker`, then restore.", code="in-use")


def create(url: str, name: str) -> str:
    """Make an empty UTF-8 database beside this one; answers its address."""
    with administering(url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(name)}")
        connection.exec_driver_sql(f"CREATE DATABASE {quoted(name)} ENCODING 'UTF8' TEMPLATE template0")
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def drop(url: str, name: str) -> None:
    with administering(url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def swap(url: str, restored: str, aside: str) -> None:
    """Put the restored database in the place of this one, which is kept under the name `aside`."""
    live = str(sa.make_url(url).database)
    with administering(url) as connection:
        try:
            connection.exec_driver_sql(f"ALTER DATABASE {quoted(live)} RENAME TO {quoted(aside)}")
        except sa.exc.OperationalError as problem:
            raise in_use() from problem
        connection.exec_driver_sql(f"ALTER DATABASE {quoted(restored)} RENAME TO {quoted(live)}")
