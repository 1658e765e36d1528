"""The journal of who left and who was forgotten: a file outside both databases, so that no backup undoes either."""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from biobank import clock
from biobank.db import Databases
from biobank.errors import Conflict

NAME = "departures.journal"


class Departure(StrEnum):
    """What a line of the journal says of somebody."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"


def journal(databases: Databases) -> Path:
    return databases.home / NAME


def _seal_of(databases: Databases, kind: Departure, participant_id: UUID, at: str) -> str:
    text = f"{kind}\x00{participant_id}\x00{at}".encode()
    return hmac.new(databases.keys("tombstones"), text, hashlib.sha256).hexdigest()


def bury(databases: Databases, kind: Departure, participant_id: UUID) -> None:
    """Write down, on the disk before this returns, that somebody left or is forgotten, and is to stay so."""
    at = clock.now().isoformat()
    line = {"kind": kind, "participant": str(participant_id), "at": at,
            "seal": _seal_of(databases, kind, participant_id, at)}  # fmt: skip
    path = journal(databases)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, (_mend(path) + json.dumps(line) + "\n").encode())
        os.fsync(file)
    finally:
        os.close(file)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _mend(path: Path) -> str:
    """What ends a line that a crash cut short, so that the next one begins on its own."""
    content = path.read_bytes()
    return "" if not content or content.endswith(b"\n") else "\n"


def buried(databases: Databases, path: Path) -> Iterator[tuple[Departure, UUID]]:
    """Every line of a journal. Raises `Conflict` naming a line that is not ours."""
    if not path.exists():
        return
    lines = path.read_text().split("\n")
    # A crash may have cut the last line short; what it was to say did not come to be, and is asked for again.
    for number, text in enumerate(lines[:-1], start=1):
        if text.endswith("}"):
            yield _read(databases, path, number, text)


def _read(databases: Databases, path: Path, number: int, text: str) -> tuple[Departure, UUID]:
    try:
        line = json.loads(text)
        kind, participant_id = Departure(line["kind"]), UUID(line["participant"])
        if hmac.compare_digest(line["seal"], _seal_of(databases, kind, participant_id, line["at"])):
            return kind, participant_id
    except (ValueError, KeyError, TypeError):
        pass
    raise Conflict("Line %(number)s of %(file)s was not written by this service. Find out who did before you go on.",
                   number=number, file=path.name)  # fmt: skip
