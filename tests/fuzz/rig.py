"""A programme with a fortnight behind it, somebody signed in for every role, and keys of things that are there."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from werkzeug.exceptions import HTTPException

from biobank import db
from biobank.access.table import ROUTES, Anyone
from biobank.actor import Role
from biobank.columns import Base
from biobank.config import Settings
from biobank.db import Databases
from biobank.demo import seed
from biobank.devices import signing

PEOPLE = {Role.CLINIC: "carla", Role.BIOBANK: "ben", Role.FINANCE: "fiona", Role.ADMINISTRATOR: "adam",
          Role.AUDITOR: "ada"}  # fmt: skip
# What would sign everybody out, end the account in use, or wait for something to happen.
LEFT_ALONE = {"access_api.sign_out", "access.sign_out", "access_api.end_session", "access.give_first_password",
              "access_api.give_first_password"}  # fmt: skip
# Tables whose name is not the parameter's.
_TABLES = {"order": "collection_order", "box": "container", "case": "discrepancy_case", "payment": "disbursement",
           "member": "staff"}  # fmt: skip


@dataclass
class Rig:
    """The application, a token for each role, and the newest keys by the name of the parameter that takes them."""

    app: Flask
    tokens: Mapping[Role, str]
    keys: Mapping[str, Sequence[str]]

    def role_for(self, endpoint: str) -> Role | None:
        """Somebody who may use this endpoint; None where nobody of ours may."""
        needed = ROUTES.get(endpoint)
        if endpoint in LEFT_ALONE or needed in (None, Anyone.STATION):
            return None
        return next((role for role in PEOPLE if isinstance(needed, Anyone) or role in needed), None)

    def endpoint_of(self, path: str, method: str) -> str | None:
        try:
            found: str = self.app.url_map.bind("localhost").match(path, method=method)[0]
        except HTTPException:
            return None
        return found

    def headers(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}", "Sec-Fetch-Site": "same-origin",
                "Idempotency-Key": secrets.token_hex(8), "If-Match": '"1"'}  # fmt: skip

    def key_for(self, name: str) -> str:
        """A key of something that is there, or one of nothing."""
        found = self.keys.get(name.removesuffix("_id"), ())
        return found[0] if found else str(uuid4())


def _keys(databases: Databases) -> Iterator[tuple[str, list[str]]]:
    names = {table: name for name, table in _TABLES.items()}
    with databases.transaction(read_only=True) as tx:
        for table in Base.metadata.sorted_tables:
            if "id" in table.c and isinstance(table.c.id.type, sa.Uuid):
                query = sa.select(table.c.id).order_by(table.c.id.desc()).limit(5)
                yield names.get(table.name, table.name), [str(key) for key in tx.session.scalars(query)]


@cache
def _public_keys() -> tuple[str, ...]:
    return tuple(signing.public_text(Ed25519PrivateKey.generate()) for _ in seed.DESKS)


def token_of(app: Flask, username: str) -> str:
    given = {"username": username, "password": seed.PASSWORD}
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": uuid4().hex}
    token: str = app.test_client().post("/api/v1/sessions", json=given, headers=headers).get_json()["token"]
    return token


def brought_up(app: Flask, databases: Databases, settings: Settings) -> Rig:
    """Fill an empty programme and sign its people in."""
    filling = patient(settings)
    seed.fill(filling, public_keys=_public_keys(), full=True)
    filling.dispose()
    tokens = {role: token_of(app, username) for role, username in PEOPLE.items()}
    return Rig(app, tokens, dict(_keys(databases)))


def _never_idle_out(raw: Any, _record: Any) -> None:
    raw.execute("SET idle_in_transaction_session_timeout = 0")
    raw.execute("SET statement_timeout = 0")
    raw.commit()


def patient(settings: Settings) -> Databases:
    """Databases that wait for a machine that is busy elsewhere: a fortnight is filled in one transaction."""
    opened = db.connect(settings)
    for one in (opened.study, opened.vault):
        if one.engine.dialect.name == "postgresql":
            sa.event.listen(one.engine, "connect", _never_idle_out)
    return opened


def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.extensions["biobank.api"].spec.to_dict()
    return found
