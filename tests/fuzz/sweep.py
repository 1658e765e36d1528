"""Hostile words through every operation and every form, then every page, table, document, log and label is read.

Too long for the suite: `make payloads` sends all 220 words on both databases; BIOBANK_TEST_PAYLOADS sends fewer.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from biobank.actor import Role
from biobank.app import create_app
from biobank.config import Settings
from biobank.db import Databases
from biobank.stations.actions import claim_print_jobs
from tests.fuzz.rig import Rig, brought_up, document
from tests.fuzz.sinks import MARK, WORDS, printed_commands, wrongs
from tests.pages import Form, Page

COUNT = int(os.environ.get("BIOBANK_TEST_PAYLOADS", "2"))
_KEPT_FIELDS = ("idempotency_key", "version")


def _chosen() -> list[str]:
    """So many words, spread over all kinds."""
    step = max(1, len(WORDS) // COUNT)
    return WORDS[::step][:COUNT]


def _resolved(api: dict[str, Any], schema: Any) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, dict) else {}


def _value(api: dict[str, Any], name: str, schema: Any, word: str, rig: Rig) -> Any:
    """A value that would be taken, or the word wherever a text is."""
    found = _resolved(api, schema)
    kinds = found.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if "enum" in found:
        return found["enum"][0]
    if kind == "object":
        return {key: _value(api, key, part, word, rig) for key, part in found.get("properties", {}).items()}
    if kind == "array":
        return [_value(api, name, found.get("items", {}), word, rig)]
    if kind in ("integer", "number", "boolean"):
        return {"integer": 1, "number": 1, "boolean": False}[kind]
    formats = {"uuid": rig.key_for(name), "date": "1980-05-17", "date-time": "2026-11-20T18:00:00+00:00"}
    return formats.get(found.get("format", ""), word)


def _operations(api: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            if method in ("post", "put", "patch", "delete", "get"):
                yield path, method.upper(), operation


def _filled(path: str, rig: Rig, other: str = "") -> str:
    parts = path.split("/")
    return "/".join((other or rig.key_for(part[1:-1])) if part.startswith("{") else part for part in parts)


def _through_operations(rig: Rig, word: str) -> Iterator[tuple[str, TestResponse]]:
    api = document(rig.app)
    for path, method, operation in _operations(api):
        concrete = _filled(path, rig)
        role = rig.role_for(rig.endpoint_of(concrete, method) or "")
        if role is None:
            continue
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = _value(api, "", content["schema"], word, rig) if content else None
        query = {part["name"]: word for part in operation.get("parameters", []) if part.get("in") == "query"}
        answer = rig.app.test_client().open(concrete, method=method, json=body, query_string=query,
                                            headers=rig.headers(role))  # fmt: skip
        yield f"{method} {path}", answer


def _addresses(rig: Rig) -> Iterator[tuple[Role, str]]:
    """Every page and list of ours, by somebody who may see it."""
    for rule in rig.app.url_map.iter_rules():
        role = rig.role_for(rule.endpoint) if "GET" in (rule.methods or ()) else None
        if role is not None and rule.endpoint not in ("static", "api_catch_all"):
            yield role, _built(rule, rig)


def _built(rule: Rule, rig: Rig) -> str:
    values = {name: "1" if "Integer" in type(kind).__name__ else rig.key_for(name)
              for name, kind in rule._converters.items()}  # fmt: skip
    return str(rig.app.url_map.bind("localhost").build(rule.endpoint, values))


def _forms(rig: Rig) -> Iterator[tuple[Role, Form]]:
    for role, address in _addresses(rig):
        with closing(rig.app.test_client().get(address, headers=rig.headers(role))) as answer:
            is_page = answer.mimetype == "text/html" and answer.status_code == 200
            forms = Page(answer.get_data(as_text=True)).forms if is_page else []
        for form in forms:
            yield role, replace(form, action=form.action or address)


def _through_forms(rig: Rig, forms: Sequence[tuple[Role, Form]], word: str) -> Iterator[tuple[str, TestResponse]]:
    for role, form in forms:
        if "sign-out" in form.action or "lock" in form.action:
            continue
        given = {name: value if name in _KEPT_FIELDS else word for name, value in form.values.items()}
        sent: dict[str, Any] = {"query_string": given} if form.method == "get" else {"data": given}
        answer = rig.app.test_client().open(form.action, method=form.method.upper(), headers=rig.headers(role), **sent)
        yield f"form {form.action}", answer


def _enrolled(rig: Rig, word: str) -> Iterator[tuple[str, TestResponse]]:
    """A participant whose every word is hostile, as far as each is taken."""
    answers = dict.fromkeys(("lives_in_united_states", "can_consent_alone", "has_consent_on_file"), True)
    body = {"first_name": word, "last_name": word, "born_on": "1980-05-17", "language": "en", "street": word,
            "answers": answers | {"is_incarcerated": False}}  # fmt: skip
    answer = rig.app.test_client().post("/api/v1/participants", json=body, headers=rig.headers(Role.CLINIC))
    yield "enrol", answer


def _all_wrong(answers: Iterator[tuple[str, TestResponse]]) -> set[str]:
    found = set()
    for place, answer in answers:
        # A file that is served stays open until its answer is closed.
        with closing(answer):
            found |= {f"{place}: {wrong}" for wrong in wrongs(answer)}
    return found


def _labels(databases: Databases, rig: Rig) -> set[str]:
    with databases.transaction() as tx:
        return {
            f"label: {command!r}"
            for key in rig.keys.get("station", ())
            for job in claim_print_jobs(tx, UUID(key))
            for command in printed_commands(job.content)
        }


@pytest.fixture(params=["embedded", "postgresql"] if COUNT > 20 else ["embedded"])
def backend(request: pytest.FixtureRequest) -> str:
    """Both databases where all words are sent: what a word becomes is the same code's doing on either."""
    return str(request.param)


@pytest.fixture
def talkative(settings: Settings, databases: Databases) -> Flask:
    """The application as it logs most."""
    application = create_app(replace(settings, log_level="DEBUG"), databases)
    application.testing = True
    return application


def test_no_hostile_word_becomes_more_than_a_word(
    talkative: Flask, databases: Databases, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    rig = brought_up(talkative, databases, settings)
    forms = list(_forms(rig))
    found: set[str] = set()
    for word in _chosen():
        found |= _all_wrong(_enrolled(rig, word))
        found |= _all_wrong(_through_operations(rig, word))
        found |= _all_wrong(_through_forms(rig, forms, word))
    pages = ((address, talkative.test_client().get(address, headers=rig.headers(role)))
             for role, address in _addresses(rig))  # fmt: skip
    found |= _all_wrong(pages) | _labels(databases, rig)
    told = capfd.readouterr()
    found |= {f"log: {line[:80]}" for line in (told.out + told.err).splitlines() if MARK in line}
    assert found == set()
