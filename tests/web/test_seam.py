"""The seam of the JSON API: repeats count once, edits name their version, everything else is refused in one form."""

import threading
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from biobank.access import actions
from biobank.actor import Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.participants.models import Participant
from tests.participants.factories import make_site

PASSWORD = "correct horse battery"
PERSON = {
    "first_name": "Rosa", "last_name": "Parker", "born_on": "1980-05-17", "language": "en", "email": "rosa@example.org",
    "answers": {"lives_in_united_states": True, "can_consent_alone": True, "is_incarcerated": False,
                "has_consent_on_file": True},
}  # fmt: skip


@pytest.fixture
def token(databases: Databases, settings: Settings) -> str:
    with databases.transaction() as tx:
        site = make_site(tx)
        actions.add_staff(tx, username="carla", display_name="Carla", password=PASSWORD, roles=[Role.CLINIC],
                          site_id=site.id)  # fmt: skip
    return actions.sign_in(databases, settings, username="carla", password=PASSWORD, address="x")


@pytest.fixture
def client(app: Flask, token: str) -> FlaskClient:
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def _enrol(client: FlaskClient, key: str | None = None, **changes: Any) -> TestResponse:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post("/api/v1/participants", json=PERSON | changes, headers=headers)


def _count(databases: Databases) -> int:
    with databases.transaction(read_only=True) as tx:
        return tx.session.scalar(sa.select(sa.func.count()).select_from(Participant)) or 0


def test_the_same_key_and_body_get_the_same_answer(client: FlaskClient, databases: Databases) -> None:
    first, again = _enrol(client, "once"), _enrol(client, "once")
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    assert _count(databases) == 1


def test_the_same_key_with_another_body_is_refused(client: FlaskClient, databases: Databases) -> None:
    _enrol(client, "once")
    assert _enrol(client, "once", first_name="Ruth").status_code == 422
    assert _count(databases) == 1


def test_a_post_without_a_key_is_refused(client: FlaskClient) -> None:
    refused = client.post("/api/v1/participants", json=PERSON)
    assert refused.json is not None
    assert refused.json["type"] == "urn:biobank:problem:idempotency-key-missing"


def test_a_refused_request_may_use_its_key_again(client: FlaskClient) -> None:
    assert _enrol(client, "once", born_on="2015-01-01").status_code == 422
    assert _enrol(client, "once").status_code == 201


def test_twins_in_flight_are_one(app: Flask, token: str, databases: Databases) -> None:
    statuses: list[int] = []

    def send() -> None:
        client = app.test_client(use_cookies=False)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        statuses.append(_enrol(client, "once").status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    assert _count(databases) == 1


def test_what_was_kept_for_a_key_does_not_tell_the_name(client: FlaskClient, databases: Databases) -> None:
    _enrol(client, "once")
    with databases.transaction(read_only=True) as tx:
        rows = tx.session.execute(sa.text("SELECT fingerprint, body FROM idempotency_key")).all()
    assert all("Parker" not in str(row) and "rosa@" not in str(row) for row in rows)


def test_an_edit_names_the_version_it_read(client: FlaskClient) -> None:
    path = f"/api/v1/participants/{_enrol(client).json['id']}"  # type: ignore[index]
    assert client.patch(path, json={"language": "es"}).status_code == 428
    assert client.patch(path, json={"language": "es"}, headers={"If-Match": '"old"'}).status_code == 412
    tag = client.get(path).headers["ETag"]
    assert client.patch(path, json={"language": "es"}, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 100_000, 400),
        ("{", 400),
        ('{"language": NaN}', 400),
        ('{"a": 1, "a": 2}', 400),
        ('{"shoe": 44}', 422),
        ("[]", 422),
    ],
)
def test_a_body_that_cannot_be_is_refused_as_a_problem(client: FlaskClient, body: str, status: int) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
    refused = client.post("/api/v1/participants", data=body, headers=headers)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")


def test_a_body_that_is_not_json_is_refused_by_its_type(client: FlaskClient) -> None:
    refused = client.post(
        "/api/v1/participants", data="x", headers={"Idempotency-Key": "k", "Content-Type": "text/plain"}
    )
    assert refused.status_code == 415


def test_a_body_over_two_megabytes_is_refused(client: FlaskClient) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    assert client.post("/api/v1/participants", data=b" " * 2_100_000, headers=headers).status_code == 413


def test_an_unknown_address_under_the_api_is_a_problem_and_elsewhere_a_page(client: FlaskClient) -> None:
    answers = [client.get("/api/v1/nowhere"), client.get("/nowhere")]
    assert [answer.mimetype for answer in answers] == ["application/problem+json", "text/html"]


def test_the_document_describes_every_operation(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    described = {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert document["openapi"] == "3.1.0"
    assert len(described) == sum(
        len((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint not in ("api_catch_all", "api-docs.openapi_json")
    )


@pytest.mark.parametrize(("method", "path", "form"), [
    ("GET", "/sign-in?next=%00", {}), ("GET", "/tubes?code=S1&code=%00", {}),
    ("POST", "/sign-in", {"username": "carla\x00", "password": PASSWORD}),
])  # fmt: skip
def test_a_text_that_no_database_holds_is_refused(app: Flask, method: str, path: str, form: dict[str, str]) -> None:
    answer = app.test_client().open(path, method=method, data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, "cannot be stored" in answer.text) == (422, True)
