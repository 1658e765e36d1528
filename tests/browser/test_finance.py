"""A finance officer's month in a real browser: statements in, everything booked, signed by one, closed by another."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from waitress import create_server, wasyncore

from biobank import clock, db, events, migrations, wiring
from biobank.access.actions import add_site, add_staff
from biobank.access.models import SiteKind
from biobank.actor import Role
from biobank.app import create_app
from biobank.config import Profile, Settings
from biobank.db import Databases
from biobank.payments import book_facts, ledger
from biobank.payments.models import Disbursement, State, TransferKind
from biobank.payments.states import Step, move
from tests.browser.conftest import violations
from tests.payments.factories import make_payment, sent, statement

pytestmark = pytest.mark.browser
PASSWORD = "a quiet office chair"
# Where pictures of the pages go that a person should look at; none are taken otherwise.
PICTURES = os.environ.get("BIOBANK_TEST_PICTURES")
PEOPLE = {"fay": "Fay Lindqvist", "gus": "Gus Moreno"}


@dataclass
class Office:
    """A finance office: its address, its databases, the month before this one, and the payments made in it."""

    address: str
    databases: Databases
    day: datetime
    references: list[str] = field(default_factory=list)
    unknown: str = ""

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"

    def statement(self, *lines: tuple[str, int], opening: int) -> bytes:
        last = (self.day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        day = self.day.date().isoformat()
        rows = [(day, text, cents) for text, cents in lines]
        return statement(rows, opening=opening, last_day=last.date().isoformat()).replace(
            b"2026-11-20", day.encode(), 1
        )


def _fill(office: Office) -> None:
    with clock.at(office.day), office.databases.transaction() as tx:
        place = add_site(tx, code="DC", name="Programme Office", kind=SiteKind.OFFICE, zone="America/New_York")
        for username, name in PEOPLE.items():
            add_staff(
                tx, username=username, display_name=name, roles=[Role.FINANCE], password=PASSWORD, site_id=place.id
            )
        clinic = add_site(tx, code="CHI", name="Lakeside Clinic", kind=SiteKind.CLINIC, zone="America/Chicago")
        for _ in range(5):
            office.references.append(sent(tx, make_payment(tx, clinic.id)).external_id)
        doubtful = make_payment(tx, clinic.id)
        for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.UNKNOWN)):
            move(tx, Step(disbursement_id=doubtful.id, came_from=came_from, to=to, changes={"lease_token": "x"}))
        office.unknown = doubtful.external_id


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings(profile=Profile.DEMO, home=tmp_path / "office", cookie_secure=False, log_level="ERROR")
    databases = db.connect(settings)
    migrations.upgrade(databases)
    events.connect(wiring.TABLE)
    sockets: dict[int, object] = {}
    server = create_server(create_app(settings, databases), map=sockets, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    day = clock.now().astimezone(UTC).replace(day=1) - timedelta(days=10)
    made = Office(f"http://127.0.0.1:{server.effective_port}", databases, day)
    _fill(made)
    yield made
    server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
    thread.join()
    server.task_dispatcher.shutdown()
    databases.dispose()


@pytest.fixture
def arrive(chromium: Browser, office: Office) -> Iterator[Callable[[str], Page]]:
    windows = []

    def sign_in(username: str) -> Page:
        window = chromium.new_context(base_url=office.address, locale="en-US", viewport={"width": 1280, "height": 900})
        windows.append(window)
        window.set_default_timeout(15_000)
        page = window.new_page()
        page.goto("/sign-in")
        page.get_by_label("Name", exact=True).fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield sign_in
    for window in windows:
        window.close()


def _look(page: Page, name: str) -> None:
    """No violation on the page; its picture for a desk and for a phone, where pictures are wanted."""
    assert violations(page) == []
    if PICTURES:
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/finance-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def _upload(page: Page, content: bytes, account: str = "1100") -> None:
    page.goto("/statements")
    page.get_by_label("Of which account").select_option(account)
    page.get_by_label("A statement of the provider or the bank").set_input_files(
        {"name": "statement.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Import").click()


def _book(page: Page, words: str, code: str) -> None:
    page.goto("/statements/open")
    page.get_by_role("row", name=words).get_by_role("link").first.click()
    page.get_by_label("What it is").select_option(code)
    page.get_by_label("Why").fill("looked at it with the provider")
    page.get_by_role("button", name="Ask for the booking").click()
    expect(page.get_by_text("Asked for.")).to_be_visible()


def _approve_all(page: Page, number: int) -> None:
    for _ in range(number):
        page.goto("/approvals")
        page.locator("main a[href^='/approvals/']").first.click()
        page.get_by_role("button", name="Approve").click()


def _equations(office: Office) -> list[str]:
    with office.databases.transaction(read_only=True) as tx:
        return [one.code for one in book_facts.all_equations(tx) if one.difference]


def _the_provider_answers(office: Office) -> None:
    """The payment in doubt turns out to have been made."""
    with clock.at(office.day), office.databases.transaction() as tx:
        key = tx.session.scalars(sa.select(Disbursement.id).filter_by(external_id=office.unknown)).one()
        move(tx, Step(disbursement_id=key, came_from=State.UNKNOWN, to=State.SENDING, changes={"lease_token": "y"}))
        proof = {"provider": "p", "provider_ref": "LATE", "sent_at": office.day}
        move(tx, Step(disbursement_id=key, came_from=State.SENDING, to=State.SENT, changes=proof))
        ledger.post(tx, TransferKind.PAYMENT, key, 2500)


def _clear_up(fay: Page, gus: Page, office: Office) -> None:
    """The bank tells of the wire, the provider gives one charge back; the other, never explained, is written off."""
    _upload(fay, office.statement(("Wire to the provider", -100_000), opening=5_000_000), "1000")
    _upload(fay, office.statement(("Charge given back", 2500), opening=1_082_350))
    _book(fay, "Wire to the provider", "booked-topup")
    _book(fay, "Charge given back", "booked-suspense")
    _approve_all(gus, 2)
    fay.goto("/payments/books/1900")
    fay.get_by_text("Write it off").first.click()
    fay.get_by_label("Why nobody can clear this up").first.fill("the provider denies it, ticket 12")
    _look(fay, "suspense")
    fay.get_by_role("button", name="Ask for the write-off").first.click()
    _approve_all(gus, 1)


def test_a_month_from_the_first_statement_to_the_journal(arrive: Callable[[str], Page], office: Office) -> None:
    fay, gus = arrive("fay"), arrive("gus")
    lines = [(f"Reward order {reference} USD", -2500) for reference in office.references]
    first = office.statement(*lines, ("Wire of ours", 100_000), opening=1_000_000)
    _upload(fay, first)
    fay.get_by_role("button", name="Match").click()
    expect(fay.get_by_text("5 matched, 0 suggested, 1 still open.")).to_be_visible()
    _upload(fay, first)
    expect(fay.get_by_text("6 lines, 6 of them new.")).to_be_visible()
    _upload(fay, office.statement(("Later", -900), opening=900_000))
    expect(fay.get_by_text("Something is missing between them")).to_be_visible()
    returned, twice = office.references[:2]
    second = [(f"Refund {returned}", 2500), (f"Reward order {twice}", -2500), ("Reward BB-0000000000000000-1", -2500),
              (f"Reward order {office.unknown}", -2500), ("Settlement fee", -150)]  # fmt: skip
    _upload(fay, office.statement(*second, opening=1_087_500))
    fay.get_by_role("button", name="Match").click()
    fay.goto("/payments/exceptions")
    for words in ("Money of a payment came back", "charged a payment again", "that we never made"):
        expect(fay.get_by_role("heading", name=re.compile(words))).to_be_visible()
    _look(fay, "exceptions")
    fay.goto(f"/periods/{office.month}")
    expect(fay.get_by_role("row", name="No payment of the month is unknown")).to_contain_text("Stops the close")
    _the_provider_answers(office)
    fay.goto("/payments/match")
    fay.get_by_role("button", name="Match by the rules").click()
    expect(fay.get_by_text("1 matched")).to_be_visible()
    _look(fay, "match")
    for words, code in (("Wire of ours", "booked-topup"), (f"Refund {returned}", "booked-refund"),
                        (f"Reward order {twice}", "booked-suspense"), ("BB-0000000000000000-1", "booked-suspense"),
                        ("Settlement fee", "booked-fee")):  # fmt: skip
        _book(fay, words, code)
    _approve_all(gus, 5)
    _clear_up(fay, gus, office)
    gus.goto("/payments")
    expect(gus.get_by_text("Books 0.00")).to_be_visible()
    _look(gus, "home")
    gus.goto("/payments?state=settled")
    _look(gus, "list")
    gus.goto(f"/periods/{office.month}")
    gus.get_by_role("button", name="Lock the month").click()
    while gus.get_by_role("button", name="Waive").count():
        gus.get_by_label("Why it may pass").first.fill("the provider is asked, ticket 11")
        gus.get_by_role("button", name="Waive").first.click()
    _look(gus, "checklist")
    gus.get_by_role("button", name="Sign").click()
    expect(gus.get_by_text("This waits for a second person.")).to_be_visible()
    _approve_all(fay, 1)
    fay.goto(f"/periods/{office.month}")
    expect(fay.locator("main .state").first).to_contain_text("Closed")
    with fay.expect_download() as pack:
        fay.get_by_role("link", name="PDF").click()
    with fay.expect_download() as journal:
        fay.get_by_role("button", name="Give out the journal").click()
    assert pack.value.path().read_bytes().startswith(b"%PDF")
    assert journal.value.path().read_text().startswith("JournalNo,")
    _look(fay, "closed")
    fay.goto("/payments/books")
    _look(fay, "books")
    assert _equations(office) == []
