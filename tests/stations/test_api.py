"""Stations over JSON: heartbeats, print jobs, and what staff list and register."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from biobank.actor import Role
from biobank.db import Databases
from biobank.stations import actions
from biobank.stations.models import PrintState
from tests.stations.factories import Desk, make_desk, make_label, make_printer, make_site, make_staff, reading

SCALE = {"name": "scale", "protocol": "tanita", "port": "/dev/ttyUSB0", "state": "connected",
         "last_frame_at": None, "detail": ""}  # fmt: skip


def _beat(*devices: dict[str, object]) -> dict[str, object]:
    return {"devices": list(devices), "spooled": 2, "station_time": "2026-11-20T18:00:00Z"}


@pytest.fixture
def bearer(app: Flask, databases: Databases, desk: Desk) -> FlaskClient:
    """An administrator's program."""
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR)
    client = app.test_client()
    body = {"username": "carla", "password": "correct horse battery"}
    answer = client.post("/api/v1/sessions", json=body, headers={"Idempotency-Key": "in", "Sec-Fetch-Site": "none"})
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.json['token']}"
    client.environ_base["HTTP_IDEMPOTENCY_KEY"] = "one"
    return client


def test_a_heartbeat_keeps_what_the_devices_do(app: Flask, databases: Databases, desk: Desk) -> None:
    assert desk.post(app, "heartbeat", _beat(SCALE)).status_code == 200
    with databases.transaction(read_only=True) as tx:
        station = actions.require_station(tx, desk.id)
        assert (station.devices, station.spooled) == ([SCALE], 2)


@pytest.mark.parametrize("wrong", [{"state": "fine"}, {"name": ""}, {"last_frame_at": "noon"}, {"more": 1}])
def test_a_heartbeat_that_breaks_a_rule_is_refused(app: Flask, desk: Desk, wrong: dict[str, object]) -> None:
    assert desk.post(app, "heartbeat", _beat(SCALE | wrong)).status_code == 422


def test_a_label_goes_to_the_station_and_its_state_comes_back(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_printer(tx, desk)
        code = make_label(tx, desk).object_code
    (job,) = desk.post(app, "print-jobs/claim", {}).json["jobs"]
    assert hashlib.sha256(base64.b64decode(job["content"])).hexdigest() == job["sha256"]
    for state in ("sending", "sent"):
        assert (
            desk.post(
                app, f"print-jobs/{job['id']}/state", {"state": state, "detail": "", "lease": job["lease"]}
            ).status_code
            == 200
        )
    with databases.transaction(read_only=True) as tx:
        assert actions.jobs_of(tx, [code])[code].state is PrintState.SENT


def test_an_empty_queue_is_an_empty_list(app: Flask, desk: Desk) -> None:
    assert desk.post(app, "print-jobs/claim", {}).json == {"jobs": [], "waited": True}


def test_a_state_that_cannot_follow_is_a_conflict(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_printer(tx, desk)
        job_id = make_label(tx, desk).id
    answer = desk.post(app, f"print-jobs/{job_id}/state", {"state": "sent", "lease": "a"})
    assert (answer.status_code, answer.json["state"]) == (409, "queued")


def test_an_administrator_registers_a_station(bearer: FlaskClient, desk: Desk) -> None:
    key = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    body = {"site_id": str(desk.site_id), "name": "Desk 9", "public_key": key}
    assert bearer.post("/api/v1/stations", json=body).status_code == 201
    assert [item["name"] for item in bearer.get("/api/v1/stations").json] == ["Desk 1", "Desk 9"]


def test_staff_list_the_last_readings(bearer: FlaskClient, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(seq) for seq in range(1, 61)])
    listed = bearer.get(f"/api/v1/stations/{desk.id}/readings").json
    assert [listed[0]["seq"], listed[-1]["seq"]] == [60, 11]
    # An administrator looks after the desk, not after what it measured on whom.
    assert {"measures", "text", "visit_id"} & set(listed[0]) == set()


def test_a_clerk_lists_the_stations_of_the_site_alone(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        other = make_desk(tx, make_site(tx, "NYC"), "Desk N")
    make_staff(databases, desk.site_id, Role.CLINIC, username="cleo")
    client = app.test_client()
    body = {"username": "cleo", "password": "correct horse battery"}
    answer = client.post("/api/v1/sessions", json=body, headers={"Idempotency-Key": "in", "Sec-Fetch-Site": "none"})
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    assert [item["name"] for item in client.get("/api/v1/stations", headers=headers).json] == ["Desk 1"]
    assert client.get(f"/api/v1/stations/{other.id}/readings", headers=headers).status_code == 404
