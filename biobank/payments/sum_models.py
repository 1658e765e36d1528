"""The sums behind finance's first page, kept by the database in the transaction that changes a row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from biobank.columns import Base, Word, one_of


class Topic(StrEnum):
    """What is counted: payments by state, what was earned by decision, entries by accounts and kind, open lines."""

    PAYMENT = "payment"
    EARNED = "earned"
    ENTRY = "entry"
    LINE = "line"


class KeptSum(Base):
    """How many rows of a topic there are by name and day, and their cents; the sum is that of all parts.

    On PostgreSQL each transaction adds a part of its own, so that nobody waits for anybody else's; `sums.fold` adds
    them up. Where writers take turns anyway there is one part, 0.
    """

    __tablename__ = "kept_sum"
    __table_args__ = (one_of("topic", Topic),)

    topic: Mapped[Topic] = mapped_column(Word(Topic), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    cents: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows of a table that count for a topic, as SQL over the row `r`, perhaps with the row `o` of another table.

    `watched` are the columns that may change.
    """

    table: str
    topic: Topic
    name: str
    day: str
    cents: str = "r.amount_cents"
    other: str = ""
    condition: str = "true"
    sign: int = 1
    watched: str = ""

    def select(self, dialect: str, rows: str, sign: int = 1) -> str:
        """Topic, name, day, number and cents of the rows `r` of `rows`; `sign` -1 for what they were before."""
        day, number = self.day, self.sign * sign
        if day.endswith("_at"):
            day = f"substr({day}, 1, 10)" if dialect == "sqlite" else f"({day} AT TIME ZONE 'UTC')::date"
        sources = ", ".join(source for source in (rows, self.other) if source)
        return (
            f"SELECT '{self.topic}' AS topic, {self.name} AS name, {day} AS day, {number} AS number, "
            f"{number} * {self.cents} AS cents {'FROM ' if sources else ''}{sources} WHERE {self.condition}"
        )


COUNTED = (
    Counted(table="disbursement", topic=Topic.PAYMENT, name="r.state", day="r.created_at", watched="state"),
    Counted(table="entitlement", topic=Topic.EARNED, name="r.decision", day="r.earned_at", cents="o.amount_cents",
            other="pay_scheme AS o", condition="o.id = r.scheme_id", watched="decision, scheme_id, earned_at"),
    Counted(table="transfer", topic=Topic.ENTRY, name="r.debit || '>' || r.credit || ':' || r.kind", day="r.posted_on"),
    Counted(table="statement_line", topic=Topic.LINE, name="r.account", day="r.booked_on"),
    # A line is open until it is matched; of a basket it is counted once.
    Counted(table="recon_match", topic=Topic.LINE, name="o.account", day="o.booked_on", cents="o.amount_cents",
            other="statement_line AS o", sign=-1, watched="state",
            condition="o.id = r.line_id AND r.state = 'confirmed' AND r.line_part = 1"),
)  # fmt: skip


def kept(counted: Counted) -> Callable[[str], list[str]]:
    """The triggers, for a dialect, that add the rows of a table to the sums as they come and change."""
    verbs = ["INSERT", *(["UPDATE"] if counted.watched else [])]

    def statements(dialect: str) -> list[str]:
        write = _on_sqlite if dialect == "sqlite" else _on_postgresql
        return [statement for verb in verbs for statement in write(counted, verb)]

    return statements


def every_row(dialect: str, topic: Topic) -> str:
    """Topic, name, day, number and cents of each row that counts for a topic, from the tables themselves."""
    return " UNION ALL ".join(one.select(dialect, f"{one.table} AS r") for one in COUNTED if one.topic is topic)


def add_all(source: str, part: str = "0") -> str:
    """The statement that adds the rows of a query such as `every_row` to the sums."""
    return (
        f"INSERT INTO kept_sum (topic, name, day, part, number, cents) SELECT topic, name, day, {part}, sum(number), "  # noqa: S608 - names of ours
        f"sum(cents) FROM ({source}) AS moved GROUP BY topic, name, day HAVING sum(number) <> 0 OR sum(cents) <> 0 "
        f"{_ADDED}"
    )


_ADDED = (
    "ON CONFLICT (topic, name, day, part) DO UPDATE SET number = kept_sum.number + excluded.number, "
    "cents = kept_sum.cents + excluded.cents"
)


def _on_sqlite(counted: Counted, verb: str) -> list[str]:
    signs = {"NEW": 1} if verb == "INSERT" else {"OLD": -1, "NEW": 1}
    steps = "; ".join(
        "INSERT INTO kept_sum (topic, name, day, part, number, cents) SELECT topic, name, day, 0, number, cents "  # noqa: S608 - names of ours
        f"FROM ({counted.select('sqlite', '', sign).replace('r.', f'{row}.')}) WHERE true {_ADDED}"
        for row, sign in signs.items()
    )
    return [
        f"CREATE TRIGGER {counted.table}_summed_{verb.lower()} AFTER "
        f"{verb if verb == 'INSERT' else f'UPDATE OF {counted.watched}'} ON {counted.table} BEGIN {steps}; END"
    ]


def _on_postgresql(counted: Counted, verb: str) -> list[str]:
    """One statement for thousands of rows adds to a few sums, not to each a thousand times."""
    given, signs = {"INSERT": ("NEW TABLE AS added", {"added": 1}),
                    "UPDATE": ("NEW TABLE AS added OLD TABLE AS gone", {"added": 1, "gone": -1})}[verb]  # fmt: skip
    moved = " UNION ALL ".join(counted.select("postgresql", f"{rows} AS r", sign) for rows, sign in signs.items())
    name = f"{counted.table}_summed_{verb.lower()}"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {add_all(moved, 'txid_current()')}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {verb} ON {counted.table} REFERENCING {given} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]
