"""Finance finds every dollar: from the figure down to the statement line and back."""

import io
from collections.abc import Callable
from itertools import pairwise
from uuid import UUID

import sqlalchemy as sa

from biobank.access.models import Look, Staff
from biobank.actor import Role
from biobank.db import Databases
from biobank.payments import actions
from biobank.payments.models import ReconException, State, StatementFile
from biobank.payments.states import Step, move
from tests.pages import Browser
from tests.payments.conftest import Worker
from tests.payments.factories import make_payments, statement
from tests.payments.providers.conftest import Simulator

WorkerOf = Callable[..., Worker]


def _upload(browser: Browser, content: bytes) -> None:
    browser.post("/statements", {"file": (io.BytesIO(content), "statement.csv")})


def _reference(databases: Databases, key: UUID) -> str:
    with databases.transaction(read_only=True) as tx:
        return actions.disbursement_of(tx, key).external_id


def _set(databases: Databases, key: UUID, *path: State) -> None:
    with databases.transaction() as tx:
        for came_from, to in pairwise(path):
            changes = {"lease_token": "mine", "provider": "p", "provider_ref": str(key)}
            assert move(tx, Step(disbursement_id=key, came_from=came_from, to=to, changes=changes))


def test_finance_starts_at_an_empty_page_that_says_what_will_come(finance: Browser) -> None:
    finance.get("/")
    assert "The first one stands here as soon as a visit is completed." in finance.page.text
    assert "Books 0.00" in finance.page.text


def test_the_figures_lead_to_the_payment_and_its_history(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 2)[0]
    reference = _reference(databases, key)
    assert "$50.00" in finance.get("/payments").text
    finance.get("/payments?state=payable")
    finance.get(finance.page.links[reference])
    assert finance.page.headings == [f"Payment {reference}"]
    assert "Earned by a completed visit." in finance.page.text


def test_each_look_at_a_payment_is_recorded(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 1)[0]
    finance.get(f"/payments/{key}")
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(Look.subject_id)).all() == [key]


def test_a_payment_is_found_by_its_reference_in_small_letters(databases: Databases, finance: Browser) -> None:
    first, second = (_reference(databases, key) for key in make_payments(databases, 2))
    finance.get(f"/payments?reference={first.lower()}")
    assert first in finance.page.links
    assert second not in finance.page.links


def test_the_list_goes_on_by_pages_within_its_state(databases: Databases, finance: Browser) -> None:
    make_payments(databases, 60)
    finance.get("/payments?state=queued")
    first = set(finance.page.links)
    finance.get(finance.page.links["Older"])
    assert len([words for words in finance.page.links if words.startswith("BB-")]) == 10
    assert not [words for words in finance.page.links if words.startswith("BB-") and words in first]


def test_books_that_disagree_are_shown_in_red_with_the_difference(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 1)[0]
    _set(databases, key, State.QUEUED, State.SENDING, State.SENT)
    finance.get("/payments")
    assert "books--wrong" in finance.page.html
    assert "a difference of $50.00" in finance.page.text


def test_a_held_payment_waits_for_another_person(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 1)[0]
    finance.get(f"/payments/{key}")
    finance.submit("Hold", note="looks odd")
    finance.submit("Release")
    assert finance.status == 409
    assert "Another person must look at it" in finance.page.text


def test_another_person_releases_it(databases: Databases, finance: Browser, sign_in: Callable[..., Staff]) -> None:
    key = make_payments(databases, 1)[0]
    finance.get(f"/payments/{key}")
    finance.submit("Hold", note="looks odd")
    sign_in(Role.FINANCE)
    finance.get(f"/payments/{key}")
    assert "Waits to be sent" in finance.submit("Release").text


def test_a_failed_payment_is_made_anew_and_held(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 1)[0]
    _set(databases, key, State.QUEUED, State.SENDING, State.FAILED)
    finance.get(f"/payments/{key}")
    finance.submit("Pay again", note="campaign was closed")
    assert finance.page.headings[0].endswith("-2")
    assert "waits for a second person" in finance.page.text


def test_an_action_without_a_reason_is_asked_for_it(databases: Databases, finance: Browser) -> None:
    key = make_payments(databases, 1)[0]
    finance.get(f"/payments/{key}")
    finance.submit("Hold", note="")
    assert finance.status == 422
    assert "Write why in a few words" in finance.page.text


def test_a_statement_settles_payments_and_each_can_be_followed_to_its_line(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, finance: Browser
) -> None:
    key = make_payments(databases, 2)[0]
    worker_of(provider).work()
    finance.get("/statements")
    _upload(finance, provider.statement())
    assert "2 lines, 2 of them new." in finance.page.text
    assert "2 matched, 0 suggested, 0 still open." in finance.submit("Match").text
    finance.get(f"/payments/{key}")
    assert "The line carries" in finance.page.text
    assert "$50.00 settled" in finance.get("/payments").text


def test_a_statement_that_does_not_add_up_is_refused_whole_with_the_reason(
    databases: Databases, finance: Browser
) -> None:
    _upload(finance, statement([("2026-11-20", "Reward", -2500)]).replace(b"Reward,,-25.00", b"Reward,,-24.00"))
    assert finance.status == 422
    assert "is missing or too much" in finance.page.text
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(StatementFile)).all() == []


def test_no_file_is_asked_for(finance: Browser) -> None:
    finance.post("/statements", {})
    assert finance.status == 422
    assert "Choose the statement's file first." in finance.page.text


def test_an_exception_is_resolved_with_a_note(databases: Databases, finance: Browser) -> None:
    _upload(finance, statement([("2026-11-20", "Reward order BB-0000000000000000-1 USD", -2500)]))
    finance.submit("Match")
    assert "charged a payment that we never made" in finance.get("/payments/exceptions").text
    finance.submit("Resolve", note="")
    assert finance.status == 422
    finance.submit("Resolve", note="the provider refunded it")
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalars(sa.select(ReconException.resolution)).all() == ["the provider refunded it"]
    assert "the provider refunded it" in finance.get("/payments/exceptions?all=1").text


def test_a_suggestion_is_confirmed_by_a_person_and_can_be_taken_back(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, finance: Browser
) -> None:
    make_payments(databases, 1)
    worker_of(provider).work()
    today = provider.statement().decode().splitlines()[-1][:10]
    _upload(finance, statement([(today, "Gift card", -2500)]))
    assert "0 matched, 1 suggested, 1 still open." in finance.submit("Match").text
    assert "The only line and the only payment" in finance.submit("Yes, it is").text
    finance.submit("Take the match back", note="another programme's gift")
    assert "$25.00 sent, not yet on a statement" in finance.get("/payments").text
    assert "Books 0.00" in finance.page.text


def test_unmatched_lines_of_all_statements_stand_together(finance: Browser) -> None:
    _upload(finance, statement([("2026-11-20", "Something else", -900)]))
    finance.get("/statements/open")
    assert "Something else" in finance.page.text
