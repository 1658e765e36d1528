"""ACH return files (Nacha record layout, addenda 99): what the bank sent back, each with its code and first trace."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

from biobank.payments.statements import Frame, Movement, Statement, StatementRefused, build, text_of

WIDTH = 94
CODE = re.compile(r"R\d\d", re.ASCII)


def read(data: bytes, account: str) -> Statement:
    """The returns of this file as movements of the money in transit, from zero to their sum; raises StatementRefused.

    Entry counts and totals of every batch and of the file are checked. Notifications of change (addenda 98) move no
    money and are passed over.
    """
    lines = [line for line in text_of(data).splitlines() if line.strip()]
    if not lines or any(len(line) != WIDTH for line in lines):
        raise StatementRefused("The file is no ACH return file: every record has 94 characters. Fetch it again.")
    records = [line for line in lines if line != "9" * WIDTH]
    if records[0][:1] != "1" or records[-1][:1] != "9":
        raise StatementRefused("The file's first or last record is missing: it was cut off. Fetch it again.")
    day = _day(records[0][23:29])
    movements = list(_returns(records, day))
    _check_file(records)
    total = sum(moved.cents for moved in movements)
    frame = Frame(account=account, opened_on=day, closed_on=day, opening=0, closing=total)
    return build(frame, movements)


def _day(written: str) -> date:
    try:
        return datetime.strptime(written, "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise StatementRefused("The statement has the day %(day)s, which cannot be read.",
                               day=repr(written)) from error  # fmt: skip


def _returns(records: list[str], day: date) -> Iterator[Movement]:
    for entry, addenda in pairwise(records):
        if entry[:1] != "6":
            continue
        if addenda[:1] != "7":
            raise StatementRefused("An entry of the file has no addenda that says why it came back. Fetch it again.")
        if addenda[1:3] == "99":
            yield _return(entry, addenda, day)


def _return(entry: str, addenda: str, day: date) -> Movement:
    code, trace = addenda[3:6], addenda[6:21].strip()
    if not CODE.fullmatch(code):
        raise StatementRefused("The return code %(code)s cannot be read. Fetch the file again.", code=repr(code))
    return Movement(day=day, text=f"ACH return {code} {entry[39:54].strip()} {trace}", reference=trace,
                    cents=_number(entry[29:39]), return_code=code)  # fmt: skip


def _number(written: str) -> int:
    if not re.fullmatch(r"\d+", written, re.ASCII):
        raise StatementRefused("A number of the file cannot be read. Fetch the file again.")
    return int(written)


def _check_file(records: list[str]) -> None:
    entries = [record for record in records if record[:1] == "6"]
    addenda = sum(record[:1] == "7" for record in records)
    control = records[-1]
    # File control (9): batches 02-07, entries and addenda 14-21, debits 32-43, credits 44-55.
    counted = (_number(control[1:7]), _number(control[13:21]), _number(control[31:43]) + _number(control[43:55]))
    found = (sum(record[:1] == "5" for record in records), len(entries) + addenda,
             sum(_number(entry[29:39]) for entry in entries))  # fmt: skip
    if counted != found:
        raise StatementRefused("The file's control record does not agree with its entries. Fetch the file again.")
