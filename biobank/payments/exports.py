"""The month's journal for the accounting programs: summed by account and site, balanced, given out once."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Site
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.payments import ledger, periods
from biobank.payments.models import (
    Disbursement,
    Entitlement,
    JournalExport,
    JournalVoid,
    Period,
    PeriodState,
    Transfer,
)

# What a spreadsheet would take for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line of a journal, in cents; one of the two is 0."""

    account: str
    site: str
    debit: int
    credit: int


def lines(tx: Tx, period: Period) -> list[JournalLine]:
    """The month's entries summed by account and site; debits and credits come to the same."""
    site = sa.func.coalesce(Transfer.site_id, Entitlement.site_id)
    sums: dict[tuple[str, str], int] = {}
    for side, sign in ((Transfer.debit, 1), (Transfer.credit, -1)):
        query = (
            sa.select(side, sa.func.coalesce(Site.code, ""), sa.func.sum(Transfer.amount_cents))
            .select_from(Transfer)
            .outerjoin(Disbursement, Disbursement.id == Transfer.disbursement_id)
            .outerjoin(Entitlement, Entitlement.id == Disbursement.entitlement_id)
            .outerjoin(Site, Site.id == site)
            .where(Transfer.posted_on.between(period.opens_on, period.closes_on))
            .group_by(side, Site.code)
        )
        for account, code, cents in tx.session.execute(query):
            sums[account, code] = sums.get((account, code), 0) + sign * int(cents)
    return [
        JournalLine(account=account, site=code, debit=max(0, cents), credit=max(0, -cents))
        for (account, code), cents in sorted(sums.items())
        if cents
    ]


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def dollars(cents: int) -> str:
    """Cents as dollars with two decimals, nothing for nothing."""
    return f"{cents // 100}.{cents % 100:02}" if cents else ""


def _quickbooks(code: str, day: date, journal: Sequence[JournalLine]) -> Iterator[list[str]]:
    """QuickBooks Online's journal entries: account names, MM/DD/YYYY, one number for the month."""
    yield ["JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Name"]
    for line in journal:
        yield [f"BB-{code}", day.strftime("%m/%d/%Y"), str(ledger.ACCOUNTS[line.account]), dollars(line.debit),
               dollars(line.credit), guarded(f"Biobank {code} {line.site}".strip()), ""]  # fmt: skip


def _netsuite(code: str, day: date, journal: Sequence[JournalLine]) -> Iterator[list[str]]:
    """NetSuite's journal import: the external id makes a second import of the same a change, not a double."""
    yield ["External ID", "Date", "Subsidiary", "Account", "Debit", "Credit", "Memo", "Location"]
    for line in journal:
        yield [f"BB-{code}-1", day.strftime("%m/%d/%Y"), "", f"{line.account} {ledger.ACCOUNTS[line.account]}",
               dollars(line.debit), dollars(line.credit), f"Biobank {code}", guarded(line.site)]  # fmt: skip


Writer = Callable[[str, date, Sequence[JournalLine]], Iterator[list[str]]]
TARGETS: Mapping[str, tuple[str, Writer]] = {
    "quickbooks": ("QuickBooks Online", _quickbooks),
    "netsuite": ("NetSuite", _netsuite),
}


def export(tx: Tx, code: str, target: str) -> bytes:
    """The journal of a closed month as the CSV that `target` takes in. Refused a second time unless it was voided."""
    if target not in TARGETS:
        raise Invalid("Choose the program that takes the journal in.", code="target-unknown")
    period = periods.period_of(tx, code)
    if period.state is not PeriodState.CLOSED:
        raise Conflict("Close the month first: its journal must not change after it is given out.", code="not-closed")
    if any(one.target == target and void is None for one, void in exported(tx, period.id)):
        raise Conflict("This journal was given out already. Void it first, once it is taken back in the other program.",
                       code="exported")  # fmt: skip
    journal = lines(tx, period)
    content = _csv(TARGETS[target][1](code, period.closes_on, journal))
    tx.session.add(JournalExport(id=new_id(), period_id=period.id, target=target, lines=len(journal), at=clock.now(),
                                 sha256=hashlib.sha256(content).hexdigest(), by=tx.actor.name))  # fmt: skip
    tx.session.flush()
    return content


def _csv(rows: Iterator[list[str]]) -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows(rows)
    return sheet.getvalue().encode()


def exported(tx: Tx, period_id: UUID) -> list[tuple[JournalExport, JournalVoid | None]]:
    """What was given out of a month, and what of it was voided."""
    query = sa.select(JournalExport, JournalVoid).outerjoin(JournalVoid, JournalVoid.export_id == JournalExport.id)
    rows = tx.session.execute(query.where(JournalExport.period_id == period_id).order_by(JournalExport.id))
    return [(one, void) for one, void in rows]


def void(tx: Tx, export_id: UUID, reason: str) -> str:
    """Note that an exported journal was taken back in the other program; answers its month."""
    found = tx.session.get(JournalExport, export_id)
    if found is None:
        raise NotFound("There is no such export.")
    if len(reason.strip()) < 3:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    if tx.session.scalar(sa.select(JournalVoid.id).filter_by(export_id=export_id)) is not None:
        raise Conflict("This export is voided already.")
    tx.session.add(JournalVoid(export_id=export_id, reason=reason.strip()[:400], at=clock.now(), by=tx.actor.name))
    tx.session.flush()
    return tx.session.scalars(sa.select(Period.code).filter_by(id=found.period_id)).one()
