"""What tables are made of: the two bases, column types that read alike on both databases, append-only guards."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from uuid_utils.compat import uuid7

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC with microseconds: text on SQLite, timestamptz on PostgreSQL."""

    impl = sa.String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        stored = sa.DateTime(timezone=True) if dialect.name == "postgresql" else sa.String(32)
        return dialect.type_descriptor(stored)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


class Measure(sa.types.TypeDecorator[Decimal]):
    """A decimal kept digit for digit as text, so that 72.50 stays 72.50 on every database."""

    impl = sa.String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Word(sa.types.TypeDecorator[StrEnum]):
    """A StrEnum kept as its value, with a check constraint named after the column."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__(40)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[StrEnum]) -> sa.CheckConstraint:
    """The check constraint that keeps a column to the values of an enumeration."""
    values = ", ".join(f"'{item.value}'" for item in kind)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


# SQLite stores JSON as text; JSONB would reorder keys, so PostgreSQL keeps plain JSON too.
Json = sa.JSON
uuid_key = Annotated[UUID, mapped_column(sa.Uuid, primary_key=True, default=uuid7)]

_TYPES = {
    datetime: Instant,
    date: sa.Date,
    Decimal: Measure,
    UUID: sa.Uuid,
    dict[str, Any]: Json,
    list[Any]: Json,
}


class Base(DeclarativeBase):
    """Tables of the study database: codes, measurements, custody, money; never a name."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = _TYPES


class VaultBase(DeclarativeBase):
    """Tables of the vault: names, contacts, and the master list that joins a person's codes."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = _TYPES


def new_id() -> UUID:
    """A key for a row: time-ordered (RFC 9562, version 7), for internal use only, never shown as a code."""
    return uuid7()


class fresh_id(sa.sql.functions.GenericFunction[UUID]):  # noqa: N801 - reads as the function that it is
    """What `new_id` answers, made by the database for each row of an INSERT from SELECT."""

    type = sa.Uuid()
    inherit_cache = True


@compiles(fresh_id, "sqlite")
def _fresh_on_sqlite(*_: Any, **__: Any) -> str:
    millis = "printf('%012x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"
    return f"({millis} || '7' || lower(substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2)))"


@compiles(fresh_id, "postgresql")
def _fresh_on_postgresql(*_: Any, **__: Any) -> str:
    millis = "lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')"
    chance = "replace(gen_random_uuid()::text, '-', '')"
    return f"({millis} || '7' || substr({chance}, 1, 3) || '8' || substr({chance}, 18))::uuid"


class the_one(sa.sql.functions.GenericFunction[Any]):  # noqa: N801 - reads as the function that it is
    """The value of an expression in a group that is of one row; of more rows, that of any one of them."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(column, type_=sa.sql.coercions.expect(sa.sql.roles.ExpressionElementRole, column).type)


@compiles(the_one, "sqlite")
def _one_on_sqlite(function: Any, compiler: Any, **words: Any) -> str:
    # Not an aggregate: SQLite takes a bare expression of a group from one of its rows, and MAX costs a comparison.
    return f"({compiler.process(function.clause_expr.element, **words)})"


@compiles(the_one, "postgresql")
def _one_on_postgresql(function: Any, compiler: Any, **words: Any) -> str:
    written = compiler.process(function.clause_expr.element, **words)
    # MAX knows neither keys nor truth values.
    if isinstance(function.type, sa.Boolean):
        return f"bool_and({written})"
    return f"(array_agg({written}))[1]" if isinstance(function.type, sa.Uuid) else f"max({written})"


def guard_statements(dialect: str, table: str) -> list[str]:
    """The SQL that makes the database itself refuse to change or remove rows of this table."""
    refusal = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


def append_only(model: Any) -> Any:
    """Class decorator: rows of this table are never changed or removed, by order of the database."""
    table: sa.Table = model.__table__
    table.info["append_only"] = True

    def guard(target: sa.Table, connection: sa.Connection, **_: Any) -> None:
        for statement in guard_statements(connection.dialect.name, target.name):
            connection.exec_driver_sql(statement)

    sa.event.listen(table, "after_create", guard)
    return model


GuardStatements = Callable[[str], list[str]]
# What else the database itself refuses, by table; answers the SQL for a dialect.
GUARDS: dict[str, list[GuardStatements]] = defaultdict(list)


def guarded(table: sa.Table, statements: GuardStatements) -> None:
    """Make the triggers of `statements` together with this table, and have `biobank db check` look for them."""
    GUARDS[table.name].append(statements)

    def guard(_target: sa.Table, connection: sa.Connection, **_: Any) -> None:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)

    sa.event.listen(table, "after_create", guard)
