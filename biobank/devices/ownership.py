"""One agent owns a station's ports and store: a lock on a file that dies with its process, on any system."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another agent owns the store; the text names its process."""


class Ownership:
    """Held from construction until `release`, or until the process ends in whatever way."""

    def __init__(self, folder: Path) -> None:
        """Raises AlreadyRunning when another process holds this folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = folder / "agent.pid"
        # SQLite locks a file on every system, and the lock ends with its process however that ends.
        self._lock = sqlite3.connect(folder / "agent.lock", isolation_level=None, timeout=0, check_same_thread=False)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            self._lock.close()
            owner = told.read_text(encoding="ascii").strip() if told.exists() else "unknown"
            raise AlreadyRunning(f"Process {owner} already runs this station from {folder}: stop it first.") from error
        told.write_text(f"{os.getpid()}\n", encoding="ascii")

    def release(self) -> None:
        with suppress(sqlite3.Error):
            self._lock.execute("ROLLBACK")
        self._lock.close()
