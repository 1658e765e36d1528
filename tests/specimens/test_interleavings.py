"""Two benches on the same tubes in every order that chance brings: nothing lost, nothing received twice."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar
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
Result = TypeVar("Result")
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


def patiently(work: Callable[[], Result]) -> Result:
    """Do it, and do it again when the line to the database was cut, as a bench's page does with the same key.

    PostgreSQL cuts the line of a transaction that is idle for 30 seconds: on a busy machine this process, the last in
    turn, stands still for longer.
    """
    while True:
        try:
            return work()
        except sa.exc.DBAPIError as problem:
            if not problem.connection_invalidated:
                raise
            print(f"A line was cut: {problem.orig}", flush=True)


def together(databases: Databases, benches: list[Actor], scripts: list[list[tuple[str, UUID]]]) -> None:
    start, problems = threading.Barrier(len(benches)), list[BaseException]()

    def work(actor: Actor, scans: list[tuple[str, UUID]]) -> None:
        start.wait(60)
        try:
            for code, scan_id in scans:
                patiently(lambda code=code, key=scan_id: receive(databases, actor, code, key))
        except BaseException as problem:  # noqa: BLE001 - it is raised again in the test's own thread
            problems.append(problem)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(benches, scripts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert problems == []


def receive(databases: Databases, actor: Actor, code: str, scan_id: UUID) -> None:
    run_tx(databases, lambda tx: actions.receive_scan(tx, code, scan_id).id, actor)


def opened(databases: Databases) -> tuple[UUID, str, list[UUID], list[str]]:
    """A parcel at the bench: its key and code, its tubes' keys, and the codes of those that are scanned."""
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx)
        return shipment.id, shipment.code, [tube.id for tube in tubes], [tube.code for tube in tubes[:TUBES]]


def outcomes_of(databases: Databases, shipment_id: UUID, tube_ids: list[UUID], sent: set[UUID]) -> Counter[str]:
    """What the scans came to: all that were sent are there, and everything about them is consistent."""
    with databases.transaction(read_only=True) as tx:
        query = sa.select(ReceiptScan.id, ReceiptScan.outcome).where(ReceiptScan.id.in_(sent))
        kept = dict(tx.session.execute(query).all())
        assert kept.keys() == sent
        assert_tubes_sound(tx, tube_ids)
        assert actions.is_whole(actions.story(tx, SubjectKind.SHIPMENT, shipment_id))
    return Counter(str(outcome) for outcome in kept.values())


def close(databases: Databases, actor: Actor, shipment_id: UUID) -> None:
    """The next parcel of the same courier's number comes once this one is done with."""
    with databases.transaction(actor) as tx:
        shipment = tx.session.get_one(Shipment, shipment_id)
        if shipment.closed_at is None:
            actions.close_receipt(tx, shipment_id, missing=actions.progress_of(tx, shipment).left)


def take_turns(databases: Databases, benches: list[Actor], seed: int) -> Counter[str]:
    """One parcel, both benches on it. The outcomes of its scans, all there and all consistent."""
    shipment_id, code, tube_ids, codes = patiently(lambda: opened(databases))
    drawn = random.Random(seed)
    scripts = [list(script(drawn, code, codes)) for _ in benches]
    together(databases, benches, scripts)
    sent = {scan_id for scans in scripts for _, scan_id in scans}
    found = patiently(lambda: outcomes_of(databases, shipment_id, tube_ids, sent))
    patiently(lambda: close(databases, benches[0], shipment_id))
    return found


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
