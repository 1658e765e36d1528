"""A session ended, an account stopped, a role taken away while requests run: not one is served that began after."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from biobank.access import actions, sessions, staff
from biobank.access.models import Staff, StaffSession
from biobank.actor import SYSTEM, Role
from biobank.db import Databases, Tx
from tests.access.factories import PASSWORD, staffed

CALLERS = 3
Revoke = Callable[[Tx, Staff], None]


def _end_session(tx: Tx, person: Staff) -> None:
    session_id = tx.session.scalar(sa.select(StaffSession.id).filter_by(staff_id=person.id))
    assert session_id is not None
    sessions.end_session(tx, person.id, session_id)


def _switch_off(tx: Tx, person: Staff) -> None:
    actions.set_active(tx, person.id, active=False)


def _take_role(tx: Tx, person: Staff) -> None:
    staff.set_roles(tx, person.id, [Role.CLINIC])


def _token(app: Flask) -> str:
    given = {"username": "ben", "password": PASSWORD}
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "sign-in"}
    token: str = app.test_client().post("/api/v1/sessions", json=given, headers=headers).get_json()["token"]
    return token


@pytest.mark.parametrize("revoke", [_end_session, _switch_off, _take_role])
def test_nothing_is_served_that_began_after_a_revocation(app: Flask, databases: Databases, revoke: Revoke) -> None:
    ben = staffed(databases, ben=Role.BIOBANK)["ben"]
    headers = {"Authorization": f"Bearer {_token(app)}"}
    revoked, begun = threading.Event(), threading.Barrier(CALLERS + 1)
    late: list[int] = []

    def call() -> None:
        client, is_late = app.test_client(), False
        assert client.get(f"/api/v1/tubes/{UUID(int=1)}", headers=headers).status_code == 404
        begun.wait()
        while not is_late:
            is_late = revoked.is_set()
            answer = client.get(f"/api/v1/tubes/{UUID(int=1)}", headers=headers)
        late.append(answer.status_code)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    begun.wait()
    with databases.transaction(SYSTEM) as tx:
        revoke(tx, staff.find_staff(tx, ben.id or UUID(int=0)))
    revoked.set()
    for thread in threads:
        thread.join()
    assert late == [401] * CALLERS
