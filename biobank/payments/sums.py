"""What finance's first page shows of a million payments without reading them: the kept sums, and their recount."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Phrase
from biobank.payments.equations import Equation, Unit
from biobank.payments.models import KeptSum, Topic, TransferKind
from biobank.payments.sum_models import every_row

ALL = 0


Sums = Mapping[str, tuple[int, int]]


def read(tx: Tx) -> Mapping[Topic, Sums]:
    """How many rows there are by topic and name, and their cents; one statement, so that all are of one moment."""
    query = sa.select(KeptSum.topic, KeptSum.name, sa.func.sum(KeptSum.number), sa.func.sum(KeptSum.cents))
    found: dict[Topic, dict[str, tuple[int, int]]] = {topic: {} for topic in Topic}
    for topic, name, number, cents in tx.session.execute(query.group_by(KeptSum.topic, KeptSum.name)):
        found[topic][name] = int(number), int(cents)
    return found


def by_day(tx: Tx, topic: Topic, since: date | None = None) -> Iterator[tuple[str, date, int, int]]:
    """Name, day, number and cents from a day on, inclusive."""
    query = sa.select(KeptSum.name, KeptSum.day, sa.func.sum(KeptSum.number), sa.func.sum(KeptSum.cents))
    query = query.where(KeptSum.topic == topic)
    query = query if since is None else query.where(KeptSum.day >= since)
    for name, day, number, cents in tx.session.execute(query.group_by(KeptSum.name, KeptSum.day)):
        yield name, day, int(number), int(cents)


def sides(name: str) -> tuple[str, str, TransferKind]:
    """Debit, credit and kind of the entries that are summed under a name."""
    accounts, _, kind = name.partition(":")
    debit, _, credit = accounts.partition(">")
    return debit, credit, TransferKind(kind)


def balances(entries: Sums) -> dict[str, int]:
    """Debits minus credits of each account, in cents."""
    found: Counter[str] = Counter()
    for name, (_, cents) in entries.items():
        debit, credit, _ = sides(name)
        found[debit] += cents
        found[credit] -= cents
    return dict(found)


def between(entries: Sums, debited: Collection[str], credited: Collection[str]) -> int:
    """The cents of the entries that debit one of these accounts and credit one of those."""
    found = 0
    for name, (_, cents) in entries.items():
        debit, credit, _ = sides(name)
        found += cents if debit in debited and credit in credited else 0
    return found


def fold(tx: Tx) -> int:
    """Add up the parts that transactions left behind; answers how many. Nobody waits for it but another folding."""
    gone = tx.session.execute(
        sa.delete(KeptSum).where(KeptSum.part != ALL)
        .returning(KeptSum.topic, KeptSum.name, KeptSum.day, KeptSum.number, KeptSum.cents)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    added: dict[tuple[Topic, str, date], list[int]] = defaultdict(lambda: [0, 0])
    for topic, name, day, number, cents in gone:
        sums = added[topic, name, day]
        sums[0] += number
        sums[1] += cents
    for key in sorted(added):
        _add(tx, key, *added[key])
    return len(gone)


def _add(tx: Tx, key: tuple[Topic, str, date], number: int, cents: int) -> None:
    values = dict(zip(("topic", "name", "day"), key, strict=True)) | {"part": ALL}
    more = {"number": KeptSum.number + number, "cents": KeptSum.cents + cents}
    update = sa.update(KeptSum).filter_by(**values).values(**more).execution_options(synchronize_session=False)
    if not tx.session.execute(update).rowcount:  # type: ignore[attr-defined]
        tx.session.execute(sa.insert(KeptSum).values(**values, number=number, cents=cents))


def differing(tx: Tx) -> list[tuple[str, str]]:
    """The topics and names whose kept sum is not that of the rows, once for each day.

    One statement a topic: its rows and its sums are of one moment.
    """
    found = []
    for topic in Topic:
        rows = every_row(tx.session.get_bind().dialect.name, topic)
        query = (
            f"SELECT topic, name FROM ({rows} UNION ALL SELECT topic, name, day, -number, -cents FROM kept_sum "  # noqa: S608 - names of ours
            f"WHERE topic = '{topic}') AS found GROUP BY topic, name, day HAVING sum(number) <> 0 OR sum(cents) <> 0"
        )
        found += [(name_of, name) for name_of, name in tx.session.execute(sa.text(query))]
    return found


def equations(tx: Tx) -> Iterator[Equation]:
    """That the kept sums are those of the rows."""
    yield Equation(code="sums", name=Phrase("Sums kept for the first page = rows counted"), expected=0,
                   found=len(differing(tx)), unit=Unit.COUNT)  # fmt: skip
