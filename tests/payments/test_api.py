"""Payments and statements over JSON, for finance alone, and never with a link."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from biobank.actor import Role
from biobank.db import Databases
from tests.payments.conftest import Worker
from tests.payments.factories import make_payments, make_staff, statement
from tests.payments.providers.conftest import Simulator

WorkerOf = Callable[..., Worker]


class Caller:
    """A program signed in as one member of staff."""

    def __init__(self, client: FlaskClient, username: str) -> None:
        self.client, self.number, self.headers = client, 0, {}
        answer = self.post("/sessions", {"username": username, "password": "correct horse battery"})
        self.headers = {"Authorization": f"Bearer {answer.json['token']}"}

    def post(self, path: str, body: dict[str, Any]) -> Any:
        self.number += 1
        headers = {**self.headers, "Idempotency-Key": f"key-{self.number}", "Sec-Fetch-Site": "none"}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(path if path.startswith("/api") else f"/api/v1{path}", headers=self.headers)


@pytest.fixture
def caller(app: Any, databases: Databases) -> Callable[[Role], Caller]:
    def make(role: Role) -> Caller:
        with databases.transaction() as tx:
            username = make_staff(tx, role).username
        return Caller(app.test_client(), username)

    return make


@pytest.fixture
def finance(caller: Callable[[Role], Caller]) -> Caller:
    return caller(Role.FINANCE)


def test_the_summary_counts_each_state(databases: Databases, finance: Caller) -> None:
    make_payments(databases, 2)
    figures = finance.get("/payments/summary").json
    assert (figures["queued"], figures["sent"], figures["payable_cents"]) == (2, 0, 5000)
    assert figures["books_difference_cents"] == 0


def test_the_list_goes_on_by_its_link_and_keeps_its_filter(databases: Databases, finance: Caller) -> None:
    keys = {str(key) for key in make_payments(databases, 5)}
    first = finance.get("/payments?limit=3&state=queued")
    following = first.headers["Link"].removeprefix("<").partition(">")[0]
    second = finance.get(following)
    assert {row["id"] for row in first.json + second.json} == keys
    assert ("Link" in second.headers, "state=queued" in following) == (False, True)


def test_a_kept_list_comes_back_in_the_words_of_the_list_until_it_is_forgotten(finance: Caller) -> None:
    made = finance.post("/payments/views", {"name": "Old", "narrowed": {"age": "8-30", "since": "2026-11-01"}})
    assert made.status_code == 201
    (kept,) = finance.get("/payments/views").json
    assert (kept["name"], kept["narrowed"]) == ("Old", {"age": "8-30", "since": "2026-11-01"})
    headers = {**finance.headers, "Idempotency-Key": "forget", "Sec-Fetch-Site": "none"}
    assert finance.client.delete(f"/api/v1/payments/views/{kept['id']}", headers=headers).status_code == 204
    assert finance.get("/payments/views").json == []


def test_the_provider_is_asked_only_about_what_it_has_sent(databases: Databases, finance: Caller) -> None:
    (key,) = make_payments(databases, 1)
    asked = finance.post(f"/payments/{key}/errands", {"kind": "resend", "note": "It did not arrive."})
    assert (asked.status_code, "not-sent" in asked.json["type"]) == (409, True)
    assert finance.get(f"/payments/{key}/errands").json == []


def test_a_state_that_is_none_is_refused(finance: Caller) -> None:
    assert finance.get("/payments?state=lost").status_code == 422


def test_a_payment_is_told_whole_but_for_its_link(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, finance: Caller
) -> None:
    key = make_payments(databases, 1)[0]
    worker_of(provider).work()
    answer = finance.get(f"/payments/{key}")
    assert [event["state"] for event in answer.json["events"]] == ["queued", "sending", "sent"]
    assert [call["outcome"] for call in answer.json["calls"]] == ["confirmed"]
    assert "gift" not in answer.get_data(as_text=True)


def test_a_statement_goes_in_once_and_settles_its_payments(
    databases: Databases, provider: Simulator, worker_of: WorkerOf, finance: Caller
) -> None:
    make_payments(databases, 2)
    worker_of(provider).work()
    body = {"format": "csv", "content": provider.statement().decode()}
    kept = [finance.post("/statements", body).json for _ in range(2)]
    assert (kept[0], kept[0]["line_count"]) == (kept[1], 2)
    assert finance.post(f"/statements/{kept[0]['id']}/match", {}).json["confirmed"] == 2
    assert finance.get("/payments/summary").json["settled"] == 2


def test_a_statement_that_does_not_add_up_is_a_problem_with_its_reason(finance: Caller) -> None:
    wrong = statement([("2026-11-20", "Gift", -2500)]).decode().replace("Gift,,-25.00", "Gift,,-24.00")
    answer = finance.post("/statements", {"format": "csv", "content": wrong})
    assert (answer.status_code, answer.json["type"]) == (422, "urn:biobank:problem:statement-refused")


@pytest.mark.parametrize("role", [Role.CLINIC, Role.BIOBANK, Role.ADMINISTRATOR, Role.AUDITOR])
def test_only_finance_sees_payments(caller: Callable[[Role], Caller], role: Role) -> None:
    assert caller(role).get("/payments").status_code == 403
