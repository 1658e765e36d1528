"""A sealed log as one file, and its verification without the programme's databases or keys: the public key suffices."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from biobank.actor import SYSTEM
from biobank.audit import checkpoint
from biobank.audit.chain import Cells, Seal
from biobank.audit.judging import Judge
from biobank.audit.sealing import signer_of
from biobank.audit.verifying import LiveRows, Report, judged, seals_of
from biobank.db import Databases
from biobank.errors import Invalid

FORMAT = "biobank-sealed-log/1"
_ZERO = "0" * 32


def export(databases: Databases, path: Path) -> int:
    """Write every seal with the rows of its range, one JSON object a line; answers the number of seals."""
    high: dict[str, str] = {}
    count = 0
    with databases.transaction(SYSTEM, read_only=True) as tx, path.open("x", encoding="utf-8") as file:
        rows_of = LiveRows(tx)
        file.write(json.dumps({"format": FORMAT, "public": signer_of(databases).public.hex()}) + "\n")
        for seal in seals_of(tx):
            count += 1
            former = high.get(seal.table, _ZERO)
            rows = rows_of(seal, None if seal.low <= former else former) if seal.count else []
            high[seal.table] = max(former, seal.high)
            body = asdict(seal) | {"members": seal.members.hex(), "signature": seal.signature.hex()}
            file.write(json.dumps({"seal": body, "rows": [list(cells) for cells in rows]}, ensure_ascii=False) + "\n")
    return count


def verify_file(path: Path, public: bytes, *checkpoints: Path) -> Report:
    """Verify an exported log against a public key that came by another way, and checkpoints kept elsewhere.

    Raises `Invalid` for a file that is no such log.
    """
    noted = [one for other in checkpoints for one in checkpoint.read(other, public)]
    rows: dict[int, Sequence[Cells]] = {}
    judge = Judge(public, lambda seal, _above: rows.pop(seal.number, []))
    return judged(judge, _seals(path, rows), noted, "f" * 32)


def _seals(path: Path, rows: dict[int, Sequence[Cells]]) -> Iterator[Seal]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file):
            line = _object(text, number)
            if number == 0 and line.get("format") != FORMAT:
                raise Invalid("This is no sealed log. Make one with `biobank audit export FILE`.")
            if number:
                seal = _seal(line, number)
                rows[seal.number] = line["rows"]
                yield seal


def _object(text: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("Line %(number)s is not part of a sealed log.", number=number + 1)
    return found


def _seal(line: dict[str, Any], number: int) -> Seal:
    try:
        body = line["seal"]
        return Seal(
            **(body | {"members": bytes.fromhex(body["members"]), "signature": bytes.fromhex(body["signature"])})
        )
    except (KeyError, TypeError, ValueError):
        raise Invalid("Line %(number)s is not part of a sealed log.", number=number + 1) from None
