"""Bank and provider statements as plain data; a file that does not add up is refused whole, with the reason."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring_ascii

HEADER = ("Date", "Description", "Reference", "Amount", "Balance")
OPENING, CLOSING = "opening balance", "closing balance"
AMOUNT = re.compile(r"([+-]?)(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PROVIDER_ACCOUNT = "1100"


class StatementRefused(ValueError):
    """The statement cannot be taken in; the message names the row and what to do. Nothing of it is kept.

    `template` holds `%(name)s` places that `words` fill, so that it can be translated first.
    """

    def __init__(self, message: str, **words: object) -> None:
        super().__init__(message % words if words else message)
        self.template, self.words = message, words


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement, in cents, negative when money left the account.

    `line_key` is the SHA-256 (hex) of account, reference, day, text, amount and `occurrence`: the same line of an
    overlapping file has the same key, and two equal lines of one file (occurrence 1 and 2) have different ones.
    """

    line_key: str
    booked_on: date
    text: str
    reference: str
    amount_cents: int
    occurrence: int = 1
    return_code: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose opening balance and lines come to its closing balance; all in cents.

    `bank_account` is what the bank calls the account, where its file says so.
    """

    account: str
    opened_on: date
    closed_on: date
    opening_cents: int
    closing_cents: int
    lines: tuple[StatementLine, ...]
    bank_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement as a file has it, in cents, negative when money left the account."""

    day: date
    text: str
    reference: str
    cents: int
    return_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a file says around its movements; balances in cents."""

    account: str
    opened_on: date
    closed_on: date
    opening: int
    closing: int
    bank_account: str | None = None


def build(frame: Frame, movements: Iterable[Movement]) -> Statement:
    """The statement of these movements; raises StatementRefused when they do not lead from opening to closing."""
    seen: Counter[tuple[str, ...]] = Counter()
    lines = tuple(_line(frame.account, movement, seen) for movement in movements)
    check_sum(frame.opening, [line.amount_cents for line in lines], frame.closing)
    return Statement(frame.account, frame.opened_on, frame.closed_on, frame.opening, frame.closing, lines,
                     frame.bank_account)  # fmt: skip


def _line(account: str, moved: Movement, seen: Counter[tuple[str, ...]]) -> StatementLine:
    identity = (account, moved.reference, moved.day.isoformat(), moved.text, str(moved.cents))
    seen[identity] += 1
    return StatementLine(_key(identity, seen[identity]), moved.day, moved.text, moved.reference, moved.cents,
                         seen[identity], moved.return_code)  # fmt: skip


def cents_of(written: str, row: int) -> int:
    """Dollars and cents such as -25.00 or 1,234.50 as cents; raises StatementRefused, naming the row."""
    return _cents(row, written.strip().replace(",", ""))


def text_of(data: bytes) -> str:
    """The file as text; raises StatementRefused for one that is empty, holds NUL bytes or is not UTF-8."""
    return _decode(data)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    day: str
    text: str
    reference: str
    amount: str
    balance: str


def read_csv(data: bytes, *, account: str = PROVIDER_ACCOUNT) -> Statement:
    """The statement in this CSV file; raises StatementRefused.

    Columns Date (YYYY-MM-DD), Description, Reference, Amount, Balance; the first line is the opening balance, the
    last the closing balance. Amounts have at most two decimals and a sign; a line's own balance may be empty.
    """
    rows = tuple(_rows(_decode(data)))
    if len(rows) < 2 or not _is_named(rows[0], OPENING):
        raise StatementRefused("The first line is not the opening balance. Export the whole period again.")
    if not _is_named(rows[-1], CLOSING):
        raise StatementRefused("The last line is not the closing balance: the file may be cut off. Export it again.")
    opening, closing = _edge(rows[0]), _edge(rows[-1])
    frame = Frame(account=account, opened_on=_day(rows[0]), closed_on=_day(rows[-1]), opening=opening, closing=closing)
    statement = build(frame, _movements(rows[1:-1]))
    check_running(opening, [(row.number, row.balance, line.amount_cents)
                            for row, line in zip(rows[1:-1], statement.lines, strict=True)])  # fmt: skip
    return statement


def _decode(data: bytes) -> str:
    if not data.strip():
        raise StatementRefused("The file is empty. Export the statement again.")
    if b"\0" in data:
        # No database keeps a NUL in its texts.
        raise StatementRefused("The file holds NUL bytes: it is damaged or no CSV UTF-8. Export the statement again.")
    try:
        # Spreadsheets put a byte-order mark before the first word.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StatementRefused("The file is not UTF-8 text. Export the statement as CSV UTF-8.") from error


def _rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = _header(cells)
                continue
            if len(cells) != len(HEADER):
                raise StatementRefused(
                    "Row %(row)s has %(count)s columns instead of %(expected)s. Correct it at the source and export "
                    "the statement again.", row=reader.line_num, count=len(cells), expected=len(HEADER)
                )  # fmt: skip
            yield _Row(reader.line_num, *cells)
    except csv.Error as error:
        raise StatementRefused(
            "Row %(row)s is not CSV (%(error)s). Correct it at the source and export the statement again.",
            row=reader.line_num, error=str(error),
        ) from error  # fmt: skip


def _header(cells: list[str]) -> list[str]:
    if tuple(cells) != HEADER:
        raise StatementRefused("The first row must read %(header)s. Choose that layout when exporting.",
                               header=",".join(HEADER))  # fmt: skip
    return cells


def _is_named(row: _Row, name: str) -> bool:
    return row.text.strip().casefold() == name


def _edge(row: _Row) -> int:
    if row.amount.strip():
        raise StatementRefused(
            "Row %(row)s is a balance line and must have no amount. Correct it at the source and export the statement "
            "again.", row=row.number
        )  # fmt: skip
    return _cents(row.number, row.balance)


def _day(row: _Row) -> date:
    try:
        if DAY.fullmatch(row.day):
            return date.fromisoformat(row.day)
    except ValueError:
        pass
    raise StatementRefused(
        "Row %(row)s has the date %(day)s, which is not a day written as YYYY-MM-DD. Correct it at the source and "
        "export the statement again.", row=row.number, day=repr(row.day[:20])
    )  # fmt: skip


def _cents(number: int, written: str) -> int:
    found = AMOUNT.fullmatch(written)
    if not found:
        raise StatementRefused(
            "Row %(row)s has the amount %(amount)s, which is not dollars and cents such as -25.00. Correct it at the "
            "source and export the statement again.", row=number, amount=repr(written[:20])
        )  # fmt: skip
    sign, whole, decimals = found.groups()
    cents = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return -cents if sign == "-" else cents


def _movements(rows: Sequence[_Row]) -> Iterator[Movement]:
    for row in rows:
        if _is_named(row, OPENING) or _is_named(row, CLOSING):
            raise StatementRefused(
                "Row %(row)s is a second opening or closing balance: two statements in one file. Correct it at the "
                "source and export the statement again.", row=row.number
            )  # fmt: skip
        yield Movement(day=_day(row), text=row.text, reference=row.reference, cents=_cents(row.number, row.amount))


def key_at(line: StatementLine, account: str, occurrence: int) -> str:
    """The key that this line would have as another occurrence of the same movement."""
    return _key((account, line.reference, line.booked_on.isoformat(), line.text, str(line.amount_cents)), occurrence)


def _key(identity: tuple[str, ...], occurrence: int) -> str:
    # JSON keeps the parts apart whatever characters they hold; its encoder as a whole costs ten times as much.
    written = ", ".join(map(encode_basestring_ascii, identity))
    return hashlib.sha256(f"[{written}, {occurrence}]".encode()).hexdigest()


def check_sum(opening: int, amounts: Sequence[int], closing: int) -> None:
    """Refuse amounts that do not lead from the opening to the closing balance."""
    difference = closing - opening - sum(amounts)
    if difference:
        raise StatementRefused(
            "Opening balance and lines come to %(sum)s, but the closing balance is %(closing)s: %(difference)s is "
            "missing or too much. Export the whole period again.",
            sum=dollars(closing - difference), closing=dollars(closing), difference=dollars(difference),
        )  # fmt: skip


def check_running(opening: int, rows: Iterable[tuple[int, str, int]]) -> None:
    """Refuse a row (number, the balance written in it or nothing, cents) whose balance is not the sum so far."""
    running = opening
    for number, balance, cents in rows:
        running += cents
        if balance.strip() and cents_of(balance, number) != running:
            raise StatementRefused(
                "Row %(row)s shows the balance %(balance)s, but the lines come to %(sum)s. Correct it at the source "
                "and export the statement again.", row=number, balance=balance[:20], sum=dollars(running)
            )  # fmt: skip


def dollars(cents: int) -> str:
    """Cents as dollars: -2500 is -$25.00."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole}.{rest:02}"
