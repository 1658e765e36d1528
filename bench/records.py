"""Row 1: a whole measurement record over HTTP against the driver alone writing the same rows in a pipeline."""

import itertools
import json
import statistics
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from bench import load
from bench.rows import ROUNDS, Row, syncs_per_second
from bench.service import Service
from biobank.access import actions as access
from biobank.access.models import Staff
from biobank.demo import seed
from biobank.measurements.models import MeasurementEntry, MeasurementRecord
from biobank.participants.models import Participant
from biobank.stations.models import Station
from biobank.visits.models import Visit

# The peer's own measure on such a machine, with one client (performance.md, 5).
PEER = 7.5
CLERK = "carla"
_ENTRY: dict[str, Any] = {
    "blood_pressure_location": "right-arm", "systolic": ["118", "120", "122"], "diastolic": ["78", "79", "80"],
    "heart_rate": ["66", "64", "65"], "height": "172.7", "weight": "72.8", "hip": ["98.0", "98.5", None],
    "waist": ["84.0", "85.2", "84.4"], "waist_location": "umbilicus", "pregnant": False, "wheelchair": False,
}  # fmt: skip
_BODY = json.dumps({"entry": _ENTRY}).encode()
_numbers = itertools.count(1)


def rows(at: Service, folder: Path) -> Iterator[Row]:
    """With one and with four clients."""
    token = access.sign_in(at.databases, at.settings, username=CLERK, password=seed.PASSWORD, address="bench")
    for clients, count in ((1, 60), (4, 120)):
        runs = []
        for number in range(ROUNDS + 1):
            ours = load.run(at.port, _requests(at, token, count), clients).per_second
            limit = _bare(at, _open_records(at, count), clients)
            if number:
                runs.append({"ours": ours, "limit": limit, "fdatasync_per_second": syncs_per_second(folder)})
        mine, bare = (statistics.median(run[side] for run in runs) for side in ("ours", "limit"))
        yield Row(f"1 whole record over HTTP, postgresql, {clients} clients", mine, bare, mine / bare, "records/s",
                  ">= 0.20", peer=PEER if clients == 1 else None, ratio_to_peer=mine / PEER if clients == 1 else None,
                  runs=runs)  # fmt: skip


def _requests(at: Service, token: str, count: int) -> list[load.Prepared]:
    found = _open_records(at, count)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers["If-Match"] = _tag(at, found[0][1], headers)
    return [("PUT", f"/api/v1/visits/{visit}/measurements", _BODY, headers) for _, visit in found]


def _tag(at: Service, visit_id: uuid.UUID, headers: dict[str, str]) -> str:
    """The tag of a record that nobody has touched: the same for all of them."""
    address = f"http://127.0.0.1:{at.port}/api/v1/visits/{visit_id}/measurements"
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return str(answer.headers["ETag"])


def _open_records(at: Service, count: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """So many open visits with empty records at the site of the clerk, each at a station of its own."""
    ids = [(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), next(_numbers)) for _ in range(count)]
    now = datetime.now(UTC)
    with at.databases.study.engine.begin() as connection:
        site_id = connection.execute(sa.select(Staff.site_id).where(Staff.username == CLERK)).scalar_one()
        connection.execute(sa.insert(Station), [
            {"id": station, "site_id": site_id, "name": f"Bench {n}", "public_key": f"bench-{n}", "active": True,
             "added_at": now, "spooled": 0, "devices": []} for station, _, _, _, n in ids])  # fmt: skip
        connection.execute(sa.insert(Participant), [
            {"id": person, "clinic_code": f"Q{n:012}", "status": "active", "language": "en", "site_id": site_id,
             "consent_version": "2026-1", "consented_on": now.date(), "enrolled_at": now, "version": 1}
            for _, person, _, _, n in ids])  # fmt: skip
        connection.execute(sa.insert(Visit), [
            {"id": visit, "participant_id": person, "site_id": site_id, "station_id": station, "state": "checked_in",
             "checked_in_at": now, "version": 1} for station, person, visit, _, _ in ids])  # fmt: skip
        connection.execute(sa.insert(MeasurementRecord), [
            {"id": record, "visit_id": visit, "participant_id": person, "protocol_id": "adult-1", "state": "draft",
             "version": 0, "opened_at": now} for _, person, visit, record, _ in ids])  # fmt: skip
    return [(record, visit) for _, _, visit, record, _ in ids]


def _written() -> list[dict[str, Any]]:
    """The columns of the entries that the service writes for this record, but for its keys."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in _ENTRY.items()}
    given = [(name, number if len(texts) > 1 else 0, text) for name, texts in lists.items()
             for number, text in enumerate(texts, start=1) if text is not None]  # fmt: skip
    now = datetime.now(UTC)
    return [{"seq": seq, "kind": "flag" if isinstance(text, bool) else "value", "field": name, "replicate": number,
             "value": "no" if text is False else str(text), "source": "typed", "unchecked": False, "taken_at": now,
             "at": now, "by_id": uuid.uuid4(), "by": "Carla Clerk"}
            for seq, (name, number, text) in enumerate(given, start=1)]  # fmt: skip


def _bare(at: Service, found: Sequence[tuple[uuid.UUID, uuid.UUID]], clients: int) -> float:
    """The same rows by the driver: one transaction and one pipeline a record, a connection a client."""
    url = at.databases.study.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    written = _written()
    columns = ["id", "record_id", *written[0]]
    insert = (f"INSERT INTO {MeasurementEntry.__tablename__} ({', '.join(columns)}) "
              f"VALUES ({', '.join(['%s'] * len(columns))})")  # fmt: skip

    def work(share: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            ready.wait()
            for record, _ in share:
                with connection.transaction(), connection.pipeline(), connection.cursor() as cursor:
                    cursor.execute("UPDATE measurement_record SET version = %s WHERE id = %s", (len(written), record))
                    cursor.executemany(insert, [(uuid.uuid4(), record, *row.values()) for row in written])

    ready = threading.Barrier(clients + 1)
    threads = [threading.Thread(target=work, args=(found[number::clients],)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(found) / (time.perf_counter() - started)
