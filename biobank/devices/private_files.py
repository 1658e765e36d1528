"""Key files: made once, readable by their owner alone, on the disk before they are used."""

import os
import stat
from pathlib import Path


class KeyFileError(RuntimeError):
    """A key file is missing, readable by others, or already there; the text says what to do."""


def create(path: Path, content: bytes) -> None:
    """Write a new file of mode 0400 and wait until it and its folder's entry are on the disk.

    Raises KeyFileError when the file already exists: a key is never replaced in place.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        raise KeyFileError(f"{path} already exists: keep it, or name another file.") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def read(path: Path) -> bytes:
    """The content; raises KeyFileError when the file is missing or anyone but its owner can read it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and mode & 0o077:
        raise KeyFileError(f"Others can read the key file {path}: run `chmod 400 {path}`.")
    return content


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
