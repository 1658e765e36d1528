"""Stations with their keys, what their devices say, and their signed requests."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from werkzeug.test import TestResponse

from biobank import clock
from biobank.access import actions as access
from biobank.access.models import Site, SiteKind, Staff
from biobank.actor import Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.stations import actions
from biobank.stations.device_models import Device, DeviceState
from biobank.stations.models import Printer, PrintJob
from labels import Kind, mint


@dataclass
class Desk:
    """A registered station and the key that only it holds; `clock_off` is how far its clock is off."""

    id: UUID
    site_id: UUID
    key: Ed25519PrivateKey
    name: str = "Desk 1"
    clock_off: timedelta = field(default_factory=timedelta)

    def sign(self, method: str, path: str, body: bytes) -> dict[str, str]:
        told = (clock.now() + self.clock_off).isoformat()
        digest = hashlib.sha256(body).hexdigest()
        message = f"{method}\n{path}\n{told}\n{digest}".encode()
        return {
            "Station-Id": str(self.id),
            "Station-Time": told,
            "Station-Signature": base64.b64encode(self.key.sign(message)).decode(),
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/json",
        }

    def post(self, app: Flask, action: str, body: Any, **headers: str) -> TestResponse:
        path, content = f"/api/v1/stations/{self.id}/{action}", json.dumps(body).encode()
        sent = self.sign("POST", path, content) | {name.replace("_", "-"): text for name, text in headers.items()}
        return app.test_client().post(path, data=content, headers=sent)


def make_site(tx: Tx, code: str = "CHI") -> Site:
    return access.add_site(tx, code=code, name=f"Clinic {code}", kind=SiteKind.CLINIC, zone="America/Chicago")


def make_desk(tx: Tx, site: Site | None = None, name: str = "Desk 1") -> Desk:
    site = site or make_site(tx)
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    station = actions.add_station(tx, site_id=site.id, name=name, public_key=public)
    make_device(tx, station.id)
    return Desk(station.id, site.id, key, name)


def make_device(
    tx: Tx, station_id: UUID, name: str = "scale", protocol: str = "tanita", *, port: str | None = None
) -> Device:
    """A device that a site has checked, calibrated and put in use."""
    device = actions.bind_device(tx, station_id, name=name, protocol=protocol, port=port or f"/dev/by-path/{name}")
    device.state, device.accepted_at, device.accepted_by = DeviceState.IN_USE, clock.now(), "Adam Lind"
    today = clock.now().date()
    device.calibrated_on, device.calibration_due = today - timedelta(days=30), today + timedelta(days=335)
    tx.session.flush()
    return device


def make_staff(databases: Databases, site_id: UUID, *roles: Role, username: str = "carla") -> Staff:
    with databases.transaction() as tx:
        return access.add_staff(tx, username=username, display_name=username.title(), site_id=site_id,
                                password="correct horse battery", roles=roles)  # fmt: skip


def make_printer(tx: Tx, desk: Desk, name: str = "zebra") -> Printer:
    return actions.add_printer(tx, desk.id, name=name, dpi=203, kind="tcp")


def make_label(tx: Tx, desk: Desk, code: str | None = None, reason: str | None = None) -> PrintJob:
    code = code or mint(Kind.TUBE)
    data = {"tube_id": code, "participant_code": mint(Kind.BIOBANK), "sample_code": "1SST8", "sample_word": "Serum",
            "site_code": "CHI"}  # fmt: skip
    return actions.add_print_job(tx, station_id=desk.id, template="tube-50x25", data=data, object_kind="tube",
                                 object_code=code, reason=reason)  # fmt: skip


def reading(seq: int, **values: Any) -> dict[str, Any]:
    """A weight as an action receives it."""
    base = {
        "seq": seq, "device": "scale", "protocol": "tanita", "kind": "reading", "captured_at": clock.now(),
        "measures": [{"quantity": "weight", "value": "72.8", "unit": "kg"}], "stable": True, "flags": [], "raw": "7b30",
    }  # fmt: skip
    return base | values


def scan(seq: int, text: str, **values: Any) -> dict[str, Any]:
    """A barcode as an action receives it."""
    base = {"seq": seq, "device": "scanner", "protocol": "barcode", "kind": "scan", "captured_at": clock.now(),
            "text": text, "raw": text.encode().hex()}  # fmt: skip
    return base | values


def on_the_wire(content: dict[str, Any]) -> dict[str, Any]:
    """The same as JSON."""
    return content | {"captured_at": content["captured_at"].isoformat()}


def any_visit() -> UUID:
    return new_id()
