"""The station's own store: readings wait here, encrypted and on the disk, until the server has acknowledged them."""

import json
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from biobank import clock
from biobank.devices import private_files
from biobank.devices.private_files import KeyFileError

_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outgoing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    refusal TEXT
) STRICT
"""
_INSERT = "INSERT INTO outgoing (body) VALUES (?)"


class SpoolError(RuntimeError):
    """The store cannot be opened or written; the text says what to do, and nothing kept is touched."""


@dataclass(frozen=True)
class Refused:
    """A reading the server will not take, kept with its reason."""

    seq: int
    reason: str
    body: Mapping[str, Any]


class Spool:
    """A durable queue numbered by `seq`, which never repeats for a station.

    Every write is on the disk (write-ahead log, synchronous FULL) before the call returns. A store that is made anew
    begins above any number an older one can have reached: at the seconds since 2025, which readings do not outrun.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the store in a folder; raises SpoolError or KeyFileError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = _open(folder / "spool.sqlite", folder / "spool.key")

    def append(self, body: Mapping[str, Any]) -> int:
        """Keep one reading or scan and return its number; raises SpoolError when the disk will not take it."""
        return self.append_all([body])[0]

    def append_all(self, bodies: Iterable[Mapping[str, Any]]) -> list[int]:
        """Keep all of these in one write to the disk, or none; their numbers in order. Raises SpoolError."""
        texts = [json.dumps(body) for body in bodies]
        with self._write() as connection:
            return [int(connection.execute(_INSERT, (text,)).lastrowid) for text in texts]

    def waiting(self, limit: int) -> list[dict[str, Any]]:
        """The oldest bodies not yet acknowledged, each with its `seq`."""
        rows = self._read("SELECT seq, body FROM outgoing WHERE refusal IS NULL ORDER BY seq LIMIT ?", limit)
        return [{"seq": seq, **json.loads(body)} for seq, body in rows]

    def count(self) -> int:
        """How many still wait to be delivered."""
        return int(self._read("SELECT count(*) FROM outgoing WHERE refusal IS NULL")[0][0])

    def acknowledge(self, seqs: Iterable[int]) -> None:
        """The server has these for good: they leave the store."""
        with self._write() as connection:
            connection.executemany("DELETE FROM outgoing WHERE seq = ?", [(seq,) for seq in seqs])

    def park(self, seq: int, reason: str) -> None:
        """Keep a reading the server refuses, out of the way of the others."""
        with self._write() as connection:
            connection.execute("UPDATE outgoing SET refusal = ? WHERE seq = ?", (reason, seq))

    def refused(self) -> list[Refused]:
        """Every parked reading with the server's reason, oldest first."""
        rows = self._read("SELECT seq, refusal, body FROM outgoing WHERE refusal IS NOT NULL ORDER BY seq")
        return [Refused(seq, reason, json.loads(body)) for seq, reason, body in rows]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return list(self._connection.execute(statement, values).fetchall())
            except dbapi2.Error as error:
                raise SpoolError(f"The station's store cannot be read ({error}): check the disk.") from error

    @contextmanager
    def _write(self) -> Iterator[Any]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except dbapi2.Error as error:
                self._roll_back()
                raise SpoolError(f"The station's store cannot be written ({error}): free disk space.") from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        # A full disk may have ended the transaction already, and a closed store has none.
        with suppress(dbapi2.Error):
            self._connection.execute("ROLLBACK")


def _open(file: Path, key_file: Path) -> Any:
    connection = dbapi2.connect(str(file), isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute(f"PRAGMA key = \"x'{_key(file, key_file)}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        _prepare(connection)
    except dbapi2.Error as error:
        connection.close()
        raise SpoolError(
            f"{file} cannot be opened with {key_file.name} ({error}): keep both files and ask for help."
        ) from error
    except KeyFileError:
        connection.close()
        raise
    return connection


def _key(file: Path, key_file: Path) -> str:
    """The raw 256-bit key in hex, made beside an empty store; raises KeyFileError when a full one has lost its key."""
    if not key_file.exists():
        if file.exists() and file.stat().st_size:
            raise KeyFileError(f"{file} is locked and its key {key_file} is gone: put the key file back.")
        private_files.create(key_file, secrets.token_hex(32).encode("ascii"))
    text = private_files.read(key_file).decode("ascii", "replace").strip()
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise KeyFileError(f"{key_file} does not hold a key: put the right file back.")
    return text


def _prepare(connection: Any) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_SCHEMA)
    if connection.execute("SELECT count(*) FROM sqlite_sequence WHERE name = 'outgoing'").fetchone()[0] == 0:
        first = int((clock.now() - _EPOCH).total_seconds())
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('outgoing', ?)", (first,))
    connection.execute("COMMIT")
