"""A clinic at work: a clerk signed in at a page or a program, and a visit that is open at a station."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from biobank import clock
from biobank.access.actions import add_staff, open_session
from biobank.actor import Actor, Role
from biobank.config import Settings
from biobank.db import Databases, Tx
from biobank.measurements import actions
from biobank.measurements.sheet import Sheet
from biobank.stations.actions import require_station
from biobank.visits.models import Visit
from tests.pages import Page
from tests.participants.factories import make_site
from tests.visits.factories import make_open_visit, make_station

DEVICES = (("Scale", "tanita"), ("HBP-9030", "omron-hbp9030"))


@dataclass
class Desk:
    """One open visit at one site, and a token of the clerk who works there."""

    databases: Databases
    visit: Visit
    token: str

    @property
    def address(self) -> str:
        return f"/visits/{self.visit.id}/measurements"

    def do(self, work: Any, *args: Any, **values: Any) -> Sheet:
        """Something that a factory does, as a device or another clerk would meanwhile."""
        with self.databases.transaction(Actor(kind="staff", name="Otto Other")) as tx:
            sheet: Sheet = work(tx, self.visit, *args, **values)
        return sheet

    def sheet(self) -> Sheet:
        with self.databases.transaction(read_only=True) as tx:
            return actions.sheet_of(tx, self.visit.id)


def open_desk(databases: Databases, settings: Settings) -> Desk:
    with databases.transaction() as tx:
        site = make_site(tx)
        staff = add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                          roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        visit = make_open_visit(tx, make_station(tx, site.id))
        return Desk(databases, visit, open_session(tx, settings, staff.id))


def plug_in(tx: Tx, visit: Visit) -> Sheet:
    """The visit's station tells of its scale and its blood pressure monitor."""
    assert visit.station_id is not None
    station = require_station(tx, visit.station_id)
    station.last_seen_at = clock.now()
    station.devices = [{"name": name, "protocol": spoken, "port": "", "state": "connected"} for name, spoken in DEVICES]
    return actions.sheet_of(tx, visit.id)


class Program:
    """A program that speaks JSON with a clerk's token."""

    def __init__(self, client: FlaskClient, desk: Desk) -> None:
        self.client = client
        self.address = f"/api/v1{desk.address}"
        self.headers = {"Authorization": f"Bearer {desk.token}"}

    def get(self) -> TestResponse:
        return self.client.get(self.address, headers=self.headers)

    def patch(self, body: Any, tag: str | None = "") -> TestResponse:
        """Send changes, with the newest tag unless another or none is given."""
        tag = self.get().headers["ETag"] if tag == "" else tag
        return self.client.patch(self.address, json=body, headers=self.headers | ({"If-Match": tag} if tag else {}))

    def post(self, path: str, body: Any = None) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        return self.client.post(f"{self.address}/{path}", json={} if body is None else body, headers=headers)


def value(field: str, text: str | None, replicate: int | None = None, unit: str | None = None) -> dict[str, Any]:
    return {"field": field, "value": text, "replicate": replicate, "unit": unit}


def words(page: Page) -> str:
    """What a person reads, with the white space of print."""
    return re.sub(r" (?=[,.])", "", re.sub(r"\s+", " ", page.text))


def cell(html: str, ref: str) -> str:
    """The part of the grid for one reading, such as `hip.2`."""
    return html.partition(f'id="cell-{ref}"')[2].partition("</td>")[0]


def form_of(page: Page, button: str) -> dict[str, str]:
    """The values that stand in the form with this button."""
    return next(form.values for form in page.forms if button in [label for label, _, _ in form.buttons])
