"""NACHA PPD credit files: 94 columns, blocks of ten, totals that agree; written strictly, read as strictly."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from biobank.payments.providers.base import Capabilities

WIDTH, BLOCK = 94, 10
LARGEST_CENTS = 9_999_999_999
FILLER = "9" * WIDTH
# The 9 of a routing number makes the weighted sum a multiple of ten (ABA routing number policy).
WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
CREDITS = "220"


class AchRefused(ValueError):
    """The file, or what was to go into it, breaks the format; the message says what and where."""


class AccountKind(StrEnum):
    """The transaction code of a credit to this kind of account."""

    CHECKING = "22"
    SAVINGS = "32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Originator:
    """Who sends: routing numbers have 9 digits, `company_id` at most 10 characters, `description` at most 10."""

    bank_routing: str
    bank_name: str
    company_id: str
    company_name: str
    description: str = "STUDYPMT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One payment: `reference` (at most 15 characters) is what the bank calls it, `name` is shown to the receiver."""

    reference: str
    name: str
    routing: str
    account: str
    kind: AccountKind
    cents: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One credit as it stands in a file, with its trace of 15 digits."""

    trace: str
    credit: Credit


@dataclass(frozen=True, slots=True)
class AchFile:
    """One file as read: the day it was made, its modifier, the effective day, its entries."""

    made_on: date
    modifier: str
    effective_on: date
    originator: Originator
    entries: tuple[Entry, ...]

    @property
    def cents(self) -> int:
        return sum(entry.credit.cents for entry in self.entries)


class Nacha:
    """What the ACH network promises: files, money that may come back, nothing that makes a repeat safe."""

    capabilities = Capabilities(
        idempotent=False, key_ttl=None, lookup_by_our_ref=False, min_wait_before_absent=date.resolution * 5,
        requests_per_second=1, file_based=True, returns=True,
    )  # fmt: skip


def is_routing(text: str) -> bool:
    """Whether nine digits are a routing number whose check digit is right."""
    if not re.fullmatch(r"\d{9}", text, re.ASCII) or text == "000000000":
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=True)) % 10 == 0


def plain(text: str) -> str:
    """The text in the characters that banks take (ASCII, capitals): é is E, what has no likeness is left out."""
    spread = unicodedata.normalize("NFKD", text.replace("’", "'"))
    kept = "".join(one for one in spread if one.isascii() and one.isprintable())
    return re.sub(r"[^A-Z0-9 .,'&/-]", " ", kept.upper()).strip()


def _left(text: str, width: int, what: str) -> str:
    if len(text) > width or not text.isascii() or not text.isprintable():
        raise AchRefused(f"{what} must be at most {width} plain characters")
    return text.ljust(width)


def _name(text: str, width: int, what: str) -> str:
    name = plain(text)[:width].rstrip()
    if not name:
        raise AchRefused(f"{what} has no letters that a bank takes")
    return name.ljust(width)


def _digits(number: int, width: int) -> str:
    if not 0 <= number < 10**width:
        raise AchRefused(f"{number} does not fit {width} digits")
    return str(number).zfill(width)


def _routing(text: str) -> str:
    if not is_routing(text):
        raise AchRefused("a routing number has nine digits, the last of which proves the others")
    return text


def write(
    originator: Originator,
    paid: Sequence[Credit],
    *,
    made_at: datetime,
    modifier: str,
    effective_on: date,
    first: int = 1,
) -> tuple[bytes, tuple[Entry, ...]]:
    """The file's bytes and its entries with their traces; raises AchRefused. One batch, service class 220.

    `modifier` (A to Z, 0 to 9) tells files of one day apart; traces count on from `first`. Lines end in a line feed.
    """
    if not re.fullmatch(r"[A-Z0-9]", modifier, re.ASCII) or not paid:
        raise AchRefused("a file needs a modifier of one letter or digit, and at least one payment")
    odfi = _routing(originator.bank_routing)[:8]
    entries = tuple(Entry(odfi + _digits(number, 7), credit) for number, credit in enumerate(paid, start=first))
    control = _totals(entries)
    bank, company = _name(originator.bank_name, 23, "the bank"), _name(originator.company_name, 23, "the company")
    company_id = _left(originator.company_id, 10, "the company id")
    description = _left(originator.description, 10, "the description")
    records = [
        f"101 {originator.bank_routing}{company_id}{made_at:%y%m%d%H%M}{modifier}094101{bank}{company}{'':8}",
        f"5{CREDITS}{company[:16]}{'':20}{company_id}PPD{description}{made_at:%y%m%d}{effective_on:%y%m%d}{'':3}1{odfi}"
        f"{_digits(1, 7)}",
        *(_entry(entry) for entry in entries),
        f"8{CREDITS}{control}{company_id}{'':25}{odfi}{_digits(1, 7)}",
        f"9{_digits(1, 6)}{_digits(-(-(len(entries) + 4) // BLOCK), 6)}{_digits(len(entries), 8)}{control[6:]}{'':39}",
    ]
    records += [FILLER] * (-len(records) % BLOCK)
    wrong = next((number for number, record in enumerate(records, start=1) if len(record) != WIDTH), None)
    if wrong is not None:
        raise AchRefused(f"record {wrong} would have {len(records[wrong - 1])} columns instead of 94")
    return "".join(f"{record}\n" for record in records).encode("ascii"), entries


def _totals(entries: Sequence[Entry]) -> str:
    """Entry count (6), entry hash (10), debits (12), credits (12), as both control records carry them."""
    hashed = sum(int(entry.credit.routing[:8]) for entry in entries) % 10**10
    credited = _digits(sum(entry.credit.cents for entry in entries), 12)
    return f"{_digits(len(entries), 6)}{_digits(hashed, 10)}{_digits(0, 12)}{credited}"


def _entry(entry: Entry) -> str:
    credit = entry.credit
    if not 0 < credit.cents <= LARGEST_CENTS:
        raise AchRefused("an amount must be more than nothing and fit ten digits")
    if not re.fullmatch(r"[0-9A-Z-]{1,17}", credit.account, re.ASCII):
        raise AchRefused("an account number has at most 17 digits, capitals or hyphens")
    return (
        f"6{credit.kind}{_routing(credit.routing)}{credit.account.ljust(17)}{_digits(credit.cents, 10)}"
        f"{_left(credit.reference, 15, 'the reference')}{_name(credit.name, 22, 'the name')}  0{entry.trace}"
    )


def read(data: bytes) -> AchFile:
    """A PPD credit file of one batch as `write` makes it; raises AchRefused naming the record that is wrong."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise AchRefused("the file is not plain ASCII") from error
    lines = text.splitlines()
    if not lines or len(lines) % BLOCK or any(len(line) != WIDTH for line in lines):
        raise AchRefused("the file must be blocks of ten records of 94 columns")
    records = [line for line in lines if line != FILLER]
    kinds = "".join(record[0] for record in records)
    if not re.fullmatch(r"156+89", kinds):
        raise AchRefused(f"the records stand in the order {kinds[:20]} instead of 1, 5, 6 ..., 8, 9")
    entries = tuple(_read_entry(number, line) for number, line in enumerate(records[2:-2], start=3))
    _check(records, entries, len(lines))
    header, batch = records[0], records[1]
    originator = Originator(
        bank_routing=header[4:13], company_id=header[13:23].rstrip(), bank_name=header[40:63].rstrip(),
        company_name=header[63:86].rstrip(), description=batch[53:63].rstrip(),
    )  # fmt: skip
    return AchFile(_day(header[23:29]), header[33], _day(batch[69:75]), originator, entries)


def _day(written: str) -> date:
    try:
        return datetime.strptime(written, "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise AchRefused(f"{written!r} is no day") from error


def _read_entry(number: int, record: str) -> Entry:
    try:
        credit = Credit(
            kind=AccountKind(record[1:3]), routing=_routing(record[3:12]), account=record[12:29].rstrip(),
            cents=int(record[29:39]), reference=record[39:54].rstrip(), name=record[54:76].rstrip(),
        )  # fmt: skip
        entry = Entry(record[79:94], credit)
        if _entry(entry) != record:
            raise AchRefused("a field is not written as it must be")
    except ValueError as error:
        raise AchRefused(f"record {number}: {error}") from error
    return entry


def _check(records: Sequence[str], entries: Sequence[Entry], lines: int) -> None:
    totals, traces = _totals(entries), [entry.trace for entry in entries]
    batch, control = records[-2], records[-1]
    if batch[1:44] != CREDITS + totals or control[13:55] != _digits(len(entries), 8) + totals[6:]:
        raise AchRefused("a control record does not agree with the entries")
    if control[1:13] != _digits(1, 6) + _digits(lines // BLOCK, 6):
        raise AchRefused("the count of batches or blocks is wrong")
    if traces != sorted(set(traces)) or any(trace[:8] != records[1][79:87] for trace in traces):
        raise AchRefused("the traces do not rise, or are not this bank's")
