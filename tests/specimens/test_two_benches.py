"""Several people at once: each tube is received once, packed once, and nobody waits for ever."""

import random
import threading
from collections import Counter

import pytest
import sqlalchemy as sa

from biobank.actor import Actor
from biobank.db import Databases, run_tx
from biobank.errors import Refused
from biobank.specimens import actions
from biobank.specimens.models import CustodyEvent, ItemState, ScanOutcome, ShipmentItem
from tests.specimens.factories import make_bench, make_desk, make_finalised, make_opened, scan


def run_together(*jobs: object) -> None:
    threads = [threading.Thread(target=job) for job in jobs]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.fixture
def benches(databases: Databases) -> list[Actor]:
    with databases.transaction() as tx:
        return [make_bench(tx, number) for number in (1, 2)]


def test_two_benches_scanning_the_same_tubes_receive_each_once(databases: Databases, benches: list[Actor]) -> None:
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
        codes = [tube.code for tube in tubes]
    outcomes: list[ScanOutcome] = []

    def work(actor: Actor, seed: int) -> None:
        mine = random.Random(seed).sample(codes, len(codes))
        for code in (shipment.code, *mine):
            done = run_tx(databases, lambda tx, code=code: actions.receive_scan(tx, code).outcome, actor)
            outcomes.append(done)

    run_together(*[lambda actor=actor, seed=seed: work(actor, seed) for seed, actor in enumerate(benches)])
    assert Counter(outcomes) == {ScanOutcome.OPENED: 2, ScanOutcome.OK: 9, ScanOutcome.AGAIN: 9}
    with databases.transaction(read_only=True) as tx:
        received = sa.select(sa.func.count()).select_from(CustodyEvent).where(CustodyEvent.type == "received")
        assert tx.session.scalar(received) == 9
        assert list(actions.differences(tx)) == []


def test_a_tube_scanned_while_the_shipment_is_closed_is_received_or_late(
    databases: Databases, benches: list[Actor]
) -> None:
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
        code = tubes[0].code
    for tube in tubes[1:]:
        scan(databases, benches[0], tube.code)
    seen: list[object] = []

    def close() -> None:
        try:
            run_tx(databases, lambda tx: actions.close_receipt(tx, shipment.id, missing=1), benches[0])
        except Refused as refusal:
            seen.append(refusal.code)

    def receive() -> None:
        seen.append(run_tx(databases, lambda tx: actions.receive_scan(tx, code).outcome, benches[1]))

    run_together(close, receive)
    assert seen in ([ScanOutcome.LATE], [ScanOutcome.OK, "missing-differs"], ["missing-differs", ScanOutcome.OK])
    with databases.transaction(read_only=True) as tx:
        states = Counter(tx.session.scalars(sa.select(ShipmentItem.state)))
        assert states[ItemState.EXPECTED] == states[ItemState.MISSING] == 0


def test_two_clerks_scanning_one_tube_into_two_boxes_pack_it_once(databases: Databases, clerk: Actor) -> None:
    with databases.transaction(clerk) as tx:
        desk = make_desk(tx)
        code = make_finalised(tx, desk).tubes[0].code
        boxes = [actions.open_box(tx, desk.site.id).id for _ in range(2)]
    seen: list[str] = []

    def work(box_id: object) -> None:
        try:
            run_tx(databases, lambda tx: actions.pack(tx, box_id, code), clerk)  # type: ignore[arg-type]
            seen.append("packed")
        except Refused as refusal:
            seen.append(refusal.code)

    run_together(*[lambda box_id=box_id: work(box_id) for box_id in boxes])
    assert sorted(seen) == ["in-another-box", "packed"]
