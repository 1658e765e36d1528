"""Migrations of the two databases: numbered, forward only, and proven to agree with the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from biobank.columns import GUARDS, Base, VaultBase, guard_statements
from biobank.db import EVERY_SITE, Database, Databases
from biobank.migrations import walls

_HERE = Path(__file__).parent
_MODELS = (
    "biobank.access.models",
    "biobank.access.approval_models",
    "biobank.access.factor_models",
    "biobank.access.watch_models",
    "biobank.access.denial_models",
    "biobank.audit.models",
    "biobank.access.security_models",
    "biobank.access.signature_models",
    "biobank.web.idempotency",
    "biobank.printing.models",
    "biobank.stations.models",
    "biobank.stations.device_models",
    "biobank.participants.models",
    "biobank.participants.vault_models",
    "biobank.visits.models",
    "biobank.measurements.models",
    "biobank.specimens.models",
    "biobank.payments.models",
)


def metadata(name: str) -> sa.MetaData:
    """The tables that the models describe, for `study` or `vault`."""
    for module in _MODELS:
        import_module(module)
    return (Base if name == "study" else VaultBase).metadata


def config(name: str, connection: sa.Connection | None = None) -> Config:
    """Alembic's settings for one of the databases."""
    made = Config()
    made.set_main_option("script_location", str(_HERE / name))
    made.set_main_option("path_separator", "os")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    made.attributes["metadata"] = metadata(name)
    return made


def _both(databases: Databases) -> Iterator[tuple[str, Database]]:
    yield "study", databases.study
    yield "vault", databases.vault


@contextmanager
def _connection(database: Database) -> Iterator[sa.Connection]:
    # A migration may take longer than a request is allowed to.
    with database.engine.connect() as connection:
        _hold_foreign_keys(connection, hold=True)
        try:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET statement_timeout = 0")
                connection.exec_driver_sql(f"SET app.site = '{EVERY_SITE}'")
                connection.commit()
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("RESET statement_timeout")
                connection.exec_driver_sql("RESET app.site")
                connection.commit()
            _hold_foreign_keys(connection, hold=False)


def _hold_foreign_keys(connection: sa.Connection, *, hold: bool) -> None:
    """SQLite changes a check by making the table anew, while which nothing may refer to it (its manual, ALTER TABLE)."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.execute(f"PRAGMA foreign_keys={'OFF' if hold else 'ON'}")


def upgrade(databases: Databases) -> None:
    """Bring both databases to the newest schema."""
    for name, database in _both(databases):
        with _connection(database) as connection:
            command.upgrade(config(name, connection), "head")


def pending(databases: Databases) -> str | None:
    """None when both databases are at the newest schema; otherwise what to do."""
    for name, database in _both(databases):
        head = ScriptDirectory.from_config(config(name)).get_current_head()
        with database.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        if found != head:
            return (
                f"The {name} database is at {found or 'nothing'}, the program wants {head}: run `biobank db upgrade`."
            )
    return None


def _guards(connection: sa.Connection) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.execute(sa.text(query)).scalars())


def _expected_guards(tables: sa.MetaData, dialect: str) -> set[str]:
    statements = [
        statement
        for table in tables.tables.values()
        if table.info.get("append_only")
        for statement in guard_statements(dialect, table.name)
    ]
    statements += [text for table in tables.tables for build in GUARDS.get(table, ()) for text in build(dialect)]
    return {statement.split()[2] for statement in statements if statement.startswith("CREATE TRIGGER")}


def _checks(inspector: Any, tables: sa.MetaData) -> Iterator[str]:
    for table in tables.tables.values():
        wanted = {str(item.name) for item in table.constraints if isinstance(item, sa.CheckConstraint)}
        found = {item["name"] for item in inspector.get_check_constraints(table.name)}
        if wanted != found:
            yield f"{table.name}: check constraints differ: {sorted(wanted ^ found)}"


def _differences(name: str, connection: sa.Connection) -> list[str]:
    tables = metadata(name)
    context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": tables})
    found = [f"{name}: {item}" for item in compare_metadata(context, tables)]
    found += [f"{name}: {words}" for words in _checks(sa.inspect(connection), tables)]
    wanted = _expected_guards(tables, connection.dialect.name)
    if wanted != _guards(connection):
        found.append(f"{name}: append-only guards differ: {sorted(wanted ^ _guards(connection))}")
    if name == "study" and connection.dialect.name == "postgresql" and walls.missing(connection):
        found.append(f"{name}: row-level security is missing: {walls.missing(connection)}")
    return found


def check(databases: Databases) -> list[str]:
    """Where migrations and models disagree: tables, columns, keys, indexes, checks, append-only guards."""
    found: list[str] = []
    for name, database in _both(databases):
        with database.engine.connect() as connection:
            found += _differences(name, connection)
    return found
