"""Promises that no one slice keeps: no number of the state is asked for; nothing typed breaks the interface.

BIOBANK_TEST_FUZZ says how many hostile requests each operation gets (`make fuzz` sends 200).
"""

import os
import random
import uuid
from typing import Any

from flask import Flask

from biobank.access.actions import add_staff
from biobank.actor import Role
from biobank.app import create_app
from biobank.columns import Base, VaultBase
from biobank.config import Settings
from biobank.db import Databases
from tests.pages import Browser
from tests.participants.factories import make_site

ROUNDS = int(os.environ.get("BIOBANK_TEST_FUZZ", "1"))
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 3.9, 1e308, 2**70, "", " ", "\u0000", "\ud7ff", "a" * 5000, "'; DROP TABLE person; --",
    "<script>alert(1)</script>", "=1+1", "^XZ", "../../etc/passwd", "1e5", "NaN", "9999-12-31", "2026-02-30",
    "0001-01-01T00:00:00+23:59", [], {}, [[]], {"": None}, ["x"] * 300, "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
ROLES = {"carla": [Role.CLINIC], "ben": [Role.BIOBANK], "fiona": [Role.FINANCE], "adam": [Role.ADMINISTRATOR],
         "ada": [Role.AUDITOR]}  # fmt: skip


def test_nobody_is_asked_for_a_social_security_number() -> None:
    named = [
        column.name for base in (Base, VaultBase) for table in base.metadata.sorted_tables for column in table.columns
    ]
    assert [name for name in named if "ssn" in name or "social" in name] == []


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _body(document: dict[str, Any], operation: dict[str, Any], chance: random.Random) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = _resolved(document, content.get("schema", {}))
    fields = list(schema.get("properties", {}))
    if not fields or chance.random() < 0.1:
        return chance.choice(HOSTILE)
    return {name: chance.choice(HOSTILE) for name in fields if chance.random() < 0.9}


def _address(path: str, chance: random.Random) -> str:
    parts = [
        chance.choice([str(uuid.UUID(int=chance.getrandbits(128))), "x", "1", "%00"]) if part.startswith("{") else part
        for part in path.split("/")
    ]
    return "/".join(parts)


def test_no_operation_answers_hostile_input_with_a_server_error(settings: Settings, databases: Databases) -> None:
    app: Flask = create_app(settings, databases)
    with databases.transaction() as tx:
        site = make_site(tx)
        for name, roles in ROLES.items():
            add_staff(tx, username=name, display_name=name, password="correct horse battery", roles=roles,
                      site_id=site.id)  # fmt: skip
    document = app.extensions["biobank.api"].spec.to_dict()
    chance, broken = random.Random(20261122), []
    people = {}
    for name in ROLES:
        people[name] = Browser(app)
        people[name].sign_in(name)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method not in ("get", "post", "patch", "put", "delete"):
                continue
            for _ in range(ROUNDS):
                who = chance.choice(list(people.values()))
                headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(chance.getrandbits(64)),
                           "If-Match": '"x"'}  # fmt: skip
                answer = who.client.open(
                    _address(path, chance), method=method.upper(), headers=headers,
                    json=None if method == "get" else _body(document, operation, chance),
                )  # fmt: skip
                if answer.status_code >= 500:
                    broken.append(f"{method} {path}: {answer.status_code}")
    assert broken == []
