"""The desk live and the administrator's pages, walked as a person would."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank import clock
from biobank.actor import Role
from biobank.db import Databases
from biobank.stations import actions
from biobank.stations.models import PrintState
from tests.pages import Browser
from tests.stations.factories import Desk, any_visit, make_label, make_printer, make_site, make_staff, reading, scan

SCALE = {"name": "scale", "protocol": "tanita", "port": "/dev/ttyUSB0", "state": "connected", "last_frame_at": None,
         "detail": ""}  # fmt: skip
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def clerk_at(browser: Browser, databases: Databases, desk: Desk) -> Browser:
    make_staff(databases, desk.site_id, Role.CLINIC)
    browser.sign_in("carla")
    return browser


@pytest.fixture
def admin_at(browser: Browser, databases: Databases, desk: Desk) -> Browser:
    make_staff(databases, desk.site_id, Role.ADMINISTRATOR)
    browser.sign_in("carla")
    return browser


def _beat(databases: Databases, desk: Desk, skew: timedelta = timedelta(), **device: str) -> None:
    with databases.transaction() as tx:
        actions.note_heartbeat(tx, desk.id, devices=[SCALE | device], spooled=0, skew=skew)


def test_the_frame_tells_how_many_devices_answer(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    assert "No word from Desk 1" in clerk_at.get("/stations/here", headers=FRAGMENT).text
    _beat(databases, desk)
    assert "Devices 1 of 1" in clerk_at.get("/stations/here", headers=FRAGMENT).text


def test_a_site_without_stations_has_no_dot(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.set_station_active(tx, desk.id, active=False)
    clerk_at.get("/stations/here", headers=FRAGMENT)
    assert clerk_at.status == 204


def test_the_desk_shows_its_devices_live(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    _beat(databases, desk, detail="3 bytes belonged to no frame")
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(1)])
    page = clerk_at.get(f"/stations/{desk.id}/live")
    assert all(words in page.text for words in ("scale", "72.8", "stable", "3 bytes belonged to no frame"))


def test_a_poll_is_answered_with_nothing_while_nothing_is_new(
    clerk_at: Browser, databases: Databases, desk: Desk
) -> None:
    page = clerk_at.get(f"/stations/{desk.id}/live", headers=FRAGMENT)
    address = page.html.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    clerk_at.get(address, headers=FRAGMENT)
    assert clerk_at.status == 204
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(1)])
    assert "72.8" in clerk_at.get(address, headers=FRAGMENT).text


def test_a_reading_is_used_by_a_click(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    visit = any_visit()
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(1)])
        actions.open_window(tx, desk.id, visit)
    clerk_at.get(f"/stations/{desk.id}/live")
    page = clerk_at.submit("Use for this visit")
    assert "Use for this visit" not in page.text
    with databases.transaction(read_only=True) as tx:
        assert actions.recent_readings(tx, desk.id)[0].visit_id == visit


def test_an_old_reading_says_measure_again(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(1, captured_at=clock.now() - timedelta(minutes=11))])
    assert "Too old. Measure again." in clerk_at.get(f"/stations/{desk.id}/live").text


def test_using_a_reading_without_a_visit_is_refused(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [reading(1)])
        reading_id = actions.recent_readings(tx, desk.id)[0].id
    page = clerk_at.post(f"/stations/{desk.id}/readings/{reading_id}/use", {})
    assert (clerk_at.status, "Check the participant in first" in page.text) == (422, True)


@pytest.mark.parametrize(("answer", "state"), [("Yes, it is here", "printed"), ("No, print it again", "queued")])
def test_did_it_come_out(clerk_at: Browser, databases: Databases, desk: Desk, answer: str, state: str) -> None:
    with databases.transaction() as tx:
        make_printer(tx, desk)
        job = make_label(tx, desk)
        job.state = PrintState.UNKNOWN
    assert "Did it come out?" in clerk_at.get(f"/stations/{desk.id}/live").text
    assert "Did it come out?" not in clerk_at.submit(answer).text
    with databases.transaction(read_only=True) as tx:
        assert actions.jobs_of(tx, [job.object_code])[job.object_code].state == state


def test_an_answer_by_htmx_replaces_the_whole_part(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        make_printer(tx, desk)
        job = make_label(tx, desk)
        job.state = PrintState.FAILED
    headers = FRAGMENT | {"Sec-Fetch-Site": "same-origin"}
    address = f"/stations/{desk.id}/print-jobs/{job.id}/answer"
    answer = clerk_at.client.post(address, data={"came_out": "yes"}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#station-live")
    assert clerk_at.client.post(address, data={"came_out": "perhaps"}, headers=headers).status_code == 422


def test_a_scan_reaches_the_page_once(clerk_at: Browser, databases: Databases, desk: Desk) -> None:
    with databases.transaction() as tx:
        actions.receive_readings(tx, desk.id, [scan(4, "S123")])
    assert clerk_at.client.get(f"/stations/{desk.id}/scan?after=0").json == {"seq": 4, "text": "S123"}
    assert clerk_at.client.get(f"/stations/{desk.id}/scan?after=4").status_code == 204


@pytest.mark.parametrize("address", ["live", "scan"])
def test_another_sites_desk_is_not_shown(browser: Browser, databases: Databases, desk: Desk, address: str) -> None:
    with databases.transaction() as tx:
        elsewhere = make_site(tx, "NYC").id
    make_staff(databases, elsewhere, Role.CLINIC)
    browser.sign_in("carla")
    browser.get(f"/stations/{desk.id}/{address}")
    assert browser.status == 404


def test_a_wrong_clock_is_flagged(admin_at: Browser, databases: Databases, desk: Desk) -> None:
    _beat(databases, desk, skew=timedelta(minutes=-7))
    assert "wrong" in admin_at.get("/administration").text
    page = admin_at.get(f"/administration/stations/{desk.id}")
    assert "-7 minutes off" in page.text
    assert "checked against a device at a site" in page.text


def test_a_device_without_a_driver_is_said_so(admin_at: Browser, databases: Databases, desk: Desk) -> None:
    _beat(databases, desk, protocol="seca", state="error")
    assert "no driver of that name here" in admin_at.get(f"/administration/stations/{desk.id}").text


def _key() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def test_an_administrator_registers_a_desk_and_puts_it_out_of_service(admin_at: Browser) -> None:
    admin_at.get("/administration/stations/new")
    page = admin_at.submit("Register", name="Desk 2", public_key=_key())
    assert "Desk 2" in page.headings
    assert "out of service" in admin_at.submit("Put out of service").text
    assert "never seen" in admin_at.submit("Put in service").text


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(admin_at: Browser) -> None:
    admin_at.get("/administration/stations/new")
    page = admin_at.submit("Register", name="Desk 2", public_key="nonsense")
    assert admin_at.status == 422
    assert "biobank-station keygen" in page.text
    assert page.forms[-1].values["name"] == "Desk 2"


def test_a_printer_is_added_tested_and_removed(admin_at: Browser, databases: Databases, desk: Desk) -> None:
    admin_at.get(f"/administration/stations/{desk.id}")
    admin_at.submit("Add", name="zebra", dpi="300", kind="tcp")
    assert "A test label waits" in admin_at.submit("Print a test label").text
    with databases.transaction() as tx:
        (work,) = actions.claim_print_jobs(tx, desk.id)
        actions.report_print_job(tx, work.job.id, PrintState.SENDING, "", lease=work.job.lease)
        actions.report_print_job(tx, work.job.id, PrintState.SENT, "", lease=work.job.lease)
    assert "sent" in admin_at.get(f"/administration/stations/{desk.id}").text
    assert "No printer yet" in admin_at.submit("Remove").text


def test_a_printer_needs_a_name_and_a_known_resolution(admin_at: Browser, desk: Desk) -> None:
    admin_at.get(f"/administration/stations/{desk.id}")
    admin_at.submit("Add", name="", dpi="150", kind="tcp")
    assert admin_at.status == 422


def test_an_administrator_adds_a_site_and_staff(admin_at: Browser) -> None:
    admin_at.get("/administration/sites/new")
    assert "Denver Health" in admin_at.submit("Add", code="DEN", name="Denver Health", zone="America/Denver").text
    admin_at.get("/administration/staff/new")
    page = admin_at.submit("Add", display_name="Bo Bench", username="bo", roles="biobank")
    assert "First password of Bo Bench" in page.text


@pytest.mark.parametrize(
    ("form", "values", "words"),
    [
        ("sites", {"code": "den ver", "name": "Denver"}, "capital letters"),
        ("sites", {"code": "CHI", "name": "Chicago again"}, "There is a site of that code"),
        ("staff", {"display_name": "Bo", "username": "bo"}, "at least one role"),
        ("staff", {"display_name": "Bo", "username": "carla", "roles": "clinic"}, "of that name already"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_told(admin_at: Browser, form: str, values: dict[str, str], words: str) -> None:
    admin_at.get(f"/administration/{form}/new")
    page = admin_at.submit("Add", **values)
    assert admin_at.status in (409, 422)
    assert words in page.text


def test_a_member_of_staff_is_stopped_and_allowed_again(admin_at: Browser, databases: Databases, desk: Desk) -> None:
    other = make_staff(databases, desk.site_id, Role.CLINIC, username="bo").id
    address = f"/administration/staff/{other}/active"
    assert "Allow" in admin_at.post(address, {"active": "no"}).text
    assert "Allow" not in admin_at.post(address, {"active": "yes"}).text


def test_signing_everyone_out_ends_this_session_too(admin_at: Browser) -> None:
    admin_at.get("/administration")
    assert "Sign in" in admin_at.submit("Sign everyone out").headings
    assert "Sign in" in admin_at.get("/administration").headings


def test_a_clerk_administers_nothing(clerk_at: Browser) -> None:
    clerk_at.get("/administration")
    assert clerk_at.status == 403
