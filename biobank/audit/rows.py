"""Rows of the sealed tables as cells that are the same text on every database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from biobank import migrations
from biobank.audit.chain import Cells
from biobank.columns import Instant

# Seals and alarms watch the others: the chain itself guards the seals.
_NOT_SEALED = ("audit_seal", "audit_alarm")
_INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
Expression = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]

_POSTGRESQL: Mapping[type, Expression] = {
    sa.Uuid: lambda column: sa.func.replace(sa.cast(column, sa.Text), "-", ""),
    Instant: lambda column: sa.func.to_char(sa.func.timezone("UTC", column), _INSTANT),
    sa.JSON: lambda column: sa.cast(column, sa.Text),
    sa.Date: lambda column: sa.cast(column, sa.Text),
    sa.Boolean: lambda column: sa.cast(column, sa.Integer),
    sa.LargeBinary: lambda column: sa.func.encode(column, "hex"),
}
_SQLITE: Mapping[type, Expression] = {
    sa.LargeBinary: lambda column: sa.func.lower(sa.func.hex(column)),
    sa.Boolean: lambda column: sa.cast(column, sa.Integer),
}


@dataclass(frozen=True)
class Table:
    """One sealed table: its key, and whether its keys rise with time (RFC 9562, version 7)."""

    name: str
    table: sa.Table
    key: sa.Column[UUID]
    is_rising: bool

    @property
    def columns(self) -> list[str]:
        rest = sorted(column.name for column in self.table.columns if column is not self.key)
        return [self.key.name, *rest]


@cache
def sealed_tables() -> tuple[Table, ...]:
    """Every append-only table of the study whose key is one identifier, by name."""
    return tuple(
        Table(table.name, table, cast("sa.Column[UUID]", key), key.name == "id")
        for table in sorted(migrations.metadata("study").tables.values(), key=lambda one: one.name)
        if table.info.get("append_only") and table.name not in _NOT_SEALED
        for key in [next(iter(table.primary_key.columns))]
        if len(table.primary_key.columns) == 1 and isinstance(key.type, sa.Uuid)
    )


def _as_text(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    ways = _POSTGRESQL if dialect == "postgresql" else _SQLITE
    for kind, way in ways.items():
        if isinstance(column.type, kind):
            return way(column)
    # The driver's own value: no result processor may touch it.
    return sa.type_coerce(column, sa.types.NullType())


def select_cells(table: Table, names: Sequence[str], dialect: str) -> sa.Select[Any]:
    """A query whose raw rows are `Cells`, the key first."""
    found = [_as_text(table.table.c[name], dialect).label(name) for name in names]
    return sa.select(*found).order_by(table.key)


def fetch(session: Any, query: sa.Select[Any]) -> list[Cells]:
    """The driver's own tuples: a million rows want no objects made of them."""
    result = session.connection().execute(query)
    return cast("list[Cells]", result.cursor.fetchall())


def time_ordered(moment: datetime) -> UUID:
    """The least key of version 7 that is drawn at this moment."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)
