"""Every route against every role: what the table says is what happens, through the whole application."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from biobank.access import actions
from biobank.access.own_routes import FRESH, REVEALS, STAGES
from biobank.access.policy import Stage
from biobank.access.table import ROUTES, Anyone
from biobank.actor import Role
from biobank.config import Settings
from biobank.db import Databases
from tests.access.factories import make_site, make_staff
from tests.house.test_house import _values

# Ends the very session that asks, or everybody's: what comes after would say nothing.
ENDS = {"access.sign_out", "access_api.sign_out", "stations.sign_everyone_out", "access.lock"}


@pytest.fixture
def tokens(databases: Databases, settings: Settings) -> dict[Role, str]:
    """An open session for each role, at one site."""
    with databases.transaction() as tx:
        site = make_site(tx)
        people = {role: make_staff(tx, role, role, site_id=site.id) for role in Role}
        return {role: actions.open_session(tx, settings, staff.id) for role, staff in people.items()}


def _is_let_in(app: Flask, rule: Rule, method: str, token: str) -> bool:
    """Whether the guard lets this request through to its view; what the view then says of it does not matter."""
    with app.test_request_context():
        address = app.url_map.bind("localhost").build(rule.endpoint, _values(rule))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    with app.test_request_context(address, method=method, headers=headers):
        for check in app.before_request_funcs[None]:
            try:
                app.ensure_sync(check)()
            except Exception as refusal:  # noqa: BLE001 - told apart by its code below
                return getattr(refusal, "code", "") not in ("forbidden", "unlisted", "not-signed-in")
    return True


def test_each_role_gets_what_the_table_says_and_nothing_else(app: Flask, tokens: dict[Role, str]) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        needed = ROUTES[rule.endpoint]
        if needed in (Anyone.PUBLIC, Anyone.STATION) or rule.endpoint in ENDS:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            for role, token in tokens.items():
                may = needed is Anyone.SIGNED_IN or (isinstance(needed, frozenset) and role in needed)
                if _is_let_in(app, rule, method, token) is not may:
                    wrong.append(f"{role} {method} {rule.rule}")
    assert wrong == []


def test_no_person_passes_for_a_station(app: Flask, tokens: dict[Role, str]) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if ROUTES[rule.endpoint] is Anyone.STATION:
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, _values(rule))
            headers = {"Authorization": f"Bearer {tokens[Role.ADMINISTRATOR]}", "Idempotency-Key": "k"}
            assert client.open(address, method="POST", headers=headers).status_code in (401, 404, 405, 422)


@pytest.mark.parametrize("stage", [Stage.FACTOR, Stage.ENROL, Stage.LOCKED])
def test_a_session_that_is_not_open_reaches_only_what_opens_it(
    app: Flask, databases: Databases, settings: Settings, stage: Stage
) -> None:
    with databases.transaction() as tx:
        staff = make_staff(tx, "adam", Role.ADMINISTRATOR, site_id=make_site(tx).id)
        token = actions.open_session(tx, settings, staff.id, stage=stage)
    client, wrong = app.test_client(), []
    for rule in app.url_map.iter_rules():
        needed = ROUTES[rule.endpoint]
        if needed is Anyone.SIGNED_IN or needed == frozenset({Role.ADMINISTRATOR}):
            if stage in STAGES.get(rule.endpoint, frozenset()) or "GET" not in (rule.methods or set()):
                continue
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, _values(rule))
            answer = client.get(address, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code not in (303, 401):
                wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


def test_what_stands_in_the_lists_of_the_door_are_routes() -> None:
    assert (FRESH | REVEALS | set(STAGES)) <= set(ROUTES)
