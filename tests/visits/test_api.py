"""Participants and visits over JSON."""

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from biobank.access.actions import add_staff, open_session
from biobank.actor import Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.visits.models import Visit
from tests.participants.factories import ELIGIBLE, details, make_participant, make_site
from tests.visits.factories import finish_steps, make_station

ANSWERS = asdict(ELIGIBLE)


class Caller:
    """A program that signs in once and sends JSON."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def patch(self, path: str, body: Any, tag: str | None) -> TestResponse:
        headers = self.headers | ({"If-Match": tag} if tag else {})
        return self.client.patch(f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture
def ids(databases: Databases, settings: Settings) -> dict[str, str]:
    with databases.transaction() as tx:
        site = make_site(tx)
        staff = add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                          roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        participant = make_participant(tx, site.id)
        return {
            "participant": str(participant.id),
            "code": participant.clinic_code,
            "station": str(make_station(tx, site.id).id),
            "token": open_session(tx, settings, staff.id),
        }


@pytest.fixture
def caller(app: Flask, ids: dict[str, str]) -> Caller:
    return Caller(app.test_client(), ids["token"])


def person(**changes: Any) -> dict[str, Any]:
    values = details(**changes)
    return values | {"born_on": str(values["born_on"]), "answers": ANSWERS}


def test_an_enrolment_answers_with_a_code_and_nothing_personal(caller: Caller) -> None:
    response = caller.post("/participants", person(last_name="Quimby"))
    assert (response.status_code, response.json["clinic_code"][0]) == (201, "P")
    assert not {"first_name", "last_name", "born_on", "email", "phone", "street"} & set(response.json)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"last_name": ""}, "last_name"), ({"last_name": "a\u0000b"}, "last_name"), ({"last_name": 7}, "last_name"),
        ({"last_name": "\ud800"}, "last_name"), ({"born_on": "1980-02-30"}, "born_on"),
        ({"born_on": "1800-01-01"}, "born_on"), ({"email": "nobody"}, "email"), ({"phone": "12"}, "phone"),
        ({"language": "fr"}, "language"), ({"ssn": "078-05-1120"}, "ssn"), ({"first_name": "x" * 101}, "first_name"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_kept(caller: Caller, wrong: dict[str, Any], field: str) -> None:
    response = caller.post("/participants", person() | wrong)
    assert response.status_code == 422
    assert list(response.json["errors"]["json"]) == [field]


def test_a_likely_duplicate_is_a_conflict_until_a_reason_is_given(caller: Caller) -> None:
    given = person()
    caller.post("/participants", given)
    response = caller.post("/participants", given)
    assert (response.status_code, response.json["type"]) == (409, "urn:biobank:problem:likely-duplicate")
    assert caller.post("/participants", given | {"distinct_reason": "twin"}).status_code == 201


def test_somebody_who_may_not_take_part_is_refused_by_condition(caller: Caller) -> None:
    response = caller.post("/participants", person() | {"answers": ANSWERS | {"is_incarcerated": True}})
    assert (response.status_code, response.json["conditions"]) == (422, ["incarcerated"])


def test_a_card_is_looked_up(caller: Caller, ids: dict[str, str]) -> None:
    assert caller.post("/participants/lookup", {"code": ids["code"]}).json["id"] == ids["participant"]


def test_a_change_needs_the_version_that_was_read(caller: Caller, ids: dict[str, str]) -> None:
    path = f"/participants/{ids['participant']}"
    tag = caller.get(path).headers["ETag"]
    assert caller.patch(path, {"language": "es"}, None).status_code == 428
    assert caller.patch(path, {"language": "es", "phone": None}, tag).json["language"] == "es"
    assert caller.patch(path, {"language": "en"}, tag).status_code == 412


def test_a_visit_goes_from_check_in_to_complete(caller: Caller, ids: dict[str, str], databases: Databases) -> None:
    body = {"participant_id": ids["participant"], "station_id": ids["station"], "answers": ANSWERS}
    visit = caller.post("/visits", body).json
    assert (visit["state"], visit["missing"]) == ("checked_in", ["measurements", "samples"])
    refused = caller.post(f"/visits/{visit['id']}/complete")
    assert (refused.status_code, refused.json["missing"]) == (422, ["measurements", "samples"])
    with databases.transaction() as tx:
        finish_steps(tx, tx.session.get_one(Visit, UUID(visit["id"])))
    assert caller.post(f"/visits/{visit['id']}/complete").json["state"] == "complete"


def test_a_check_in_sent_twice_with_one_key_is_one_visit(caller: Caller, ids: dict[str, str]) -> None:
    body = {"participant_id": ids["participant"], "station_id": ids["station"], "answers": ANSWERS}
    headers = caller.headers | {"Idempotency-Key": "again"}
    answers = [caller.client.post("/api/v1/visits", json=body, headers=headers).json["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert caller.post("/visits", body).status_code == 409


def test_a_visit_is_cancelled_with_a_listed_reason(caller: Caller, ids: dict[str, str]) -> None:
    body = {"participant_id": ids["participant"], "station_id": ids["station"], "answers": ANSWERS}
    path = f"/visits/{caller.post('/visits', body).json['id']}"
    assert caller.post(f"{path}/cancel", {"reason": "bored"}).status_code == 422
    assert caller.post(f"{path}/cancel", {"reason": "no-time"}).json["state"] == "cancelled"
    assert caller.get(path).json["state"] == "cancelled"
