"""Any bank's CSV by a saved layout: which column is what, how days and amounts are written, which way the list runs."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from biobank.payments.statements import (
    Frame,
    Movement,
    Statement,
    StatementRefused,
    build,
    cents_of,
    check_running,
    text_of,
)

DAY_FORMS: Mapping[str, str] = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "MM/DD/YYYY": "%m/%d/%Y",
    "MM/DD/YY": "%m/%d/%y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one source writes its CSV. Columns are named as in its heading.

    Either `amount`, or `paid_out` and `paid_in`; `balance` is the balance after each row. `out_is_positive`: money that
    left stands without a minus. Without a balance column the person brings both balances.
    """

    day: str
    day_form: str
    text: tuple[str, ...]
    reference: str = ""
    amount: str = ""
    paid_out: str = ""
    paid_in: str = ""
    balance: str = ""
    delimiter: str = ","
    out_is_positive: bool = False
    newest_first: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"text": list(self.text)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Layout":
        return cls(**{**kept, "text": tuple(kept["text"])})

    @property
    def named(self) -> list[str]:
        """The columns that the file must have."""
        names = (self.day, *self.text, self.reference, self.amount, self.paid_out, self.paid_in, self.balance)
        return [name for name in names if name]


@dataclass(frozen=True, slots=True)
class Balances:
    """Opening and closing balance in cents, as a person reads them from the paper; None where the file has them."""

    opening: int | None = None
    closing: int | None = None


def read(data: bytes, account: str, layout: Layout, balances: Balances = Balances()) -> Statement:
    """The statement in this CSV file by its layout; raises StatementRefused, naming the row."""
    rows = list(_rows(text_of(data), layout))
    if layout.newest_first:
        rows.reverse()
    movements = [_movement(number, row, layout) for number, row in rows]
    if not movements:
        raise StatementRefused("The file has no movement under its heading. Export the period again.")
    opening, closing = _edges(rows, movements, layout, balances)
    if layout.balance:
        written = zip(rows, movements, strict=True)
        check_running(opening, [(number, row[layout.balance], moved.cents) for (number, row), moved in written])
    days = [moved.day for moved in movements]
    return build(Frame(account=account, opened_on=min(days), closed_on=max(days), opening=opening, closing=closing),
                 movements)  # fmt: skip


def _edges(
    rows: Sequence[tuple[int, dict[str, str]]], movements: Sequence[Movement], layout: Layout, given: Balances
) -> tuple[int, int]:
    if layout.balance:
        (first, first_row), (last, last_row) = rows[0], rows[-1]
        opening = cents_of(first_row[layout.balance], first) - movements[0].cents
        return opening, cents_of(last_row[layout.balance], last)
    if given.opening is None or given.closing is None:
        raise StatementRefused(
            "This layout has no balance column. Write the opening and the closing balance beside it."
        )
    return given.opening, given.closing


def _rows(text: str, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
    heading: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = _heading(cells, layout)
                continue
            if len(cells) < len(heading):
                raise StatementRefused("Row %(row)s has %(count)s columns instead of %(expected)s. Correct it at the "
                                       "source and export the statement again.", row=reader.line_num,
                                       count=len(cells), expected=len(heading))  # fmt: skip
            yield reader.line_num, dict(zip(heading, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        raise StatementRefused("Row %(row)s is not CSV (%(error)s). Correct it at the source and export the statement "
                               "again.", row=reader.line_num, error=str(error)) from error  # fmt: skip


def _heading(cells: Sequence[str], layout: Layout) -> list[str]:
    heading = [cell.strip() for cell in cells]
    missing = [name for name in layout.named if heading.count(name) != 1]
    if missing:
        raise StatementRefused("The heading has no column %(column)s, or several. Choose the layout of this source, or "
                               "save a new one.", column=repr(missing[0]))  # fmt: skip
    return heading


def _movement(number: int, row: Mapping[str, str], layout: Layout) -> Movement:
    text = " ".join(row[name] for name in layout.text if row[name])
    return Movement(day=_day(number, row[layout.day], layout), text=text, cents=_cents(number, row, layout),
                    reference=row[layout.reference] if layout.reference else "")  # fmt: skip


def _day(number: int, written: str, layout: Layout) -> date:
    try:
        return datetime.strptime(written, DAY_FORMS[layout.day_form]).date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise StatementRefused("Row %(row)s has the date %(day)s, which is not written as %(form)s.", row=number,
                               day=repr(written[:20]), form=layout.day_form) from error  # fmt: skip


def _cents(number: int, row: Mapping[str, str], layout: Layout) -> int:
    if layout.amount:
        return _money(number, row[layout.amount]) * (-1 if layout.out_is_positive else 1)
    paid_out, paid_in = row[layout.paid_out], row[layout.paid_in]
    if bool(paid_out) == bool(paid_in):
        raise StatementRefused("Row %(row)s has an amount both out and in, or none. Correct it at the source and "
                               "export the statement again.", row=number)  # fmt: skip
    return -abs(_money(number, paid_out)) if paid_out else abs(_money(number, paid_in))


def _money(number: int, written: str) -> int:
    """Dollars with or without their sign; in brackets, as accountants write it, money that left."""
    plain = written.replace("$", "").strip()
    bracketed = re.fullmatch(r"\((.+)\)", plain)
    return -cents_of(bracketed[1], number) if bracketed else cents_of(plain, number)
