"""One agent owns a station's ports and store: a lock on a file that dies with its process."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another agent owns the store; the text names its process."""


class Ownership:
    """Held from construction until `release`, or until the process ends in whatever way."""

    def __init__(self, folder: Path) -> None:
        """Raises AlreadyRunning when another process holds this folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(folder / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise AlreadyRunning(f"Process {owner} already runs this station from {folder}: stop it first.") from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        os.close(self._descriptor)
