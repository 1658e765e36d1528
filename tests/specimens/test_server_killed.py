"""A real server killed by SIGKILL during a receiving scan: it is kept whole or not at all, and a repeat is answered."""

import http.client
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from biobank.access import actions as access
from biobank.access.models import SiteKind
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.config import Settings
from biobank.db import Databases
from biobank.specimens import actions
from biobank.specimens.custody import Custodian
from biobank.specimens.models import ReceiptScan
from tests.specimens.conftest import PASSWORD
from tests.specimens.factories import make_opened
from tests.specimens.killed_server import Point
from tests.specimens.soundness import assert_sound

# `make bench-chaos` asks for more than the suite has time for.
KILLS = int(os.environ.get("BIOBANK_TEST_SCAN_KILLS", "3"))
SEED = int(os.environ.get("BIOBANK_TEST_SEED", "0"))
ROOT = Path(__file__).parents[2]
PATH = "/api/v1/receipts/scans"
A_PARCEL = 9
IS_KEPT = {Point.UNSAVED: False, Point.UNCOMMITTED: False, Point.UNANSWERED: True}
Send = Callable[[Point, float, dict[str, str], bytes], Any]


@pytest.fixture
def ben(databases: Databases) -> Actor:
    with databases.transaction() as tx:
        site = access.add_site(tx, code="BB", name="Biobank", kind=SiteKind.BIOBANK, zone="America/New_York")
        made = access.add_staff(tx, username="ben", display_name="Ben Bench", password=PASSWORD, roles=[Role.BIOBANK],
                                site_id=site.id)  # fmt: skip
        return Actor(kind="staff", name="Ben Bench", id=made.id, site_id=site.id, roles=frozenset({Role.BIOBANK}))


@pytest.fixture
def send(settings: Settings) -> Iterator[Send]:
    """Send a scan to a server that dies of it; what it answered, if it came to that."""
    given = {"home": str(settings.home), "database_url": settings.database_url, "vault_url": settings.vault_url}
    command = [sys.executable, "-m", "tests.specimens.killed_server", json.dumps(given)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as yard:
        assert yard.stdin
        assert yard.stdout
        port, words_in, words_out = int(yard.stdout.readline()), yard.stdin, yard.stdout

        def one(point: Point, seconds: float, headers: dict[str, str], body: bytes) -> Any:
            line, answer = http.client.HTTPConnection("127.0.0.1", port, timeout=120), None
            words_in.write(json.dumps([point, seconds]) + "\n")
            words_in.flush()
            with suppress(ConnectionError, http.client.HTTPException):
                line.request("POST", PATH, body, headers)
                answer = json.loads(line.getresponse().read())
            assert words_out.readline().strip() == "-9"
            return answer

        yield one
        words_in.close()


def tubes_to_scan(databases: Databases, ben: Actor) -> Iterator[str]:
    """The tubes of one parcel after another, each open at Ben's bench until all of it was scanned."""
    while True:
        with databases.transaction() as tx:
            shipment, tubes = make_opened(tx)
            codes = [tube.code for tube in tubes]
        with databases.transaction(ben) as tx:
            actions.receive_scan(tx, shipment.code)
        yield from codes
        with databases.transaction(ben) as tx:
            actions.close_receipt(tx, shipment.id, missing=0)


def is_kept(databases: Databases, scan_id: UUID, code: str) -> bool:
    """Whether the scan was kept; the tube is received if it was, and on its way if it was not."""
    with databases.transaction(read_only=True) as tx:
        kept = tx.session.get(ReceiptScan, scan_id) is not None
        assert (actions.tube_by_code(tx, code).custodian is Custodian.BIOBANK) is kept
    return kept


def answered_alike(app: Flask, headers: dict[str, str], body: bytes) -> Any:
    """The answer to the page's repeat, which comes to another server; a second repeat is answered the same."""
    client = app.test_client()
    said = [client.post(PATH, data=body, headers=headers).get_json() for _ in range(2)]
    assert said[0] == said[1]
    return said[0]


def test_a_server_killed_during_a_scan_keeps_all_of_it_or_nothing_and_a_repeat_is_answered(
    databases: Databases, settings: Settings, app: Flask, ben: Actor, send: Send
) -> None:
    token = access.sign_in(databases, settings, username="ben", password=PASSWORD, address="bench")
    drawn, points, kept = random.Random(SEED), (*IS_KEPT, *[Point.ANYWHERE] * KILLS), []
    for point, code in zip(points, tubes_to_scan(databases, ben), strict=False):
        scan_id = new_id()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                   "Idempotency-Key": str(scan_id)}  # fmt: skip
        body = json.dumps({"code": code, "scan_id": str(scan_id)}).encode()
        first = send(point, drawn.uniform(0, 0.08), headers, body)
        kept.append(is_kept(databases, scan_id, code))
        assert kept[-1] is IS_KEPT.get(point, kept[-1])
        said = answered_alike(app, headers, body)
        assert (said["id"], said["outcome"]) == (str(scan_id), "OK")
        assert first in (None, said)
    print(f"killed during {len(kept)} scans: {sum(kept)} were kept, {kept.count(False)} were not")
    parcels = -(-len(points) // A_PARCEL)
    assert_sound(databases, A_PARCEL * parcels, len(points) + 2 * parcels)
