"""Looks in the log, and an attacker who owns the database and takes its guards away first."""

from uuid import UUID, uuid4

import sqlalchemy as sa

from biobank.access.actions import record_look
from biobank.access.models import Purpose
from biobank.actor import Actor
from biobank.columns import guard_statements
from biobank.db import Databases

WHO = Actor(kind="staff", name="Carla Clerk", id=UUID(int=7))


def look(databases: Databases, count: int = 1) -> list[UUID]:
    """Look so often; answers whom at."""
    subjects = [uuid4() for _ in range(count)]
    with databases.transaction(WHO) as tx:
        for subject in subjects:
            record_look(tx, subject_kind="participant", subject_id=subject, purpose=Purpose.VISIT, route="/x",
                        request_id=None)  # fmt: skip
    return subjects


def disarm(databases: Databases, *tables: str) -> None:
    """What an administrator of the database can do: take the guards away."""
    dialect = databases.study.engine.dialect.name
    with databases.study.engine.begin() as connection:
        for table in tables:
            for statement in guard_statements(dialect, table):
                if statement.startswith("CREATE TRIGGER"):
                    on = f" ON {table}" if dialect == "postgresql" else ""
                    connection.exec_driver_sql(f"DROP TRIGGER {statement.split()[2]}{on}")


def change(databases: Databases, *statements: sa.Executable) -> None:
    with databases.study.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
