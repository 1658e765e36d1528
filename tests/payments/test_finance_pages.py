"""A finance officer's month on the pages: every figure leads on, nothing ends without the next thing to do."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access.models import Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.payments import actions, book_facts, charts, exports, layouts, packs_written
from biobank.payments.models import Disbursement, State, StatementLine
from tests.pages import Browser
from tests.payments.factories import make_payment, make_site_id, sent, statement

IN_NOVEMBER, IN_DECEMBER = datetime(2026, 11, 20, 18, tzinfo=UTC), datetime(2026, 12, 3, 18, tzinfo=UTC)
STRANGER = "Reward BB-0000000000000000-1"


def _month(databases: Databases) -> list[str]:
    """Three payments of November: two on the statement, one that came back; a top-up and a stranger's charge."""
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        site_id = make_site_id(tx)
        references = [sent(tx, make_payment(tx, site_id)).external_id for _ in range(3)]
        lines = [(f"Reward {reference}", -2500) for reference in references]
        lines += [
            (f"Refund {references[2]}", 2500),
            ("Wire of the 18th", 100_000),
            (STRANGER, -2500),
        ]
        rows = [("2026-11-20", text, cents) for text, cents in lines]
        actions.import_statement(tx, statement(rows, last_day="2026-11-30"))
        actions.match_all(tx)
    return references


def _book(finance: Browser, databases: Databases, words: str, code: str) -> None:
    with databases.transaction(read_only=True) as tx:
        key = tx.session.scalars(sa.select(StatementLine.id).where(StatementLine.text.startswith(words))).one()
    finance.get(f"/lines/{key}")
    finance.submit("Ask for the booking", code=code, note="looked at")


def _approve_all(browser: Browser) -> None:
    for _ in range(9):
        browser.get("/approvals")
        waiting = [link for link in browser.page.links.values() if link.startswith("/approvals/")]
        if not waiting:
            return
        browser.get(waiting[0])
        if "Approve" not in [label for form in browser.page.forms for label, *_ in form.buttons]:
            return
        browser.submit("Approve")


def test_a_month_is_booked_closed_and_given_out_by_two_people(
    databases: Databases, browser: Browser, sign_in: Callable[..., Staff]
) -> None:
    references = _month(databases)
    with clock.at(IN_DECEMBER):
        first = sign_in(Role.FINANCE).username
        for words, code in (("Refund", "booked-refund"), ("Wire", "booked-topup"), (STRANGER, "booked-suspense")):
            _book(browser, databases, words, code)
        second = sign_in(Role.FINANCE).username
        _approve_all(browser)
        browser.get("/periods/2026-11")
        browser.submit("Lock the month")
        for reason in ("the provider is asked", "the top-up was sent in October"):
            browser.submit("Waive", note=reason)
        browser.submit("Sign")
        browser.sign_in(first)
        _approve_all(browser)
        assert "Closed" in browser.get("/periods/2026-11").text, second
        browser.submit("Give out the journal", target="quickbooks")
        rows = list(csv.DictReader(io.StringIO(browser.response.get_data(as_text=True)))) if browser.response else []
    assert sum(float(row["Debits"] or 0) - float(row["Credits"] or 0) for row in rows) == pytest.approx(0)
    with clock.at(IN_DECEMBER), databases.transaction(read_only=True) as tx:
        returned = sa.select(Disbursement.external_id).filter_by(state=State.RETURNED)
        assert tx.session.scalars(returned).all() == [references[2]]
        assert {one.code for one in book_facts.all_equations(tx) if one.difference} == {"stale-1150", "suspense"}


def test_the_journal_is_given_out_once_until_it_is_voided(
    databases: Databases, browser: Browser, sign_in: Callable[..., Staff]
) -> None:
    with clock.at(IN_NOVEMBER), databases.transaction() as tx:
        payment = sent(tx, make_payment(tx))
        lines = [("2026-11-20", f"Reward {payment.external_id}", -2500)]
        actions.match(tx, actions.import_statement(tx, statement(lines, last_day="2026-11-30")).id)
    with clock.at(IN_DECEMBER):
        first = sign_in(Role.FINANCE).username
        browser.get("/periods/2026-11")
        browser.submit("Lock the month")
        browser.submit("Sign")
        sign_in(Role.FINANCE)
        _approve_all(browser)
        for said in ("External ID", "given out already"):
            browser.get("/periods/2026-11")
            browser.submit("Give out the journal", target="netsuite")
            assert said in (browser.response.get_data(as_text=True) if browser.response else "")
        browser.get("/periods/2026-11")
        browser.submit("Void", note="taken back there")
        browser.submit("Give out the journal", target="netsuite")
        assert browser.status == 200, first
        book = openpyxl.load_workbook(io.BytesIO(browser.client.get("/periods/2026-11/pack/xlsx").data))
        paper = pypdfium2.PdfDocument(browser.client.get("/periods/2026-11/pack/pdf").data)
    assert "Trial balance" in book.sheetnames
    assert "Books of 2026-11" in paper[0].get_textpage().get_text_range()


def test_lines_and_entries_are_matched_as_a_basket_on_the_page(databases: Databases, finance: Browser) -> None:
    with databases.transaction() as tx:
        for _ in range(2):
            sent(tx, make_payment(tx))
        day = clock.now().date().isoformat()
        actions.import_statement(tx, statement([(day, "Settlement", -5000)], last_day=day))
    boxes = _boxes(finance)
    finance.post("/payments/match/basket", {"line": boxes["line"], "entry": boxes["entry"][:1], "note": "their list"})
    assert "difference of 0.00" in finance.page.text
    finance.post("/payments/match/basket", {"line": boxes["line"], "entry": boxes["entry"], "note": "their list"})
    assert "No entry waits for its line." in finance.page.text


def _boxes(finance: Browser) -> dict[str, list[str]]:
    ids = finance.get("/payments/match").ids
    # A time-ordered id has four hyphens of its own; the headings' ids have none.
    named = [name.partition("-") for name in ids if name.count("-") == 5]
    return {side: [key for kind, _, key in named if kind == side] for side in ("line", "entry")}


@pytest.mark.parametrize(
    "path", ["/payments", "/payments?state=sent&age=0-1", "/payments/books", "/payments/books/1100", "/payments/ageing",
             "/payments/match", "/payments/exceptions?whose=late", "/periods", "/statements", "/statements/layouts",
             "/statements/open?age=0-1"],
)  # fmt: skip
def test_every_page_of_finance_is_whole_with_and_without_anything_on_it(
    databases: Databases, finance: Browser, path: str
) -> None:
    assert finance.get(path).headings
    with databases.transaction() as tx:
        payment = sent(tx, make_payment(tx))
        lines = [("2026-11-20", f"Reward {payment.external_id}", -2500), ("2026-11-20", "Gift", -900)]
        actions.import_statement(tx, statement(lines))
        actions.match_all(tx)
    assert finance.get(path).headings


def test_a_layout_is_tried_on_a_file_saved_and_used(databases: Databases, finance: Browser) -> None:
    bank = b"Posting Date,Details,Out,In,Balance\n11/03/2026,Coffee,4.50,,95.50\n11/02/2026,Wire,,100.00,100.00\n"
    values = {"name": "First Bank", "day": "Posting Date", "day_form": "MM/DD/YYYY", "text": "Details",
              "paid_out": "Out", "paid_in": "In", "balance": "Balance", "newest_first": "true",
              "delimiter": ","}  # fmt: skip
    finance.post("/statements/layouts", values | {"do": "try", "file": (io.BytesIO(bank), "bank.csv")})
    assert "$95.50" in finance.page.text
    finance.post("/statements/layouts", values | {"do": "save"})
    layout = next(form.values for form in finance.page.forms if "layout" in form.values)
    with databases.transaction(read_only=True) as tx:
        key = str(layouts.layouts(tx)[0].id)
    assert layout["layout"] in ("", key)
    finance.post("/statements", {"layout": key, "account": "1000", "form": "", "file": (io.BytesIO(bank), "bank.csv")})
    assert "2 lines, 2 of them new." in finance.page.text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    assert exports.guarded(text) == f"'{text}"


def test_a_pack_keeps_text_as_text_whatever_it_begins_with() -> None:
    empty = ("opens_on", "closes_on", "trial_balance", "reconciliations", "checklist", "exceptions")
    rows = [{"what": "=1+1", "count": 1, "cents": -2500}]
    content = {"period": "2026-11", "roll_forward": rows} | dict.fromkeys(empty, "")
    sheet = openpyxl.load_workbook(io.BytesIO(packs_written.xlsx(content, "x")))["Roll-forward of incentives"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n"]
    assert (sheet["C2"].value, sheet["C2"].number_format) == (-25, "#,##0.00;(#,##0.00)")


def test_bars_fill_the_drawing_and_nothing_is_drawn_for_nothing() -> None:
    made = charts.bars([("a", 0), ("b", 5), ("c", 10)])
    assert [bar.height for bar in made] == [0, 73.0, 146.0]
    assert charts.bars([]) == []


@pytest.mark.parametrize(("share", "value"), [(0.95, 10), (0.5, 5), (0.01, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, value: int) -> None:
    assert charts.percentile(list(range(1, 11)), share) == value


def test_the_days_of_the_chart_are_the_last_thirty(databases: Databases, noon: datetime) -> None:
    with databases.transaction() as tx:
        sent(tx, make_payment(tx))
        days = charts.days(tx)
    assert (days[-1].day, days[-1].total, len(days)) == (date(2026, 11, 20), 1, 30)
