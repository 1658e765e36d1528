"""Rows by the thousand into the table of stored samples.

A million rows go in by the driver's own way, COPY on PostgreSQL and one prepared statement on the embedded database:
through the ORM they would take ten times as long.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from biobank.specimens.inventory.rows import Sample

_COPY = (
    "COPY stored_sample (sample_id, parent_id, confirmed_at, external_id, order_code, test, created_at, status,"
    " disposed_at, family_id, more, file_id) FROM STDIN"
)
_INSERT = (
    "INSERT INTO stored_sample (sample_id, parent_id, confirmed_at, external_id, order_code, test, created_at, status,"
    " disposed_at, family_id, more, file_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def add(session: Session, samples: Sequence[Sample], file_id: UUID) -> None:
    """Add samples that the table does not have yet."""
    if not samples:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_INSERT, [(*sample, file_id.hex) for sample in samples])
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write("".join(map(_line, samples, [str(file_id)] * len(samples))))


def _line(sample: Sample, file_id: str) -> str:
    """One line of PostgreSQL's text format (its manual, COPY)."""
    line = "\x00".join("\x01" if cell is None else cell for cell in sample)
    if "\\" in line or "\t" in line or "\n" in line or "\r" in line:
        line = line.translate(_ESCAPES)
    return line.replace("\x01", "\\N").replace("\x00", "\t") + f"\t{file_id}\n"
