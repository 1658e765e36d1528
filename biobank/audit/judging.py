"""What is wrong with a chain of seals: pure judgement over seals, rows and checkpoints, wherever they come from."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from biobank.audit.chain import (
    GENESIS,
    ID_BYTES,
    MEMBER_BYTES,
    PREFIX_BYTES,
    Cells,
    Seal,
    is_signed,
    key_id,
    key_text,
    keys_in,
    members_of,
    row_digest,
)
from biobank.audit.checkpoint import Checkpoint


class Flaw(StrEnum):
    """What was found."""

    SEAL_MISSING = "a seal is missing"
    SEAL_CHANGED = "a seal was changed"
    SEAL_MOVED = "a seal does not follow the one before"
    SIGNATURE = "a signature is not ours"
    ROW_CHANGED = "a row was changed"
    ROW_MISSING = "a row is missing"
    ROW_ADDED = "a row was put in later"
    ROW_TWICE = "a row is sealed twice"
    BEHIND = "the log is shorter than its checkpoint"
    FORKED = "the log is not the one of its checkpoint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw: the seal's number, and for a row its table, key and index among the table's sealed rows from 0."""

    flaw: Flaw
    seal: int
    table: str = ""
    index: int | None = None
    row: str = ""

    def words(self) -> str:
        where = f", {self.table} row {self.index} ({self.row})" if self.row else ""
        return f"seal {self.seal}: {self.flaw}{where}"


# The rows of a seal's table: those with these keys, or those above the former high up to the seal's own.
RowsOf = Callable[[Seal, str | None], Sequence[Cells]]
_ZERO = "0" * 32


def is_rising(seal: Seal) -> bool:
    """Whether keys of this table rise with time: those named `id` do, keys that belong to another row do not."""
    return seal.columns.partition(",")[0] == "id"


@dataclass
class Judge:
    """Goes along the chain once; `findings` are yielded as they are met, `seen` counts sealed rows by table."""

    public: bytes
    rows_of: RowsOf
    previous: str = GENESIS
    number: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    _high: dict[str, str] = field(default_factory=dict)
    # Rows met in a range that no seal has claimed so far, and the seal in whose range they lie.
    _unclaimed: dict[tuple[str, bytes], int] = field(default_factory=dict)
    # Keys that do not rise with time are few, and are remembered.
    _claimed: set[tuple[str, bytes]] = field(default_factory=set)

    def seal(self, seal: Seal) -> Iterator[Finding]:
        """Judge the next seal and its rows."""
        if seal.number != self.number + 1:
            yield Finding(Flaw.SEAL_MISSING, self.number + 1)
        elif seal.previous != self.previous:
            yield Finding(Flaw.SEAL_MOVED, seal.number)
        if seal.computed_link() != seal.link or seal.count * MEMBER_BYTES != len(seal.members):
            yield Finding(Flaw.SEAL_CHANGED, seal.number)
        if seal.key != key_id(self.public) or not is_signed(self.public, seal.link.encode(), seal.signature):
            yield Finding(Flaw.SIGNATURE, seal.number)
        self.number, self.previous = seal.number, seal.link
        if seal.count:
            yield from self._rows(seal)
            self.seen[seal.table] += seal.count

    def _rows(self, seal: Seal) -> Iterator[Finding]:
        high = self._high.get(seal.table, _ZERO)
        by_key = not is_rising(seal) or seal.low <= high
        rows = self.rows_of(seal, None if by_key else high)
        self._high[seal.table] = max(high, seal.high)
        if by_key:
            yield from self._claim(seal)
        if members_of(rows) != (seal.members, seal.digest):
            yield from self._differences(seal, rows)

    def _claim(self, seal: Seal) -> Iterator[Finding]:
        """A late row was met before in a range, unclaimed; one that a seal had claimed already is sealed twice."""
        for index, key in enumerate(keys_in(seal.members)):
            place = (seal.table, key)
            is_new = self._unclaimed.pop(place, None) is not None if is_rising(seal) else place not in self._claimed
            if not is_rising(seal):
                self._claimed.add(place)
            if not is_new:
                yield self._finding(Flaw.ROW_TWICE, seal, index, key)

    def _differences(self, seal: Seal, rows: Sequence[Cells]) -> Iterator[Finding]:
        there = {bytes.fromhex(str(cells[0])): row_digest(cells) for cells in rows}
        whole, is_sound = hashlib.sha256(), True
        for index, key in enumerate(keys_in(seal.members)):
            prefix = seal.members[index * MEMBER_BYTES + ID_BYTES : (index + 1) * MEMBER_BYTES]
            digest = there.pop(key, None)
            if digest is None or digest[:PREFIX_BYTES] != prefix:
                is_sound = False
                yield self._finding(Flaw.ROW_CHANGED if digest else Flaw.ROW_MISSING, seal, index, key)
            whole.update(digest or b"")
        if is_sound and whole.hexdigest() != seal.digest:
            yield Finding(Flaw.SEAL_CHANGED, seal.number)
        self._unclaimed |= {(seal.table, key): seal.number for key in there}

    def _finding(self, flaw: Flaw, seal: Seal, index: int, key: bytes) -> Finding:
        return Finding(flaw, seal.number, seal.table, self.seen[seal.table] + index, key_text(key))

    def left_over(self, settled: Mapping[str, str]) -> Iterator[Finding]:
        """Rows among the sealed ones that no seal covers, but for those too young to have been seen."""
        for (table, key), seal in self._unclaimed.items():
            if key.hex() < settled.get(table, "f" * 32):
                yield Finding(Flaw.ROW_ADDED, seal, table, None, key_text(key))


def against_checkpoints(
    noted: Iterable[Checkpoint], links: Mapping[int, str], epochs: Mapping[int, int]
) -> Iterator[Finding]:
    """What the checkpoints say that the chain does not; `links` by number, `epochs` the first number of each.

    A checkpoint of an epoch that a later one replaced, by a restore that was meant, binds no more.
    """
    for one in noted:
        replaced = any(epoch > one.epoch and first <= one.number for epoch, first in epochs.items())
        if links.get(one.number) != one.link and not replaced:
            yield Finding(Flaw.FORKED if one.number in links else Flaw.BEHIND, one.number)
