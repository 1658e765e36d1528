"""Matching on the page: lines and entries side by side, the basket whose difference must be nothing, bookings."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from biobank.access import approvals
from biobank.errors import Refused
from biobank.payments import bookings, ledger, listing, matching_by_hand, open_items, reconciliation, statement_files
from biobank.payments.book_facts import is_confirmed
from biobank.payments.models import ReconMatch, StatementLine, Transfer
from biobank.payments.schemas import BasketForm, BookingForm
from biobank.web import problems
from biobank.web.api import keyset_page
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

SHOWN = 50


def _chosen(values: MultiDict[str, str]) -> tuple[list[UUID], list[UUID]]:
    return values.getlist("line", type=UUID), values.getlist("entry", type=UUID)


def _account() -> str:
    wanted = request.values.get("account", ledger.PROVIDER)
    return wanted if wanted in statement_files.ACCOUNTS else ledger.PROVIDER


def _screen(**context: Any) -> str:
    """Open lines at the left, open entries at the right; what is ticked is the basket."""
    tx, account = current_tx(), _account()
    words = request.values.get("find", "").strip()
    is_open = ~is_confirmed(ReconMatch.line_id, StatementLine.id)
    query = sa.select(StatementLine).where(StatementLine.account == account, is_open)
    days = open_items.open_days(tx, StatementLine.booked_on)
    query = query if days is None else query.where(days)
    if words:
        found = f"%{words.lower()}%"
        query = query.where(sa.func.lower(StatementLine.text).like(found) | StatementLine.reference.like(found))
    lines, more = keyset_page(tx.session, query, key=StatementLine.id, after=request.args.get("after", type=UUID),
                              limit=SHOWN)  # fmt: skip
    entries_query = open_items.entries_query(account).order_by(Transfer.posted_on, Transfer.id).limit(SHOWN)
    entries = open_items.as_entries(tx.session.execute(entries_query))
    line_ids, entry_ids = _chosen(request.values)
    filled: dict[str, Any] = {"errors": {}, "values": request.values} | context
    basket = {"lines": [line for line in lines if line.id in line_ids],
              "entries": [entry for entry in entries if entry.id in entry_ids]}  # fmt: skip
    difference = sum(one.amount_cents for one in basket["lines"]) - sum(one.cents for one in basket["entries"])
    return render_template("payments/match.html", views=listing.views(tx, lines), entries=entries, account=account,
                           accounts=statement_files.ACCOUNTS, account_names=ledger.ACCOUNTS, line_ids=line_ids,
                           entry_ids=entry_ids, difference=difference, more=more, find=words, **filled)  # fmt: skip


def match_screen() -> str:
    return _screen()


def match_account() -> Response:
    """Match every open line of every account by the rules."""
    counts = reconciliation.match_all(current_tx())
    flash(gettext("%(confirmed)s matched, %(suggested)s suggested, %(open)s still open.", confirmed=counts["confirmed"],
                  suggested=counts["suggested"], open=counts["unmatched_lines"]))  # fmt: skip
    return redirect(url_for("payments.match_screen", account=_account()), 303)


def match_basket() -> Any:
    """Match what is ticked, with the reason."""
    given, errors = read_form(BasketForm())
    if errors:
        said = {"note": gettext("Write in a few words why these are the same money.")} if "note" in errors else errors
        return _screen(errors=said), 422
    try:
        matching_by_hand.match_by_hand(current_tx(), given["line"], given["entry"], given["note"])
    except Refused as refusal:
        current_tx().session.rollback()
        return _screen(refusal=problems.say(refusal)), refusal.status
    flash(gettext("Matched."))
    return redirect(url_for("payments.match_screen", account=_account()), 303)


def _line(line_id: UUID, **context: Any) -> str:
    tx = current_tx()
    line = bookings.line_of(tx, line_id)
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    return render_template("payments/line.html", view=listing.views(tx, [line])[0], codes=bookings.codes_for(line),
                           asked=approvals.open_about(tx, bookings.BOOK, line_id), **filled)  # fmt: skip


def line(line_id: UUID) -> str:
    """One statement line: what it belongs to, or how to book it."""
    return _line(line_id)


def book_line(line_id: UUID) -> Any:
    """Ask a second person to book a line that is no payment of ours."""
    given, errors = read_form(BookingForm())
    if errors:
        return _line(line_id, errors=errors, values=request.form), 422
    bookings.ask(current_tx(), line_id, given["code"], given["note"])
    flash(gettext("Asked for. Somebody else of finance must approve it before it is booked."))
    return redirect(url_for("payments.line", line_id=line_id), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/match", "GET", "match_screen", match_screen),
    ("/payments/match", "POST", "match_account", match_account),
    ("/payments/match/basket", "POST", "match_basket", match_basket),
    ("/lines/<uuid:line_id>", "GET", "line", line),
    ("/lines/<uuid:line_id>/book", "POST", "book_line", book_line),
)
