"""BAI2 (Cash Management Balance Reporting Specifications, version 2): every control total and count is checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from biobank.errors import Phrase
from biobank.payments.statements import Frame, Movement, Statement, StatementRefused, build, text_of

OPENING, CLOSING = "010", "015"
AMOUNT = re.compile(r"[+-]?\d{1,15}", re.ASCII)
# How many further fields a funds type takes (appendix of the specifications): S three amounts, V a day and a time.
FUNDS_FIELDS = {"": 0, "Z": 0, "0": 0, "1": 0, "2": 0, "S": 3, "V": 2}


@dataclass(slots=True)
class _Account:
    number: str
    day: date
    opening: int | None = None
    closing: int | None = None
    movements: list[Movement] = field(default_factory=list)


@dataclass(slots=True)
class _Sums:
    """What has been counted since a file, group or account began: records, cents, and the parts inside."""

    records: int = 0
    cents: int = 0
    parts: int = 0


def read(data: bytes, account: str) -> Statement:
    """The one account in this file, all its days joined; raises StatementRefused.

    The opening balance is type 010, or what the closing balance (015) less the day's transactions comes to.
    """
    days = _Reader().read(text_of(data))
    if not days:
        raise StatementRefused("The file holds no account. Ask the bank for the statement of one account.")
    if len({day.number for day in days}) > 1:
        raise StatementRefused("The file holds several accounts. Ask the bank for one account in each file.")
    opening, closing = _joined(days)
    frame = Frame(account=account, opened_on=days[0].day, closed_on=days[-1].day, opening=opening, closing=closing,
                  bank_account=days[0].number)  # fmt: skip
    return build(frame, (movement for day in days for movement in day.movements))


def _joined(days: list[_Account]) -> tuple[int, int]:
    """The first day's opening and the last day's closing balance; each day must begin where the last ended."""
    opening, running = None, None
    for day in days:
        if day.closing is None:
            raise StatementRefused("%(day)s has no closing ledger balance (type 015). Ask the bank to include it.",
                                   day=day.day)  # fmt: skip
        begun = day.opening if day.opening is not None else day.closing - sum(move.cents for move in day.movements)
        if running is not None and begun != running:
            raise StatementRefused("%(day)s does not begin where the day before ended. Ask the bank for the file "
                                   "again.", day=day.day)  # fmt: skip
        opening, running = begun if opening is None else opening, day.closing
    return opening or 0, running or 0


class _Reader:
    """One pass over the records, with the counts of file, group and account."""

    def __init__(self) -> None:
        self.file, self.group, self.account = _Sums(), _Sums(), _Sums()
        self.open: list[str] = []
        self.day = date.min
        self.lines = 0
        self.days: list[_Account] = []
        self.is_done = False

    def read(self, text: str) -> list[_Account]:
        for number, record, lines in _records(text):
            self._take(number, record, lines)
        if not self.is_done:
            raise StatementRefused("The file's last record (99) is missing: it was cut off. Fetch it again.")
        return self.days

    def _take(self, number: int, record: str, lines: int) -> None:
        kind = record[:2]
        begins = {"01": [], "02": ["01"], "03": ["01", "02"], "16": ["01", "02", "03"], "49": ["01", "02", "03"],
                  "98": ["01", "02"], "99": ["01"]}  # fmt: skip
        if begins.get(kind) != self.open or self.is_done:
            raise _wrong(number, Phrase("it does not belong here"))
        self.lines = lines
        for sums in (self.file, self.group, self.account):
            sums.records += lines
        getattr(self, f"_take_{kind}")(number, record.split(","))

    def _take_01(self, number: int, cells: list[str]) -> None:
        if len(cells) < 9 or cells[8] != "2":
            raise _wrong(number, Phrase("it is not version 2"))
        self.open = ["01"]

    def _take_02(self, number: int, cells: list[str]) -> None:
        if len(cells) > 6 and cells[6] not in ("", "USD"):
            raise _wrong(number, Phrase("its currency is not USD"))
        self.group = _Sums(records=self.lines)
        self.day = _day(number, cells[4] if len(cells) > 4 else "")
        self.open = ["01", "02"]

    def _take_03(self, number: int, cells: list[str]) -> None:
        if len(cells) < 2 or not cells[1].strip():
            raise _wrong(number, Phrase("it names no account"))
        if len(cells) > 2 and cells[2] not in ("", "USD"):
            raise _wrong(number, Phrase("its currency is not USD"))
        self.account = _Sums(records=self.lines)
        self.days.append(_Account(cells[1].strip(), self.day))
        self.open = ["01", "02", "03"]
        rest = cells[3:]
        while rest:
            rest = self._take_balance(number, rest)

    def _take_balance(self, number: int, cells: list[str]) -> list[str]:
        """One type code, amount, item count and funds type; answers the cells behind them."""
        code, amount = cells[0].strip(), cells[1].strip() if len(cells) > 1 else ""
        if amount:
            cents = _cents(number, amount)
            self.account.cents += cents
            if code == OPENING:
                self.days[-1].opening = cents
            if code == CLOSING:
                self.days[-1].closing = cents
        return _after_funds(number, cells[3:])

    def _take_16(self, number: int, cells: list[str]) -> None:
        code, cents = cells[1].strip() if len(cells) > 1 else "", 0
        if len(cells) > 2 and cells[2].strip():
            cents = _cents(number, cells[2].strip())
        self.account.cents += cents
        rest = [*_after_funds(number, cells[3:]), "", "", ""]
        sign = _sign(number, code)
        if sign:
            text = " ".join(",".join(rest[2:]).rstrip(",").split())
            reference = " ".join(part.strip() for part in rest[:2] if part.strip())
            moved = Movement(day=self.day, text=text or f"BAI {code}", reference=reference, cents=sign * cents)
            self.days[-1].movements.append(moved)

    def _take_49(self, number: int, cells: list[str]) -> None:
        _compare(number, cells, self.account, None)
        self.group.cents += self.account.cents
        self.group.parts += 1
        self.open = ["01", "02"]

    def _take_98(self, number: int, cells: list[str]) -> None:
        _compare(number, cells, self.group, self.group.parts)
        self.file.cents += self.group.cents
        self.file.parts += 1
        self.open = ["01"]

    def _take_99(self, number: int, cells: list[str]) -> None:
        _compare(number, cells, self.file, self.file.parts)
        self.is_done = True


def _records(text: str) -> Iterator[tuple[int, str, int]]:
    """Each logical record with its line number and how many lines it takes: an 88 goes on with the one before."""
    started, record, lines = 0, "", 0
    for number, line in enumerate(map(str.rstrip, text.splitlines()), start=1):
        if not line:
            continue
        if line.startswith("88,") and record:
            is_ended = record.endswith("/")
            record, lines = (record.removesuffix("/") + ("," if is_ended else " ") + line[3:], lines + 1)
            continue
        if record:
            yield started, record.removesuffix("/"), lines
        started, record, lines = number, line, 1
    if record:
        yield started, record.removesuffix("/"), lines


def _after_funds(number: int, cells: list[str]) -> list[str]:
    if not cells:
        return []
    kind = cells[0].strip().upper()
    if kind == "D":
        try:
            return cells[2 + 2 * int(cells[1]) :]
        except (IndexError, ValueError) as error:
            raise _wrong(number, Phrase("its funds type cannot be read")) from error
    if kind not in FUNDS_FIELDS:
        raise _wrong(number, Phrase("its funds type cannot be read"))
    return cells[1 + FUNDS_FIELDS[kind] :]


def _sign(number: int, code: str) -> int:
    """1 for credits (100 to 399), -1 for debits (400 to 699), 0 for what moves no money (890 and others)."""
    if not re.fullmatch(r"\d{3}", code, re.ASCII):
        raise _wrong(number, Phrase("its type code cannot be read"))
    return 1 if 100 <= int(code) < 400 else -1 if 400 <= int(code) < 700 else 0


def _compare(number: int, cells: list[str], sums: _Sums, parts: int | None) -> None:
    written = [*cells[1:], "", "", ""]
    expected = [str(sums.records)] if parts is None else [str(parts), str(sums.records)]
    total, counts = written[0].strip(), [part.strip() for part in written[1 : 1 + len(expected)]]
    if not AMOUNT.fullmatch(total) or int(total) != sums.cents:
        raise _wrong(number, Phrase("its control total is not the sum of the amounts before it"))
    if [part.lstrip("0") or "0" for part in counts] != expected:
        raise _wrong(number, Phrase("its count of records is not what stands before it"))


def _cents(number: int, written: str) -> int:
    if not AMOUNT.fullmatch(written):
        raise _wrong(number, Phrase("its amount is no whole number of cents"))
    return int(written)


def _day(number: int, written: str) -> date:
    try:
        if re.fullmatch(r"\d{6}", written.strip(), re.ASCII):
            return datetime.strptime(written.strip(), "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        pass
    raise _wrong(number, Phrase("its day is not written as YYMMDD"))


def _wrong(number: int, what: Phrase) -> StatementRefused:
    return StatementRefused("Record on line %(line)s: %(what)s. Fetch the file from the bank again.", line=number,
                            what=what)  # fmt: skip
