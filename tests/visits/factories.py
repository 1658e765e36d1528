"""Stations and visits, made up."""

import base64
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from biobank.db import Tx
from biobank.stations.desk import add_station
from biobank.stations.models import Station
from biobank.visits.actions import check_in, finish_step
from biobank.visits.models import Step, Visit
from tests.participants.factories import ELIGIBLE, make_participant, make_site


def make_station(tx: Tx, site_id: UUID | None = None, name: str = "Desk 1") -> Station:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    site_id = site_id or make_site(tx).id
    return add_station(tx, site_id=site_id, name=name, public_key=base64.b64encode(key).decode())


def make_open_visit(tx: Tx, station: Station | None = None, **changes: str) -> Visit:
    station = station or make_station(tx)
    participant = make_participant(tx, station.site_id, **changes)
    return check_in(tx, participant_id=participant.id, station_id=station.id, answers=ELIGIBLE)


def finish_steps(tx: Tx, visit: Visit, *steps: Step) -> None:
    for step in steps or tuple(Step):
        finish_step(tx, visit.id, step, "final" if step is Step.MEASUREMENTS else "collected")
