"""Who signs for a station: the right key over the right request, and nothing else."""

import base64
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from biobank.db import Databases
from biobank.stations import actions
from tests.stations.factories import Desk, make_desk, make_site, on_the_wire, reading

BEAT = {"devices": [], "spooled": 0, "station_time": "2026-11-20T18:00:00Z"}


def test_a_station_is_known_by_its_signature(app: Flask, desk: Desk) -> None:
    answer = desk.post(app, "heartbeat", BEAT)
    assert (answer.status_code, answer.json["site"]) == (200, "Clinic CHI")


def test_another_key_is_refused(app: Flask, desk: Desk) -> None:
    desk.key = Ed25519PrivateKey.generate()
    assert desk.post(app, "heartbeat", BEAT).status_code == 401


def test_a_changed_body_is_refused(app: Flask, desk: Desk) -> None:
    path = f"/api/v1/stations/{desk.id}/heartbeat"
    headers = desk.sign("POST", path, b"{}")
    assert app.test_client().post(path, data=b'{"spooled": 1}', headers=headers).status_code == 401


def test_a_signature_for_another_path_is_refused(app: Flask, desk: Desk) -> None:
    headers = desk.sign("POST", f"/api/v1/stations/{desk.id}/heartbeat", b"{}")
    path = f"/api/v1/stations/{desk.id}/print-jobs/claim"
    assert app.test_client().post(path, data=b"{}", headers=headers).status_code == 401


def test_a_query_is_part_of_what_is_signed(app: Flask, desk: Desk) -> None:
    path = f"/api/v1/stations/{desk.id}/print-jobs/claim"
    headers = desk.sign("POST", path, b"{}")
    assert app.test_client().post(path + "?more=1", data=b"{}", headers=headers).status_code == 401


def test_a_changed_time_is_refused(app: Flask, desk: Desk) -> None:
    assert desk.post(app, "heartbeat", BEAT, Station_Time="2026-11-20T18:00:01+00:00").status_code == 401


def test_an_unsigned_request_is_refused(app: Flask, desk: Desk) -> None:
    path = f"/api/v1/stations/{desk.id}/heartbeat"
    headers = {"Idempotency-Key": "k", "Sec-Fetch-Site": "same-origin"}
    assert app.test_client().post(path, json=BEAT, headers=headers).status_code == 401


def test_headers_that_cannot_be_read_are_refused(app: Flask, desk: Desk) -> None:
    wrong = [
        {"Station_Id": "nobody"},
        {"Station_Time": "yesterday"},
        {"Station_Time": "2026-11-20T18:00:00"},
        {"Station_Time": "0001-01-01T00:00:00+23:00"},
        {"Station_Signature": "?"},
        {"Station_Signature": base64.b64encode(b"short").decode()},
    ]
    assert {desk.post(app, "heartbeat", BEAT, **headers).status_code for headers in wrong} == {401}


def test_a_station_out_of_service_is_refused_at_once(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.set_station_active(tx, desk.id, active=False)
    assert desk.post(app, "heartbeat", BEAT).status_code == 401
    assert desk.post(app, "readings", {"readings": [on_the_wire(reading(1))]}).status_code == 401


def test_a_station_speaks_for_itself_alone(app: Flask, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        other = make_desk(tx, make_site(tx, "NYC"))
    path = f"/api/v1/stations/{other.id}/heartbeat"
    assert app.test_client().post(path, data=b"{}", headers=desk.sign("POST", path, b"{}")).status_code == 404


def test_a_station_may_not_read_what_staff_read(app: Flask, desk: Desk) -> None:
    path = f"/api/v1/stations/{desk.id}/readings"
    assert app.test_client().get(path, headers=desk.sign("GET", path, b"")).status_code == 401


def test_a_wrong_clock_delivers_and_is_shown(app: Flask, databases: Databases, desk: Desk) -> None:
    desk.clock_off = timedelta(days=-2)
    assert desk.post(app, "heartbeat", BEAT).status_code == 200
    with databases.transaction(read_only=True) as tx:
        assert actions.is_skewed(actions.require_station(tx, desk.id))


def test_a_clock_four_minutes_off_is_not_flagged(app: Flask, databases: Databases, desk: Desk) -> None:
    desk.clock_off = timedelta(minutes=4)
    desk.post(app, "heartbeat", BEAT)
    with databases.transaction(read_only=True) as tx:
        assert not actions.is_skewed(actions.require_station(tx, desk.id))
