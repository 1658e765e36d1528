"""The books on the page: equations, accounts, their entries, and what has waited how long."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access import approvals
from biobank.errors import Invalid, NotFound
from biobank.payments import ageing, book_facts, ledger, nightly, write_offs
from biobank.payments.models import BookCheck, Transfer
from biobank.payments.notes import read_note
from biobank.web.api import keyset_page
from biobank.web.transaction import current_tx


def books() -> str:
    """Every equation, and every account with its balance."""
    tx = current_tx()
    balances = ledger.balances(tx)
    last = tx.session.scalar(sa.select(BookCheck).order_by(BookCheck.id.desc()).limit(1))
    accounts = [(code, name, balances.get(code, 0)) for code, name in ledger.ACCOUNTS.items()]
    return render_template("payments/books.html", equations=book_facts.all_equations(tx), accounts=accounts, last=last)


def check_books() -> Response:
    """Look at every equation now, and keep what was seen."""
    wrong = sum(1 for one in nightly.check(current_tx()) if one.difference)
    if wrong:
        flash(gettext("%(count)s equations do not hold. Each is asked about under Exceptions.", count=wrong), "error")
    else:
        flash(gettext("Every equation holds."))
    return redirect(url_for("payments.books"), 303)


def account(code: str) -> str:
    """The entries of one account, the newest first."""
    if code not in ledger.ACCOUNTS:
        raise NotFound("There is no such account. Go back to the books.")
    tx = current_tx()
    query = sa.select(Transfer).where(sa.or_(Transfer.debit == code, Transfer.credit == code))
    rows, more = keyset_page(tx.session, query, key=Transfer.id, after=request.args.get("after", type=UUID), limit=100)
    return render_template("payments/account.html", code=code, name=ledger.ACCOUNTS[code], rows=rows, more=more,
                           balance=ledger.balance(tx, code), can_end=_can_end(code))  # fmt: skip


def _can_end(code: str) -> frozenset[UUID]:
    """The entries of this account that may be written off, unless somebody has asked for that."""
    tx = current_tx()
    found = write_offs.standing(tx) if code == ledger.SUSPENSE else frozenset()
    return frozenset(key for key in found if approvals.open_about(tx, write_offs.WRITE_OFF, key) is None)


def write_off(transfer_id: UUID) -> Response:
    """Ask a second person to write an entry in suspense off."""
    note, errors = read_note()
    if errors:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    write_offs.ask(current_tx(), transfer_id, note)
    flash(gettext("Asked for. Somebody else of finance must approve it before it is written off."))
    return redirect(url_for("payments.account", code=ledger.SUSPENSE), 303)


def show_ageing() -> str:
    """What waits, by how long it has waited."""
    return render_template("payments/ageing.html", rows=ageing.rows(current_tx()), buckets=list(ageing.BUCKETS))


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/books", "GET", "books", books),
    ("/payments/books", "POST", "check_books", check_books),
    ("/payments/books/<code>", "GET", "account", account),
    ("/payments/entries/<uuid:transfer_id>/write-off", "POST", "write_off", write_off),
    ("/payments/ageing", "GET", "ageing", show_ageing),
)
