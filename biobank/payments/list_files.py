"""A list of payments as a file, exactly as it is narrowed: codes, states and cents, never a name, never a link."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Invalid
from biobank.payments.exports import guarded
from biobank.payments.listing import Wanted, payments
from biobank.payments.models import Disbursement, Entitlement, Payee
from biobank.web import watermark

MOST, BATCH = 100_000, 2000
HEADER = ("Payee", "Site", "Earned", "State", "Amount", "Currency", "Reference", "Provider", "Provider's order", "Sent",
          "Settled", "Attempt")  # fmt: skip
Row = tuple[str, ...]


def rows(tx: Tx, wanted: Wanted) -> Iterator[Row]:
    """The payments of a list, newest first; raises Invalid for more than a spreadsheet is good for."""
    chosen = payments(wanted).with_only_columns(Disbursement.id).subquery()
    some = sa.select(chosen.c.id).limit(MOST + 1).subquery()
    if tx.session.scalars(sa.select(sa.func.count()).select_from(some)).one() > MOST:
        raise Invalid("These are more than %(most)s payments. Narrow the list, by month for instance.", most=MOST,
                      code="list-too-long")  # fmt: skip
    query = (
        sa.select(Payee.code, Site.code, Entitlement.earned_at, Disbursement.state, Disbursement.amount_cents,
                  Disbursement.external_id, Disbursement.provider, Disbursement.provider_ref, Disbursement.sent_at,
                  Disbursement.settled_at, Disbursement.seq)
        .join_from(Disbursement, chosen, chosen.c.id == Disbursement.id)
        .join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        .join(Payee, Payee.id == Entitlement.payee_id)
        .join(Site, Site.id == Entitlement.site_id)
        .order_by(Disbursement.id.desc())
    )  # fmt: skip
    yield HEADER
    for payee, site, earned, state, cents, ours, way, order, sent, settled, seq in tx.session.execute(
        query.execution_options(yield_per=BATCH)
    ):
        yield (payee, site, _at(earned), str(state), f"{cents // 100}.{cents % 100:02}", "USD", ours, way or "",
               order or "", _at(sent), _at(settled), str(seq))  # fmt: skip


def _at(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def to_csv(found: Iterator[Row]) -> bytes:
    """As CSV, UTF-8; what a spreadsheet would take for a formula is text."""
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([guarded(cell) for cell in row] for row in found)
    return sheet.getvalue().encode()


def to_xlsx(found: Iterator[Row]) -> bytes:
    """As a workbook of one sheet; amounts are numbers, everything else is text."""
    stream, amount = io.BytesIO(), HEADER.index("Amount")
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "constant_memory": True, "strings_to_formulas": False,
                                        "strings_to_urls": False})  # fmt: skip
    sheet = book.add_worksheet("Payments")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADER) - 1, 20)
    for place, row in enumerate(found):
        for column, cell in enumerate(row):
            if place and column == amount:
                sheet.write_number(place, column, float(cell))
            else:
                sheet.write_string(place, column, cell)
    watermark.on_book(book)
    book.close()
    return stream.getvalue()


FORMS: Mapping[str, tuple[str, Callable[[Iterator[Row]], bytes]]] = {
    "csv": ("text/csv", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
}
