"""Verification of the live logs: every seal, every sealed row, and every checkpoint, in the order of the chain."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.audit import alarms, checkpoint
from biobank.audit.chain import Cells, Seal, keys_in
from biobank.audit.judging import Finding, Judge, against_checkpoints
from biobank.audit.models import AlarmKind, AuditSeal
from biobank.audit.rows import Table, fetch, sealed_tables, select_cells, time_ordered
from biobank.audit.sealing import SETTLED, as_seal, place, signer_of
from biobank.db import Databases, Tx

_AT_ONCE = 20
_IN_ONE_QUERY = 500


@dataclass
class Report:
    """What a verification went through and what it found, the first in the chain first."""

    seals: int = 0
    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, object]:
        found = [
            {"flaw": str(one.flaw), "seal": one.seal, "table": one.table, "index": one.index, "row": one.row}
            for one in self.findings
        ]
        return {"whole": self.is_whole, "seals": self.seals, "rows": self.rows, "findings": found, "notes": self.notes}


def seals_of(tx: Tx) -> Iterator[Seal]:
    """Every seal in the order of its number, a few at a time."""
    after = 0
    while rows := tx.session.scalars(
        sa.select(AuditSeal).where(AuditSeal.number > after).order_by(AuditSeal.number).limit(_AT_ONCE)
    ).all():
        yield from map(as_seal, rows)
        after = rows[-1].number
        tx.session.expunge_all()


@dataclass
class LiveRows:
    """The rows of the live tables, as a judge asks for them."""

    tx: Tx
    tables: dict[str, Table] = field(default_factory=lambda: {table.name: table for table in sealed_tables()})

    def __call__(self, seal: Seal, above: str | None) -> Sequence[Cells]:
        table = self.tables.get(seal.table)
        names = seal.columns.split(",")
        if table is None or any(name not in table.table.columns for name in names):
            return []
        query = select_cells(table, names, self.tx.session.get_bind().dialect.name)
        if above is not None:
            within = sa.and_(table.key > UUID(above), table.key <= UUID(seal.high))
            return fetch(self.tx.session, query.where(within))
        keys = [UUID(bytes=key) for key in keys_in(seal.members)]
        parts = (keys[at : at + _IN_ONE_QUERY] for at in range(0, len(keys), _IN_ONE_QUERY))
        return [cells for part in parts for cells in fetch(self.tx.session, query.where(table.key.in_(part)))]


def judged(judge: Judge, seals: Iterable[Seal], noted: Sequence[checkpoint.Checkpoint], settled: str) -> Report:
    """Go along the chain; `settled` is the least key that may still wait to be sealed."""
    report, links, epochs = Report(), dict[int, str](), dict[int, int]()
    for seal in seals:
        report.findings += judge.seal(seal)
        report.seals, report.rows = report.seals + 1, report.rows + seal.count
        links[seal.number] = seal.link
        epochs.setdefault(seal.epoch, seal.number)
        if seal.note:
            report.notes.append(f"seal {seal.number}: {seal.note}")
    report.findings += judge.left_over(dict.fromkeys(judge.seen, settled))
    report.findings += against_checkpoints(noted, links, epochs)
    report.findings.sort(key=lambda one: one.seal)
    return report


def verify(databases: Databases, *others: Path) -> Report:
    """Verify everything, against our own checkpoint and `others`, copies of it that were kept elsewhere.

    What is found is told to the auditor as an alarm. Raises `Conflict` for a checkpoint that is not ours.
    """
    public = signer_of(databases).public
    noted = [one for path in (place(databases), *others) for one in checkpoint.read(path, public)]
    with databases.transaction(SYSTEM, read_only=True) as tx:
        judge = Judge(public, LiveRows(tx))
        report = judged(judge, seals_of(tx), noted, time_ordered(clock.now() - SETTLED).hex)
    if report.findings:
        first = report.findings[0]
        alarms.tell(databases, AlarmKind.SEAL_BROKEN, clock.now().date().isoformat(), first.words())
    return report
