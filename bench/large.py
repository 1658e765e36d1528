"""Row 6 as performance.md asks for it: the pages that a person opens, among a million events and among ten."""

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench import service
from bench.rows import Row
from biobank import clock, config
from biobank.access import actions as access
from biobank.access.models import Site, SiteKind
from biobank.actor import SYSTEM
from biobank.app import create_app
from biobank.columns import Instant, fresh_id, new_id
from biobank.db import Databases, Tx
from biobank.demo import rig, seed
from biobank.specimens import actions
from biobank.specimens.custody import Custodian, EventType, ShipmentState, TubeStatus
from biobank.specimens.models import (
    CollectionOrder,
    Container,
    ContainerState,
    CustodyEvent,
    Donor,
    ItemState,
    OrderState,
    ReceiptScan,
    ScanOutcome,
    Shipment,
    ShipmentItem,
    SubjectKind,
    Tube,
)
from labels import Kind, mint

# A study that collects a thousand tubes a day: ten times as many events reach ten times as far back. The first rows are
# made one by one, the older ones from them by the database.
PATTERN, PER_ORDER, PER_PARCEL, A_DAY = 20_160, 8, 48, 1000
SMALL = 100_000
WAITING, ON_THE_WAY = 480, 2400
TESTS = ("1SS08", "PS04A", "PS04B", "1HEP4", "1ED04", "1ED10", "1CFD9", "1UR10")
LIFE = (
    (EventType.LABEL_PRINTED, Custodian.CLINIC), (EventType.LABEL_APPLIED, Custodian.CLINIC),
    (EventType.COLLECTED, Custodian.CLINIC), (EventType.PROCESSED, Custodian.CLINIC),
    (EventType.PACKED, Custodian.CLINIC), (EventType.HANDED_OVER, Custodian.CARRIER),
    (EventType.RECEIVED, Custodian.BIOBANK), (EventType.STORED, Custodian.BIOBANK),
    (EventType.RETRIEVED, Custodian.BIOBANK), (EventType.STORED, Custodian.BIOBANK),
)  # fmt: skip
HEAD = "a" * 64


def _fresh(kind: Kind, used: set[str]) -> str:
    """A code that no other thing here has: among a million drawn of nine digits some are alike."""
    while (code := mint(kind)) in used:
        pass
    used.add(code)
    return code


def _parcel(number: int, site_id: UUID, used: set[str]) -> dict[type, list[dict[str, Any]]]:
    """The rows of one parcel of 48 tubes, the number-th counted back from now, in whatever state its age brings."""
    rows: dict[type, list[dict[str, Any]]] = {kind: [] for kind in (Donor, CollectionOrder, Shipment, Container, Tube)}
    rows[ShipmentItem] = []
    first = number * PER_PARCEL
    at = clock.now() - timedelta(days=first / A_DAY, hours=1)
    state = TubeStatus.STORED if first >= WAITING + ON_THE_WAY else TubeStatus.IN_TRANSIT
    state = TubeStatus.PROCESSED if first < WAITING else state
    shipment_id, box_id = new_id(), new_id()
    if state is not TubeStatus.PROCESSED:
        gone = ShipmentState.CLOSED if state is TubeStatus.STORED else ShipmentState.IN_TRANSIT
        rows[Shipment].append({
            "id": shipment_id, "code": _fresh(Kind.SHIPMENT, used), "site_id": site_id, "state": gone, "version": 5,
            "tracking": f"1Z{number:016}", "created_at": at, "handed_over_at": at,
            "expected_by": at + timedelta(days=2),
            "manifest": "S123456789012,1ED10,B123456789012,C123456789012,2026-11-01T15:00:00+00:00\n" * PER_PARCEL,
        })  # fmt: skip
        rows[Container].append({
            "id": box_id, "code": _fresh(Kind.BOX, used), "site_id": site_id, "opened_at": at, "opened_by": "bench",
            "state": ContainerState.CLOSED, "shipment_id": shipment_id, "version": 1,
        })  # fmt: skip
    for _ in range(PER_PARCEL // PER_ORDER):
        donor_id, order_id = new_id(), new_id()
        rows[Donor].append({"id": donor_id, "code": _fresh(Kind.BIOBANK, used)})
        rows[CollectionOrder].append({
            "id": order_id, "code": _fresh(Kind.COLLECTION, used), "donor_id": donor_id, "site_id": site_id,
            "tube_set": "3.2",
            "state": OrderState.FINALISED, "answers": {}, "created_at": at, "created_by": "bench", "finalised_at": at,
            "version": 1,
        })  # fmt: skip
        for place, test in enumerate(TESTS, start=1):
            tube_id = new_id()
            rows[Tube].append({
                "id": tube_id, "code": _fresh(Kind.TUBE, used), "order_id": order_id, "donor_id": donor_id,
                "kind": test, "position": place, "collected_at": at, "back_to": [], "state": state,
                "seq": len(LIFE), "head": HEAD,
                "custodian": {TubeStatus.STORED: Custodian.BIOBANK, TubeStatus.IN_TRANSIT: Custodian.CARRIER}.get(
                    state, Custodian.CLINIC),
            })  # fmt: skip
            if rows[Shipment]:
                here = ItemState.RECEIVED if state is TubeStatus.STORED else ItemState.EXPECTED
                rows[ShipmentItem].append({"shipment_id": shipment_id, "tube_id": tube_id, "container_id": box_id,
                                           "state": here})  # fmt: skip
    return rows


def pattern(databases: Databases, sites: list[UUID], bench_id: UUID) -> None:
    """The newest tubes, with ten events each and the scans of those that were received.

    The events carry no true hashes: only looks are measured here. Row 5 measures the chain.
    """
    used: set[str] = set()
    with databases.transaction(SYSTEM) as tx:
        made: dict[type, list[dict[str, Any]]] = {}
        for number in range(PATTERN // PER_PARCEL):
            for model, rows in _parcel(number, sites[number % len(sites)], used).items():
                made.setdefault(model, []).extend(rows)
        for model, rows in made.items():
            tx.session.execute(sa.insert(model), rows)
        _events(tx, bench_id)


def again(databases: Databases, older: range) -> None:
    """The pattern's finished rows once more for each of these numbers, so many times as long ago."""
    with databases.study.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET statement_timeout = 0")
        for model, which in _FINISHED.items():
            name = model.__tablename__
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE p_{name} AS SELECT * FROM {name} WHERE {which}")
            connection.exec_driver_sql(f"ANALYZE p_{name}")
        connection.commit()
        for number in older:
            for model in sorted(_FINISHED, key=_PARENTS_FIRST.index):
                table: sa.Table = model.__table__
                cells = ", ".join(_cell(column, number, connection.dialect.name) for column in table.columns)
                names = ", ".join(column.name for column in table.columns)
                connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {cells} FROM p_{table.name}")
            connection.commit()
        for model in _FINISHED:
            connection.exec_driver_sql(f"DROP TABLE p_{model.__tablename__}")
        connection.commit()


# Whoever acts, and where, stays the same in every copy.
_SAME = frozenset({"site_id", "actor_id", "station_id", "store_id", "parent_id", "corrects", "object_id"})
_LETTERS = "abcdefghijklmnopqrstuvwxyzADEFGIJKLMNOQRTUVWYZ0123456789"
_FINISHED: dict[Any, str] = {
    Tube: f"head = '{HEAD}' AND state = 'stored' AND substr(code, 1, 1) = '{Kind.TUBE}'",
    Donor: "id IN (SELECT donor_id FROM p_tube)",
    CollectionOrder: "id IN (SELECT order_id FROM p_tube)",
    ShipmentItem: "tube_id IN (SELECT id FROM p_tube)",
    Shipment: "id IN (SELECT shipment_id FROM p_shipment_item)",
    Container: "id IN (SELECT container_id FROM p_shipment_item)",
    CustodyEvent: f"hash = '{HEAD}' AND subject_id IN (SELECT id FROM p_tube)",
    ReceiptScan: "tube_id IN (SELECT id FROM p_tube)",
}


_PARENTS_FIRST = (Donor, CollectionOrder, Shipment, Container, Tube, ShipmentItem, CustodyEvent, ReceiptScan)


def _cell(column: sa.Column[Any], number: int, dialect: str) -> str:
    """A column of a copy: keys and codes of its own, times so much earlier, everything else as it was."""
    name, days = column.name, number * PATTERN // A_DAY
    if isinstance(column.type, sa.Uuid) and name not in _SAME:
        mark = f"{number:02x}"
        assert mark < "70", "a key's version is 7"
        if dialect == "sqlite":
            return f"substr({name}, 1, 12) || '{mark}' || substr({name}, 15)"
        return f"overlay({name}::text placing '{mark}' from 15 for 2)::uuid"
    if isinstance(column.type, Instant):
        if dialect == "sqlite":
            return f"strftime('%Y-%m-%dT%H:%M:%f000+00:00', {name}, '-{days} days')"
        return f"{name} - interval '{days} days'"
    if name in ("code", "raw"):
        return f"'{_LETTERS[number]}' || substr({name}, 2)"
    return name


def _events(tx: Tx, bench_id: UUID) -> None:
    made = Tube.head == HEAD
    before = Custodian.CLINIC
    for seq, (kind, holder) in enumerate(LIFE, start=1):
        values: dict[str, Any] = {
            "id": fresh_id(), "subject_kind": sa.literal("tube"), "subject_id": Tube.id, "seq": sa.literal(seq),
            "type": sa.literal(str(kind)), "from_custodian": sa.literal(str(before)),
            "to_custodian": sa.literal(str(holder)), "actor_kind": sa.literal("staff"),
            "actor_id": sa.literal(bench_id, sa.Uuid), "actor_name": sa.literal("Ben Bench"),
            "event_time": Tube.collected_at, "zone": sa.literal("UTC"), "time_source": sa.literal("server"),
            "recorded_time": Tube.collected_at, "site_id": CollectionOrder.site_id, "detail": sa.literal({}, sa.JSON),
            "schema_version": sa.literal(2), "prev_hash": sa.literal(HEAD if seq > 1 else ""),
            "hash": sa.literal(HEAD),
        }  # fmt: skip
        query = sa.select(*values.values()).join(CollectionOrder, CollectionOrder.id == Tube.order_id).where(made)
        tx.session.execute(sa.insert(CustodyEvent).from_select(list(values), query))
        before = holder
    _scans(tx, bench_id)


def _scans(tx: Tx, bench_id: UUID) -> None:
    values: dict[str, Any] = {
        "id": fresh_id(), "at": CustodyEvent.event_time, "actor_id": sa.literal(bench_id, sa.Uuid),
        "actor_name": sa.literal("Ben Bench"), "raw": Tube.code, "code": Tube.code,
        "outcome": sa.literal(str(ScanOutcome.OK)), "message": sa.literal("On the list of this shipment."),
        "words": sa.literal({}, sa.JSON), "shipment_id": ShipmentItem.shipment_id, "entered_by": sa.literal("wedge"),
        "tube_id": Tube.id, "event_id": CustodyEvent.id,
    }  # fmt: skip
    query = (
        sa.select(*values.values())
        .join(ShipmentItem, ShipmentItem.tube_id == Tube.id)
        .join(CustodyEvent, CustodyEvent.subject_id == Tube.id)
        .where(CustodyEvent.subject_kind == SubjectKind.TUBE, CustodyEvent.type == str(EventType.RECEIVED),
               ShipmentItem.state == ItemState.RECEIVED, Tube.head == HEAD)
    )  # fmt: skip
    tx.session.execute(sa.insert(ReceiptScan).from_select(list(values), query))


def _median(work: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def looks(databases: Databases, clients: dict[str, FlaskClient], site_id: UUID) -> dict[str, float]:
    """Milliseconds of each look; medians. Of pages the whole answer, in this process."""
    found: dict[str, float] = {}
    with databases.transaction(SYSTEM, read_only=True) as tx:
        made = sa.select(Tube).where(Tube.head == HEAD, Tube.state == TubeStatus.STORED, Tube.code.startswith("S"))
        tube = tx.session.scalars(made.limit(1)).one()
        tubes = [one.id for one in tx.session.scalars(made.limit(200))]
        sent = tx.session.scalars(sa.select(Shipment.id).order_by(Shipment.id.desc()).limit(1)).one()
        each = iter(tubes)

        def story() -> None:
            assert len(actions.story(tx, SubjectKind.TUBE, next(each))) == len(LIFE)

        _tell(found, "a tube's story", _median(story, 200))
        _tell(found, "the list of a site's waiting tubes", _median(lambda: actions.waiting(tx, site_id), 20))
    pages = (
        ("ben", f"/tubes/{tube.id}"), ("ben", f"/shipments/{sent}"), ("ben", "/overview"), ("ben", "/cases"),
        ("ben", "/cases?show=overdue"), ("ben", "/cases?show=held"), ("ben", "/lost"), ("ben", "/storage"),
        ("ben", "/storage/out"), ("ben", "/bench"), ("ben", "/bench/tiles"), ("ben", "/tubes"), ("carla", "/overview"),
        ("carla", "/packing"), ("carla", "/cases"), ("carla", "/lost"),
    )  # fmt: skip
    for who, path in pages:
        clients[who].get(path)
        name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "...", path)
        _tell(found, f"{who}'s page {name}", _median(lambda who=who, path=path: _get(clients[who], path), 5))
    _tell(found, "search by scan", _median(lambda: _search(clients["ben"], tube.code), 5))
    return found


def _tell(found: dict[str, float], name: str, took: float) -> None:
    found[name] = took
    print(f"  {name:50} {took:9.2f} ms", flush=True)


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (200, 204), f"{path}: {answer.status_code}"


def _search(client: FlaskClient, code: str) -> None:
    assert client.post("/tubes", data={"code": code}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def _clients(settings: config.Settings, databases: Databases) -> dict[str, FlaskClient]:
    app = create_app(settings, databases)
    found = {}
    for who in ("ben", "carla"):
        token = access.sign_in(databases, settings, username=who, password=seed.PASSWORD, address="bench")
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        found[who] = client
    return found


def rows(database: str, folder: Path, large: int) -> Iterator[Row]:
    """Each look among a million events, and among `large` tubes' ten times as many."""
    with ExitStack() as stack:
        urls = stack.enter_context(rig.own_postgresql(folder)) if database == "postgresql" else {}
        settings = config.from_environment({"BIOBANK_PROFILE": "demo", "BIOBANK_HOME": str(folder / "home"),
                                            "BIOBANK_COOKIE_SECURE": "no", **urls})  # fmt: skip
        databases, programme, _token = service._fill(settings, folder)
        stack.callback(databases.dispose)
        with databases.transaction(SYSTEM) as tx:
            clinics = tx.session.scalars(sa.select(Site.id).where(Site.kind == SiteKind.CLINIC)).all()
            home = programme.actor("carla").site_id
        sites = [home, *(site for site in clinics if site != home)]
        found = []
        pattern(databases, sites, programme.actor("ben").id)
        for more in (range(1, SMALL // PATTERN + 1), range(SMALL // PATTERN + 1, large // PATTERN + 1)):
            begun = time.perf_counter()
            again(databases, more)
            if urls:
                with databases.study.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                    connection.exec_driver_sql("SET statement_timeout = 0")
                    connection.exec_driver_sql("VACUUM ANALYZE")
            with databases.transaction(SYSTEM, read_only=True) as tx:
                events = tx.session.scalar(sa.select(sa.func.count()).select_from(CustodyEvent))
            print(f"{events} events, {time.perf_counter() - begun:.0f} s", flush=True)
            # Signed in anew: filling takes longer than a session may rest.
            found.append(looks(databases, _clients(settings, databases), home))
        for name, small in found[0].items():
            took = found[1][name]
            yield Row(f"6 {name}, {events:,} events, {database}", took, small, took / small, "ms", "<= 3.00")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("database", choices=("embedded", "postgresql"))
    asked.add_argument("--tubes", type=int, default=1_000_000)
    given = asked.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="biobank-large-") as name:
        for row in rows(given.database, Path(name), given.tubes):
            print(row.line(), flush=True)


if __name__ == "__main__":
    main()
