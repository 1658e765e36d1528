"""Where the chain of seals stood, signed, in a file outside the databases: what a cut or an old copy is found by."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from biobank.audit.chain import Seal, Signer, is_signed
from biobank.errors import Conflict

NAME = "seals.checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One signed line: at this time seal `number` of this epoch was the newest, and this was its link."""

    epoch: int
    number: int
    link: str
    at: str

    @property
    def day(self) -> str:
        return self.at[:10]


def write(path: Path, seal: Seal, signer: Signer) -> None:
    """Note the newest seal, on the disk before this returns. The last line of every day and epoch stays."""
    kept = [one for one in read(path, signer.public) if (one.day, one.epoch) != (seal.at[:10], seal.epoch)]
    lines = [_line(one, signer) for one in [*kept, Checkpoint(seal.epoch, seal.number, seal.link, seal.at)]]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.writelines(line + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _line(one: Checkpoint, signer: Signer) -> str:
    body = asdict(one)
    return json.dumps(body | {"signature": signer.sign(body)})


def read(path: Path, public: bytes) -> list[Checkpoint]:
    """Every line of a checkpoint file, the oldest first. Raises `Conflict` naming a line that is not ours."""
    if not path.exists():
        return []
    return [_checked(path, number, text, public) for number, text in _lines(path)]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        if text.strip():
            yield number, text


def _checked(path: Path, number: int, text: str, public: bytes) -> Checkpoint:
    try:
        body: dict[str, Any] = json.loads(text)
        signature = bytes.fromhex(body.pop("signature"))
        if is_signed(public, body, signature):
            return Checkpoint(**body)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise Conflict("Line %(number)s of %(file)s was not written by this service. Find out who did before you go on.",
                   number=number, file=path.name)  # fmt: skip
