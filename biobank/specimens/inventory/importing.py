"""Reading an inventory file: streamed, checked, kept in one transaction; the same file twice is one file."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.specimens.inventory import staging
from biobank.specimens.inventory.models import InventoryFile, InventoryRefusal, SampleChange, StoredSample
from biobank.specimens.inventory.rows import Reader, Sample
from biobank.specimens.inventory.seen import Seen

BATCH = 10_000
MOST_REASONS = 1000
# Called after each batch with the rows read and the part of the file that is done.
Progress = Callable[[int, float], None]
_FIELDS = ("sample_id", "parent_id", "confirmed_at", "external_id", "order_code", "test", "created_at", "status",
           "disposed_at", "family_id", "more")  # fmt: skip
_TIMES = ("confirmed_at", "created_at", "disposed_at")


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file; `is_new` is false for one that was read before."""

    file: InventoryFile
    is_new: bool


def import_inventory(
    tx: Tx, path: Path, *, name: str | None = None, strict: bool = False, progress: Progress | None = None
) -> Imported:
    """Read a file of stored samples.

    Raises Invalid, taking nothing, for a missing column, another delimiter, bytes that are not UTF-8, or a file
    without a good row; with `strict` also for a single bad row. Else a bad row is kept with its number and its reason.
    """
    digest = _digest(path)
    before = tx.session.scalar(sa.select(InventoryFile).filter_by(sha256=digest))
    if before is not None:
        return Imported(before, is_new=False)
    run = _Run(tx, new_id(), is_first=tx.session.scalar(sa.select(StoredSample.sample_id).limit(1)) is None)
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            run.take(text, path.stat().st_size, progress)
    except UnicodeDecodeError as problem:
        raise Invalid("The file is not UTF-8 text. Export it again.", code="not-text") from problem
    _require_good(run, strict=strict)
    kept = InventoryFile(
        id=run.file_id, sha256=digest, name=(name or path.name)[:120], rows=run.rows, added=run.added,
        changed=run.changed, refused=run.refused, imported_at=clock.now(), imported_by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(kept)
    tx.session.add_all(InventoryRefusal(file_id=run.file_id, row=row, reason=why[:200]) for row, why in run.reasons)
    tx.session.flush()
    return Imported(kept, is_new=True)


def refusals(tx: Tx, file_id: UUID) -> Sequence[InventoryRefusal]:
    """The rows that were not taken, in the order of the file; at most a thousand are kept with their reasons."""
    return tx.session.scalars(
        sa.select(InventoryRefusal).filter_by(file_id=file_id).order_by(InventoryRefusal.row)
    ).all()


def files(tx: Tx) -> Sequence[InventoryFile]:
    """The files that were read, newest first."""
    return tx.session.scalars(sa.select(InventoryFile).order_by(InventoryFile.id.desc()).limit(50)).all()


class _Run:
    """One file on its way in."""

    def __init__(self, tx: Tx, file_id: UUID, *, is_first: bool) -> None:
        self.tx, self.file_id, self.is_first = tx, file_id, is_first
        self.rows = self.added = self.changed = self.refused = 0
        self.reasons: list[tuple[int, str]] = []
        self._seen = Seen()

    def take(self, text: Any, size: int, progress: Progress | None) -> None:
        reader = Reader(next(text, "").rstrip("\r\n").split("\t"))
        while batch := list(islice(text, BATCH)):
            self._keep(list(self._good(reader, batch)))
            self.rows += len(batch)
            if progress is not None:
                progress(self.rows, min(1.0, text.buffer.tell() / max(size, 1)))

    def _good(self, reader: Reader, batch: Sequence[str]) -> Iterator[tuple[int, Sample]]:
        # The header is the first row of the file, as a spreadsheet counts.
        for number, line in enumerate(batch, start=self.rows + 2):
            if not line.strip():
                continue
            found = reader.read(line)
            if not isinstance(found, str):
                if self._seen.add(found[0]):
                    yield number, found
                    continue
                found = f"Sample Id {found[0]} stands before in this file."
            self.refused += 1
            if len(self.reasons) < MOST_REASONS:
                self.reasons.append((number, found))

    def _keep(self, batch: Sequence[tuple[int, Sample]]) -> None:
        stand = {} if self.is_first else self._standing([sample[0] for _, sample in batch])
        fresh = [sample for _, sample in batch if sample[0] not in stand]
        staging.add(self.tx.session, fresh, self.file_id)
        self.added += len(fresh)
        for number, sample in batch:
            if sample[0] in stand:
                self._change(stand[sample[0]], sample, number)

    def _standing(self, sample_ids: Sequence[str]) -> dict[str, StoredSample]:
        found = self.tx.session.scalars(sa.select(StoredSample).where(StoredSample.sample_id.in_(sample_ids)))
        return {sample.sample_id: sample for sample in found}

    def _change(self, stored: StoredSample, sample: Sample, row: int) -> None:
        told: dict[str, Any] = dict(zip(_FIELDS, sample, strict=True))
        for name in _TIMES:
            told[name] = datetime.fromisoformat(told[name]) if told[name] else None
        before = {name: _plain(getattr(stored, name)) for name in _FIELDS if getattr(stored, name) != told[name]}
        if not before:
            return
        self.changed += 1
        self.tx.session.add(SampleChange(sample_id=stored.sample_id, file_id=self.file_id, row=row, at=clock.now(),
                                         before=before))  # fmt: skip
        update = sa.update(StoredSample).where(StoredSample.sample_id == stored.sample_id)
        self.tx.session.execute(update.values(**{name: told[name] for name in before}, file_id=self.file_id))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value if value is None else str(value)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_good(run: _Run, *, strict: bool) -> None:
    words = " ".join(f"Row {row}: {why}" for row, why in run.reasons[:10])
    if run.rows == run.refused:
        raise Invalid("No row of this file could be taken. %(rows)s", code="no-good-row", rows=words)
    if strict and run.refused:
        raise Invalid("%(count)s rows cannot be taken, so nothing was. %(rows)s", code="bad-rows", count=run.refused,
                      rows=words, details={"rows": {str(row): why for row, why in run.reasons}})  # fmt: skip
