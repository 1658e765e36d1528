"""Payments onto reloadable cards: a file that two people send, an answer taken whole, a card of one person alone."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from biobank.access import approvals
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Conflict, Refused, UnsafeSettings
from biobank.payments import ach, actions, book_facts, card_loads, means, providers, worker
from biobank.payments.cash_models import Means
from biobank.payments.models import AchEntry, Disbursement, LoadCard, State
from biobank.payments.providers import card_load
from biobank.payments.providers.card_load import ANSWER_HEADER, Load, LoadRefused
from tests.participants.factories import make_site
from tests.payments.factories import make_payment, make_site_id, make_staff
from tests.payments.test_api import Caller
from tests.visits.factories import make_open_visit, make_station

CARD = "6011 2222 3333 4444"


class Office:
    """Two people of finance, a site that pays onto cards, and its payments."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        with databases.transaction() as tx:
            staff = [make_staff(tx, Role.FINANCE) for _ in range(2)]
            self.site_id = make_site_id(tx)
            means.choose(tx, self.site_id, Means.LOAD)
        self.one, self.other = (Actor(kind="staff", name=who.username, id=who.id, roles=frozenset({Role.FINANCE}))
                                for who in staff)  # fmt: skip

    def payment(self, card: str = CARD) -> UUID:
        with self.databases.transaction(self.one) as tx:
            payment = make_payment(tx, self.site_id)
            card_loads.note_card(tx, payment.entitlement.payee_id, card)
            return payment.id

    def released(self) -> bytes:
        with self.databases.transaction(self.one) as tx:
            batch_id = card_loads.prepare(tx).id
        with self.databases.transaction(self.other) as tx:
            approvals.decide(tx, approvals.waiting(tx)[0].id, approve=True, reason="")
        with self.databases.transaction(self.one) as tx:
            return ach.bytes_of(tx, batch_id)

    def answer(self, *rows: Sequence[str]) -> tuple[int, int]:
        with self.databases.transaction(self.one) as tx:
            return card_loads.take_answers(tx, _answers(*rows))

    def state(self, key: UUID) -> State:
        with self.databases.transaction(read_only=True) as tx:
            return actions.disbursement_of(tx, key).state

    def trace(self, key: UUID) -> str:
        with self.databases.transaction(read_only=True) as tx:
            return tx.session.scalars(sa.select(AchEntry.trace).filter_by(disbursement_id=key)).one()


def _answers(*rows: Sequence[str]) -> bytes:
    return "\r\n".join(",".join(row) for row in (ANSWER_HEADER, *rows)).encode()


@pytest.fixture
def office(databases: Databases) -> Office:
    return Office(databases)


def test_what_is_loaded_is_settled_what_is_not_is_owed_again_and_the_books_hold(office: Office) -> None:
    first, second = office.payment(), office.payment("6011 2222 3333 5555")
    rows = list(csv.DictReader(io.StringIO(office.released().decode("ascii"))))
    assert [(row["Card"], row["Amount"]) for row in rows] == [
        ("6011222233334444", "25.00"), ("6011222233335555", "25.00")
    ]  # fmt: skip
    assert office.state(first) is State.SENT
    told = ((rows[0]["Reference"], "25.00", "LOADED", "T1", ""),
            (rows[1]["Reference"], "25.00", "REJECTED", "", "Card closed"))  # fmt: skip
    assert office.answer(*told) == (1, 1)
    assert office.answer(*told) == (0, 0)
    assert (office.state(first), office.state(second)) == (State.SETTLED, State.RETURNED)
    with office.databases.transaction(read_only=True) as tx:
        assert [one.code for one in book_facts.all_equations(tx) if one.difference] == []


def test_finance_sends_a_file_and_takes_its_answer_over_json(office: Office, app: Any) -> None:
    key = office.payment()
    caller = Caller(app.test_client(), office.one.name)
    file = caller.post("/payment-files", {"form": "card-load"}).json
    with office.databases.transaction(office.other) as tx:
        approvals.decide(tx, approvals.waiting(tx)[0].id, approve=True, reason="")
    raw = caller.get(f"/payment-files/{file['id']}/content").data
    assert hashlib.sha256(raw).hexdigest() == file["sha256"]
    content = _answers((office.trace(key), "25.00", "LOADED", "T1", "")).decode()
    assert caller.post("/payment-files/answers", {"content": content}).json == {"loaded": 1, "came_back": 0}
    assert caller.post("/payment-files/answers", {"content": "\ud800"}).status_code == 422
    assert [one["released_by"] for one in caller.get("/payment-files").json] == [office.other.name]


def test_the_desk_notes_a_card_over_json_and_is_told_its_end_alone(databases: Databases, app: Any) -> None:
    with databases.transaction() as tx:
        site = make_site(tx)
        visit = make_open_visit(tx, make_station(tx, site.id))
        username = make_staff(tx, Role.CLINIC, site_id=site.id).username
    answer = Caller(app.test_client(), username).post(f"/visits/{visit.id}/payment/card", {"card": CARD})
    assert answer.json == {"last4": "4444"}


def test_an_answer_that_is_not_all_ours_changes_nothing(office: Office) -> None:
    key = office.payment()
    office.released()
    trace = office.trace(key)
    for strange in ((trace, "26.00", "LOADED", "T1", ""), ("C00000000000099", "25.00", "LOADED", "T2", "")):
        with pytest.raises(Refused):
            office.answer((trace, "25.00", "LOADED", "T1", ""), strange)
        with pytest.raises(Refused):
            office.answer(strange)
    assert office.state(key) is State.SENT


def test_a_file_that_nobody_released_is_not_answered_and_sets_its_payments_free(office: Office) -> None:
    key = office.payment()
    with office.databases.transaction(office.one) as tx:
        card_loads.prepare(tx)
    with pytest.raises(Refused):
        office.answer((office.trace(key), "25.00", "LOADED", "T1", ""))
    with office.databases.transaction(office.other) as tx:
        approvals.decide(tx, approvals.waiting(tx)[0].id, approve=False, reason="Wrong day")
    assert office.state(key) is State.QUEUED


def test_a_card_belongs_to_one_person_and_is_readable_in_no_row(office: Office) -> None:
    office.payment()
    with pytest.raises(Conflict):
        office.payment()
    with office.databases.transaction(read_only=True) as tx:
        tables = LoadCard.metadata.tables.values()
        rows = [str(row) for table in tables for row in tx.session.execute(table.select())]
    assert [row for row in rows if "6011222233334444" in row] == []


def test_a_worker_never_sends_what_goes_by_file(office: Office, settings: Settings) -> None:
    key = office.payment()
    with office.databases.transaction(read_only=True) as tx:
        assert tx.session.get_one(Disbursement, key).provider == "card-load"
    assert {"card-load", "nacha", "site-card", "site-cash", "tremendous"} <= set(providers.available())
    with pytest.raises(UnsafeSettings, match="a worker calls"):
        worker.open_provider(replace(settings, payment_provider="card-load", payment_base_url="http://127.0.0.1:9",
                                     payment_key_file=Path(__file__)))  # fmt: skip


loads = st.lists(
    st.builds(Load, reference=st.from_regex(r"C[0-9]{14}", fullmatch=True),
              card=st.from_regex(r"[0-9A-Z]{8,24}", fullmatch=True), cents=st.integers(1, 999_999_999)), max_size=5,
)  # fmt: skip


@given(loads)
def test_what_is_written_is_read_back_by_any_reader(given: list[Load]) -> None:
    rows = list(csv.DictReader(io.StringIO(card_load.write(given).decode("ascii"), newline="")))
    assert [(row["Reference"], row["Card"], round(float(row["Amount"]) * 100)) for row in rows] == [
        (one.reference, one.card, one.cents) for one in given
    ]


@pytest.mark.parametrize("row", [
    ("C1", "25.00", "LOADED", "T1", ""), ("C00000000000001", "25", "LOADED", "T1", ""),
    ("C00000000000001", "25.00", "PENDING", "T1", ""), ("C00000000000001", "25.00", "LOADED", "", "why"),
    ("C00000000000001", "25.00", "REJECTED", "T1", ""), ("C00000000000001", "25.00", "LOADED", "T1"),
])  # fmt: skip
def test_an_answer_that_cannot_be_read_is_refused(row: Sequence[str]) -> None:
    with pytest.raises(LoadRefused):
        card_load.read_answers(_answers(row))
