"""Two benches on the same tubes in every order that chance brings: nothing lost, nothing received twice."""

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank.actor import Actor
from biobank.columns import new_id
from biobank.db import Databases, run_tx
from biobank.specimens import actions
from biobank.specimens.models import ReceiptScan, Shipment, SubjectKind
from tests.specimens.factories import make_bench, make_opened
from tests.specimens.soundness import assert_tubes_sound

# `make bench-chaos` asks for 100,000 scans; a parcel is worked on for so many of them, then comes the next.
INTERLEAVINGS = int(os.environ.get("BIOBANK_TEST_INTERLEAVINGS", "20"))
FIRST = int(os.environ.get("BIOBANK_TEST_SEED", "0"))
A_PARCEL = 40
# Few tubes, so that both benches are often at the same one.
TUBES = 3


@pytest.fixture
def benches(databases: Databases) -> list[Actor]:
    with databases.transaction() as tx:
        return [make_bench(tx, number) for number in (1, 2)]


def script(drawn: random.Random, shipment: str, tubes: list[str]) -> Iterator[tuple[str, UUID]]:
    """What one bench scans of a parcel: its number, then tubes and cards at random; some are sent twice."""
    for number in range(A_PARCEL // 2):
        code = shipment if number == 0 else drawn.choice([*tubes, *tubes, "UNDO", "HM", "NEXT"])
        scan_id = new_id()
        for _ in range(drawn.choice((1, 1, 2))):
            yield code, scan_id


def send(databases: Databases, actor: Actor, code: str, scan_id: UUID) -> None:
    """One scan; a bench whose line to the database is cut sends it again with its key, as the page does.

    PostgreSQL cuts the line of a transaction that is idle for 30 seconds. On a busy machine this process, which is the
    last in turn, has stood still for longer.
    """
    while True:
        try:
            run_tx(databases, lambda tx: actions.receive_scan(tx, code, scan_id).id, actor)
        except sa.exc.DBAPIError as problem:
            if not problem.connection_invalidated:
                raise
            print("A line was cut: the scan is sent again.", flush=True)
        else:
            return


def together(databases: Databases, benches: list[Actor], scripts: list[list[tuple[str, UUID]]]) -> None:
    start, problems = threading.Barrier(len(benches)), list[BaseException]()

    def work(actor: Actor, scans: list[tuple[str, UUID]]) -> None:
        start.wait(60)
        try:
            for code, scan_id in scans:
                send(databases, actor, code, scan_id)
        except BaseException as problem:  # noqa: BLE001 - it is raised again in the test's own thread
            problems.append(problem)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(benches, scripts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert problems == []


def take_turns(databases: Databases, benches: list[Actor], seed: int) -> Counter[str]:
    """One parcel, both benches on it. The outcomes of its scans, all there and all consistent."""
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
        codes, tube_ids, shipment_id = [tube.code for tube in tubes[:TUBES]], [tube.id for tube in tubes], shipment.id
    drawn = random.Random(seed)
    scripts = [list(script(drawn, shipment.code, codes)) for _ in benches]
    together(databases, benches, scripts)
    sent = {scan_id for scans in scripts for _, scan_id in scans}
    with databases.transaction(read_only=True) as tx:
        kept = dict(
            tx.session.execute(sa.select(ReceiptScan.id, ReceiptScan.outcome).where(ReceiptScan.id.in_(sent))).all()
        )
        assert kept.keys() == sent
        assert_tubes_sound(tx, tube_ids)
        assert actions.is_whole(actions.story(tx, SubjectKind.SHIPMENT, shipment_id))
    # The next parcel of the same courier's number comes once this one is done with.
    with databases.transaction(benches[0]) as tx:
        left = actions.progress_of(tx, tx.session.get_one(Shipment, shipment_id)).left
        actions.close_receipt(tx, shipment_id, missing=left)
    return Counter(str(outcome) for outcome in kept.values())


def test_interleaved_benches_lose_nothing_and_receive_nothing_twice(databases: Databases, benches: list[Actor]) -> None:
    """Two benches scan the same tubes, some twice with the same key, take back, note conditions, at random."""
    outcomes: Counter[str] = Counter()
    parcels = max(INTERLEAVINGS // A_PARCEL, 1)
    for number in range(1, parcels + 1):
        outcomes += take_turns(databases, benches, FIRST + number)
        if number % 50 == 0 or number == parcels:
            print(f"{outcomes.total()} scans: {dict(outcomes)}", flush=True)
    assert outcomes.total() == parcels * A_PARCEL
    assert outcomes["OK"] > 0
