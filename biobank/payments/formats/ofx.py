"""OFX bank statements: 1.x (SGML, tags left open) and 2.x (XML), by one small reader that expands nothing."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from biobank.errors import Phrase
from biobank.payments.statements import Frame, Movement, Statement, StatementRefused, build, cents_of

DAMAGED = Phrase("The file is no OFX bank statement. Ask the bank for one, or choose another form.")
CUT = Phrase("The file was cut off. Fetch it from the bank again.")
# What is read of a statement: none of these may be taken for an empty value.
AGGREGATES = frozenset(
    {"OFX", "BANKMSGSRSV1", "STMTTRNRS", "STMTRS", "BANKACCTFROM", "BANKTRANLIST", "STMTTRN", "LEDGERBAL"}
)
TAG = re.compile(r"<(/?)([A-Z0-9.]{1,40})>([^<]*)", re.ASCII)
SIGNATURE = re.compile(r"OFXHEADER\s*[:=]\s*\"?[12]00", re.ASCII)


@dataclass(slots=True)
class _Part:
    """An aggregate: its values by tag, and the aggregates inside."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    parts: list["_Part"] = field(default_factory=list)

    def all(self, name: str) -> Iterator["_Part"]:
        """Every aggregate of this name, however deep."""
        for part in self.parts:
            if part.name == name:
                yield part
            yield from part.all(name)

    def one(self, name: str) -> "_Part":
        found = list(self.all(name))
        if len(found) != 1:
            raise StatementRefused("The file holds %(count)s of %(name)s instead of one. Ask for one account in each "
                                   "file.", count=len(found), name=name)  # fmt: skip
        return found[0]

    def value(self, name: str) -> str:
        if not self.values.get(name):
            raise StatementRefused("The file has no %(name)s. Ask the bank for the file again.", name=name)
        return self.values[name]


def read(data: bytes, account: str) -> Statement:
    """The one account of this file; raises StatementRefused.

    OFX gives the closing balance (LEDGERBAL) alone; the opening one is what it comes to without the movements, which
    must be where the last statement closed. OFX 1.6 chapter 11.4 and 2.2 chapter 11.4 (STMTRS).
    """
    root = _tree(_decode(data))
    statement = root.one("STMTRS")
    if statement.value("CURDEF") != "USD":
        raise StatementRefused("The statement is not in US dollars.")
    listed, balance = statement.one("BANKTRANLIST"), statement.one("LEDGERBAL")
    movements = [_movement(part, number) for number, part in enumerate(listed.all("STMTTRN"), start=1)]
    closing = _cents(balance.value("BALAMT"), 0)
    frame = Frame(
        account=account, opened_on=_day(listed.value("DTSTART")), closed_on=_day(listed.value("DTEND")),
        opening=closing - sum(moved.cents for moved in movements), closing=closing,
        bank_account=statement.one("BANKACCTFROM").value("ACCTID")[:40],
    )  # fmt: skip
    return build(frame, movements)


def _decode(data: bytes) -> str:
    if b"\0" in data or not SIGNATURE.search(data[:2000].decode("ascii", "replace")):
        raise StatementRefused(DAMAGED)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The header's USASCII with CHARSET 1252 is what most banks mean.
        return data.decode("cp1252", "replace")


def _tree(text: str) -> _Part:
    """The tags as a tree: one with text behind it is a value, one without is an aggregate that must be closed."""
    root = _Part("")
    path, begin = [root], text.find("<OFX>")
    if begin < 0:
        raise StatementRefused(DAMAGED)
    for closes, name, behind in TAG.findall(text[begin:]):
        if closes:
            if name == path[-1].name:
                path.pop()
            elif name not in path[-1].values:
                raise StatementRefused(DAMAGED)
            continue
        value = html.unescape(behind.strip())
        if value:
            path[-1].values[name] = value
            continue
        _descend(path, name, text)
    if len(path) > 1:
        raise StatementRefused(CUT)
    return root


def _descend(path: list[_Part], name: str, text: str) -> None:
    """An empty value has no closing tag in SGML: only what is closed somewhere is an aggregate."""
    if f"</{name}>" not in text:
        if name in AGGREGATES:
            raise StatementRefused(CUT)
        return
    part = _Part(name)
    path[-1].parts.append(part)
    path.append(part)


def _movement(part: _Part, number: int) -> Movement:
    values = part.values
    words = [values.get(name, "") for name in ("NAME", "MEMO", "CHECKNUM", "REFNUM")]
    return Movement(day=_day(part.value("DTPOSTED")), text=" ".join(word for word in words if word),
                    reference=part.value("FITID"), cents=_cents(part.value("TRNAMT"), number))  # fmt: skip


def _cents(written: str, number: int) -> int:
    # Amounts may have a decimal comma (OFX 1.6, 3.2.9.2), and decimals beyond cents only when they are zero.
    plain = re.sub(r"(\.\d\d)0+$", r"\1", written.strip().replace(",", "."))
    return cents_of(plain, number)


def _day(written: str) -> date:
    """The day of YYYYMMDD[HHMMSS[.XXX]][[offset:zone]], as the bank wrote it."""
    try:
        if re.match(r"\d{8}", written, re.ASCII):
            return datetime.strptime(written[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        pass
    raise StatementRefused("The statement has the day %(day)s, which cannot be read.", day=repr(written[:20]))
