"""Planted names: a programme is used, then everything but the vault is searched for them.

BIOBANK_TEST_CANARIES says how many people are planted (`make canaries` plants 10,000).
"""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from biobank.access.actions import add_staff
from biobank.actor import Role
from biobank.app import create_app
from biobank.columns import Base
from biobank.config import Settings
from biobank.db import Databases
from biobank.participants.models import Participant
from biobank.stations.actions import add_printer, claim_print_jobs
from tests.pages import Browser
from tests.participants.factories import make_site
from tests.participants.test_pages import ANSWERS
from tests.participants.test_vault import dump
from tests.visits.factories import make_station

COUNT = int(os.environ.get("BIOBANK_TEST_CANARIES", "15"))
WALKED = 2
TRACE = re.compile(
    rb"zyxcanary|qvorcanary|canary\.example|999555\d{4}|canary lane|1931-02-07|02/07/1931", re.IGNORECASE
)


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def _canary(number: int) -> dict[str, str]:
    tail = _letters(number)
    return {
        "first_name": f"Zyxcanary{tail}", "last_name": f"Qvorcanary{tail}", "born_on": "1931-02-07", "language": "en",
        "email": f"{tail}@canary.example", "phone": f"999555{number:04}", "street": f"{number} Canary Lane",
    }  # fmt: skip


@pytest.fixture
def talkative(settings: Settings, databases: Databases) -> Flask:
    """The application as it logs most."""
    application = create_app(replace(settings, log_level="DEBUG"), databases)
    application.testing = True
    return application


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that can be searched."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    tempfile.tempdir = None
    yield folder
    tempfile.tempdir = None


def _quiet(browser: Browser, path: str) -> None:
    """A page on which nobody's name has any business."""
    html = browser.get(path).html.encode()
    assert TRACE.findall(html) == [], path


def _walk(browser: Browser, databases: Databases, number: int, station_id: str) -> None:
    """What is done with somebody in a day, errors included."""
    person = _canary(number)
    browser.post("/participants/search", {"last_name": person["last_name"], "born_on": person["born_on"]})
    found = re.search(r"/participants/([0-9a-f-]{36})", browser.page.html)
    assert found is not None
    home = f"/participants/{found[1]}"
    for path in (home, f"{home}/change", f"{home}/consent", f"{home}/looks", "/today", "/duplicates"):
        _quiet(browser, path)
    # Refused, and refused whole: too long, a twin of themselves, a version that is gone.
    browser.post("/participants/enrol", ANSWERS | person | {"first_name": person["first_name"] * 20})
    browser.post("/participants/enrol", ANSWERS | person)
    browser.post(f"{home}/change", {"version": "99", "phone": person["phone"]})
    # The one page that shows a name does show it: what is searched for is really there.
    assert person["first_name"] in browser.get(f"{home}/check-in?reveal=yes").html
    browser.post(f"{home}/check-in", ANSWERS | {"station_id": station_id, "identity": "name"})
    browser.post(f"{home}/data", {"as": "file"})
    browser.client.post("/api/v1/participants", data="{" + str(person), content_type="application/json",
                        headers={"Sec-Fetch-Site": "same-origin", "Idempotency-Key": f"broken-{number}"})  # fmt: skip
    browser.client.get(f"/participants/{found[1]}x")


def _plant(browser: Browser) -> None:
    answers = {name: value == "yes" for name, value in ANSWERS.items()}
    for number in range(COUNT):
        answer = browser.client.post(
            "/api/v1/participants", json=_canary(number) | {"answers": answers},
            headers={"Sec-Fetch-Site": "same-origin", "Idempotency-Key": f"canary-{number}"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.get_data(as_text=True)
        assert TRACE.findall(answer.get_data()) == []


def test_planted_names_are_found_nowhere_outside_the_vault(
    talkative: Flask, databases: Databases, settings: Settings, own_temporary: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with databases.transaction() as tx:
        site = make_site(tx)
        station = make_station(tx, site.id)
        add_printer(tx, station.id, name="labels", dpi=203, kind="tcp")
        add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                  roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
    browser = Browser(talkative)
    browser.sign_in("carla")
    _plant(browser)
    for number in range(WALKED):
        _walk(browser, databases, number, str(station.id))

    with databases.transaction() as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == COUNT
        study = dump(tx.session, Base.metadata)
        labels = b"".join(work.content for work in claim_print_jobs(tx, station.id))
    databases.dispose()
    told = capfd.readouterr()
    places = {"study": study, "labels": labels, "logs": (told.out + told.err).encode()}
    for folder in (settings.home, own_temporary):
        places |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(places["logs"]) > COUNT
    assert {name: TRACE.findall(content)[:3] for name, content in places.items() if TRACE.search(content)} == {}
