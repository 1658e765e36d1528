"""Copies of an embedded database: taken page by page while it is in use, under its own key."""

from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from biobank.errors import Conflict

_PAGES = 256


def _open(path: Path, key: bytes) -> Any:
    connection = sqlcipher.connect(str(path), timeout=5, isolation_level=None)
    if key:
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


def copy(source: Path, target: Path, key: bytes) -> None:
    """Copy a live file, whatever is being written meanwhile, into one whole file without a journal beside it."""
    live, made = _open(source, key), _open(target, key)
    try:
        live.backup(made, pages=_PAGES)
        made.execute("PRAGMA journal_mode=DELETE")
    finally:
        made.close()
        live.close()


def require_sound(path: Path, key: bytes) -> None:
    """Refuse a file that does not open under the key, or whose pages are not what was written."""
    connection = _open(path, key)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlcipher.DatabaseError as problem:
        raise _damaged(path) from problem
    finally:
        connection.close()
    if found != [("ok",)]:
        raise _damaged(path)


def _damaged(path: Path) -> Conflict:
    return Conflict("%(file)s is damaged, or was made with another key. Take another backup, or bring its keys.",
                    code="backup-damaged", file=path.name)  # fmt: skip


def require_unused(path: Path, key: bytes) -> None:
    """Refuse while a service has the file open."""
    if not path.exists():
        return
    connection = _open(path, key)
    try:
        connection.execute("PRAGMA busy_timeout=200")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlcipher.OperationalError as problem:
        raise Conflict("The service is running. Stop `biobank serve` and `biobank worker`, then restore.",
                       code="in-use") from problem  # fmt: skip
    finally:
        connection.close()
