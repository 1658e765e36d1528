"""A tube's way over JSON, from the order to the shelf."""

from itertools import count
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from biobank.db import Databases
from tests.specimens.conftest import PASSWORD, Clinic
from tests.specimens.factories import TRACKING, make_collected, make_desk, make_store

NO = {"whole_blood": False, "red_cells": False, "plasma": False, "transfusion": False, "fainted": False}
SPIN = {"g": 1300, "minutes": 10, "celsius": "21.5", "rotor": "fixed"}
_keys = count(1)


class Caller:
    """A program that calls the API under one person's name."""

    def __init__(self, app: Flask, username: str) -> None:
        self.client = app.test_client()
        who = {"username": username, "password": PASSWORD}
        headers = {"Idempotency-Key": "sign-in", "Sec-Fetch-Site": "same-origin"}
        token = self.client.post("/api/v1/sessions", json=who, headers=headers).get_json()["token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> TestResponse:
        headers = self.headers | {"Idempotency-Key": key or f"key-{next(_keys)}"}
        return self.client.post(f"/api/v1{path}", json=body if body is not None else {}, headers=headers)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers)


@pytest.fixture
def carla(app: Flask, clinic: Clinic) -> Caller:
    return Caller(app, "carla")


@pytest.fixture
def ben(app: Flask, clinic: Clinic) -> Caller:
    return Caller(app, "ben")


def collect(carla: Caller, clinic: Clinic) -> dict[str, Any]:
    """An order of the open visit, drawn a while ago, spun and signed off."""
    order = carla.post(f"/visits/{clinic.visit_id}/orders", {"answers": NO}).get_json()
    at = f"/orders/{order['id']}"
    carla.post(f"{at}/labels")
    for tube in order["tubes"]:
        for _ in range(1 + (tube["kind"] == "1UR10")):
            carla.post(f"{at}/apply", {"code": tube["code"]})
    carla.post(f"{at}/collect")
    carla.post(f"{at}/process", SPIN)
    return dict(carla.post(f"{at}/finalise").get_json())


def send(carla: Caller, order: dict[str, Any]) -> dict[str, Any]:
    box = carla.post("/boxes").get_json()
    for tube in order["tubes"]:
        carla.post(f"/boxes/{box['id']}/scans", {"code": tube["code"]})
    shipment = carla.post("/shipments", {"box_ids": [box["id"]]}).get_json()
    body = {"tracking": TRACKING, "packed_by_p650": True}
    return dict(carla.post(f"/shipments/{shipment['id']}/hand-over", body).get_json())


def test_a_note_of_half_a_character_is_refused_and_nothing_is_kept(carla: Caller, clinic: Clinic) -> None:
    at = f"/tubes/{collect(carla, clinic)['tubes'][0]['id']}"
    before = carla.get(at).get_json()
    answer = carla.post(f"{at}/conditions", {"condition": "BR", "note": "half \ud800 a letter"})
    assert (answer.status_code, "cannot be printed" in answer.get_json()["title"]) == (422, True)
    assert carla.get(at).get_json() == before


def test_a_collection_is_recorded_from_the_order_to_the_sign_off(carla: Caller, clinic: Clinic) -> None:
    order = collect(carla, clinic)
    assert (order["state"], order["outcome"]) == ("finalised", "collected")
    visit = carla.get(f"/visits/{clinic.visit_id}").get_json()
    assert [step["step"] for step in visit["steps"]] == ["samples"]


def test_tubes_travel_from_the_clinic_to_their_shelf(
    carla: Caller, ben: Caller, clinic: Clinic, databases: Databases
) -> None:
    with databases.transaction() as tx:
        place = make_store(tx).code
    order = collect(carla, clinic)
    shipment = send(carla, order)
    assert shipment["state"] == "handed_over"
    assert ben.post("/receipts/scans", {"code": TRACKING}).get_json()["outcome"] == "OPENED"
    ben.post(f"/shipments/{shipment['id']}/temperature", {"celsius": "4.5"})
    outcomes = [ben.post("/receipts/scans", {"code": tube["code"]}).get_json()["outcome"] for tube in order["tubes"]]
    assert set(outcomes) == {"OK"}
    assert ben.post(f"/shipments/{shipment['id']}/close", {"missing": 0}).get_json()["state"] == "closed"
    stored = ben.post(f"/tubes/{order['tubes'][0]['id']}/put-away", {"place": place}).get_json()
    assert stored["state"] == "stored"
    story = ben.get(f"/tubes/{order['tubes'][0]['id']}").get_json()
    assert story["is_whole"] is True
    assert [event["type"] for event in story["events"]] == [
        "label_printed", "label_applied", "collected", "processed", "packed", "handed_over", "received", "stored",
    ]  # fmt: skip


def test_a_tube_is_found_by_its_code(carla: Caller, clinic: Clinic) -> None:
    order = carla.post(f"/visits/{clinic.visit_id}/orders", {"answers": NO}).get_json()
    tube = order["tubes"][0]
    assert carla.get(f"/tubes?code={tube['code']}").get_json()["id"] == tube["id"]


def test_an_order_says_its_version(carla: Caller, clinic: Clinic) -> None:
    order = carla.post(f"/visits/{clinic.visit_id}/orders", {"answers": NO}).get_json()
    answer = carla.get(f"/orders/{order['id']}")
    assert answer.headers["ETag"]
    assert answer.get_json()["state"] == "created"


def test_a_repeated_scan_into_a_box_counts_once(carla: Caller, clinic: Clinic) -> None:
    order = collect(carla, clinic)
    box = carla.post("/boxes").get_json()
    body = {"code": order["tubes"][0]["code"]}
    answers = [carla.post(f"/boxes/{box['id']}/scans", body, key="one").get_json() for _ in range(2)]
    assert [answer["is_in"] for answer in answers] == [True, True]


def test_a_warning_of_time_comes_with_the_record(carla: Caller, clinic: Clinic) -> None:
    order = carla.post(f"/visits/{clinic.visit_id}/orders", {"answers": NO}).get_json()
    at = f"/orders/{order['id']}"
    carla.post(f"{at}/labels")
    for tube in order["tubes"]:
        carla.post(f"{at}/apply", {"code": tube["code"]})
    carla.post(f"{at}/collect")
    answer = carla.post(f"{at}/process", SPIN).get_json()
    assert [warning["code"] for warning in answer["warnings"]] == ["spun-too-soon"]


def test_another_sites_order_is_not_found(carla: Caller, databases: Databases) -> None:
    with databases.transaction() as tx:
        order_id = make_collected(tx, make_desk(tx)).id
    assert carla.get(f"/orders/{order_id}").status_code == 404
    assert carla.post(f"/orders/{order_id}/finalise").status_code == 404


def test_the_list_is_there_when_the_shipment_has_left(carla: Caller, clinic: Clinic) -> None:
    order = collect(carla, clinic)
    box = carla.post("/boxes").get_json()
    carla.post(f"/boxes/{box['id']}/scans", {"code": order["tubes"][0]["code"]})
    shipment = carla.post("/shipments", {"box_ids": [box["id"]]}).get_json()
    assert carla.get(f"/shipments/{shipment['id']}/manifest").status_code == 404
    carla.post(f"/shipments/{shipment['id']}/hand-over", {"tracking": TRACKING, "packed_by_p650": True})
    assert order["tubes"][0]["code"] in carla.get(f"/shipments/{shipment['id']}/manifest").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/shipments", {"box_ids": []}, 422),
        ("/shipments", {"box_ids": [], "unknown": 1}, 422),
        ("/receipts/scans", {"code": "S1"}, 403),
    ],
)
def test_what_breaks_a_rule_is_refused_with_a_problem(
    carla: Caller, path: str, body: dict[str, Any], status: int
) -> None:
    answer = carla.post(path, body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("backend", ["embedded"], indirect=True)
@pytest.mark.parametrize("content", ["é", "abc", "!!!!"])
def test_a_picture_that_is_not_base64_is_refused(ben: Caller, content: str) -> None:
    answer = ben.post("/photos", {"content": content})
    assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:biobank:problem:not-base64")
