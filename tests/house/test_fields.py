"""Every field of every answer of the interface, for every role that may ask: shown as the published table says."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from biobank.access.fields import KINDS, MASKED, may_see
from biobank.access.needs import Anyone
from biobank.access.table import ROUTES
from biobank.actor import Role

_OK = ("200", "201", "202")


def document(application: Flask) -> dict[str, Any]:
    found: dict[str, Any] = application.extensions["biobank.api"].spec.to_dict()
    return found


def endpoints(application: Flask) -> dict[tuple[str, str], str]:
    """Endpoints by address as the document writes it, and method."""
    return {(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower()): rule.endpoint
            for rule in application.url_map.iter_rules() for method in rule.methods or ()}  # fmt: skip


def _names(document: dict[str, Any], schema: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all fields in a schema, however deep."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _names(document, document["components"]["schemas"][name], seen | {name})
        return
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    parts += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    for name, part in schema.get("properties", {}).items():
        yield name
        parts.append(part)
    for part in parts:
        yield from _names(document, part, seen)


def answers(application: Flask) -> Iterator[tuple[str, frozenset[str]]]:
    """Each endpoint of the interface with every field that it may answer."""
    described, by_address = document(application), endpoints(application)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if (path, method) in by_address:
                schemas = [content.get("schema", {}) for status, answer in operation["responses"].items()
                           if status in _OK for content in answer.get("content", {}).values()]  # fmt: skip
                fields = frozenset(name for schema in schemas for name in _names(described, schema))
                yield by_address[path, method], fields


def _asked_by(endpoint: str) -> frozenset[Role | Anyone]:
    needed = ROUTES[endpoint]
    return frozenset({needed}) if isinstance(needed, Anyone) else frozenset(needed)


def test_every_role_is_shown_the_fields_of_the_table_and_no_others(application: Flask) -> None:
    found = {(endpoint, str(who)): hidden for endpoint, fields in answers(application) for who in _asked_by(endpoint)
             if (hidden := {name for name in fields if not may_see(who, name)})}  # fmt: skip
    masked = {(endpoint, str(role)): set(names) for endpoint, roles in MASKED.items() for role, names in roles.items()}
    assert found == masked, "list each field in biobank/access/fields.py with the kinds of data it belongs to"


def test_every_field_of_the_table_is_one_of_the_interface(application: Flask) -> None:
    answered = {name for _, fields in answers(application) for name in fields}
    assert {name for kind in KINDS.values() for name in kind.fields} - answered == set()


def test_who_somebody_is_stands_in_no_answer(application: Flask) -> None:
    answered = {name for _, fields in answers(application) for name in fields}
    assert answered & {"first_name", "last_name", "born_on", "email", "phone", "street", "ssn"} == set()
