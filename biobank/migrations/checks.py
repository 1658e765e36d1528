"""Putting a named constraint on a table that may hold rows and guards, in place of one that stands."""

import re

import sqlalchemy as sa
from alembic import op


def put(table: str, name: str, words: str) -> None:
    """Make `words`, such as `CHECK (...)` or `FOREIGN KEY(...) REFERENCES ...`, the constraint of this name.

    SQLite cannot alter constraints: the table is made anew from its own words, with its rows, indexes and triggers
    (twelve steps of https://www.sqlite.org/lang_altertable.html).
    """
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}")
        return
    made = bind.execute(sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"),
                        {"table": table}).all()  # fmt: skip
    create = next(row.sql for row in made if row.type == "table")
    bind.exec_driver_sql(_with(create, table, name, words))
    names = ", ".join(f'"{row[1]}"' for row in bind.exec_driver_sql(f"PRAGMA table_info({table})"))
    bind.exec_driver_sql(f"INSERT INTO {table}_anew ({names}) SELECT {names} FROM {table}")  # noqa: S608
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for row in made:
        if row.type != "table":
            bind.exec_driver_sql(row.sql)


def _with(create: str, table: str, name: str, words: str) -> str:
    """The table's own CREATE under another name, its check of this name replaced, or this constraint added."""
    anew = re.sub(rf'(CREATE TABLE\s+)"?{table}"?', rf"\g<1>{table}_anew", create, count=1)
    constraint = f"CONSTRAINT {name} {words}"
    found = re.search(rf"CONSTRAINT {name} CHECK \(", anew)
    if found is None:
        return anew[: anew.rindex(")")] + f", {constraint})"
    depth, end = 1, found.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(anew[end], 0)
        end += 1
    return anew[: found.start()] + constraint + anew[end:]
