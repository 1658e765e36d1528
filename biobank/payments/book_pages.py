"""The books on the page: equations, accounts, their entries, and what has waited how long."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import NotFound
from biobank.payments import ageing, book_facts, ledger
from biobank.payments.models import BookCheck, Transfer
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
    wrong = sum(1 for one in book_facts.check(current_tx()) if one.difference)
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
                           balance=ledger.balance(tx, code))  # fmt: skip


def show_ageing() -> str:
    """What waits, by how long it has waited."""
    return render_template("payments/ageing.html", rows=ageing.rows(current_tx()), buckets=list(ageing.BUCKETS))


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/books", "GET", "books", books),
    ("/payments/books", "POST", "check_books", check_books),
    ("/payments/books/<code>", "GET", "account", account),
    ("/payments/ageing", "GET", "ageing", show_ageing),
)
