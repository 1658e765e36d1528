"""Notifications of change (addenda 98): the money arrived, the account changed; nothing is paid again for one."""

import re
from collections.abc import Iterator
from itertools import pairwise

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Invalid, Phrase
from biobank.payments.ach_models import AchEntry, PayeeBank
from biobank.payments.models import Disbursement, Entitlement, ExceptionKind
from biobank.payments.questions import open_exception

WIDTH = 94
# Nacha Operating Rules, appendix on notifications of change: 01 account, 02 routing, 03 both, 05 to 07 with the kind.
CODE = re.compile(r"C(01|02|03|05|06|07|09)", re.ASCII)
CHANGED = Phrase("The bank says that the account has changed (%(code)s). Ask the payee for it before the next payment.")


def read(data: bytes) -> tuple[tuple[str, str], ...]:
    """Trace and code of every change in a file; raises `Invalid` for a file that is none or was cut off."""
    try:
        lines = [line for line in data.decode("ascii").splitlines() if line.strip()]
    except UnicodeDecodeError as problem:
        raise _refused() from problem
    if not lines or any(len(line) != WIDTH for line in lines) or lines[0][0] != "1":
        raise _refused()
    records = [line for line in lines if line != "9" * WIDTH]
    entries = sum(record[0] in "67" for record in records)
    if records[-1][0] != "9" or records[-1][13:21] != str(entries).zfill(8):
        raise _refused()
    return tuple(_changes(records))


def _refused() -> Invalid:
    return Invalid("The file is no whole file of changes: every record has 94 characters and the last counts them. "
                   "Fetch it again.", code="ach-changes")  # fmt: skip


def _changes(records: list[str]) -> Iterator[tuple[str, str]]:
    for entry, addenda in pairwise(records):
        if entry[0] == "6" and addenda[:3] == "798":
            if not CODE.fullmatch(addenda[3:6]):
                raise _refused()
            yield addenda[6:21].strip(), addenda[3:6]


def take(tx: Tx, data: bytes) -> int:
    """Mark the accounts that have changed and ask finance about each; answers how many are ours."""
    found = 0
    for trace, code in read(data):
        query = sa.select(AchEntry.disbursement_id, Entitlement.payee_id).join(
            Disbursement, Disbursement.id == AchEntry.disbursement_id
        )
        query = query.join(Entitlement, Entitlement.id == Disbursement.entitlement_id).where(AchEntry.trace == trace)
        ours = tx.session.execute(query).first()
        if ours is None:
            continue
        marked = sa.update(PayeeBank).where(PayeeBank.payee_id == ours.payee_id).values(change_code=code)
        tx.session.execute(marked)
        open_exception(tx, ExceptionKind.FLAGGED, CHANGED % {"code": code}, disbursement_id=ours.disbursement_id)
        found += 1
    return found
