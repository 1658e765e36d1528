"""Two benches on the same tubes in every order that chance brings: nothing lost, nothing received twice."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank.actor import Actor
from biobank.columns import new_id
from biobank.db import Databases, run_tx
from biobank.specimens import actions
from biobank.specimens.models import ReceiptScan, Shipment, SubjectKind
from tests.specimens.factories import Desk, make_bench, make_desk, make_opened
from tests.specimens.soundness import assert_sound, assert_tubes_sound

# `make bench-chaos` asks for 100,000 scans. A round is both benches on the same few tubes, so that they are often at
# the same one; a parcel is good for as many rounds as it has such handfuls of tubes, then comes the next.
INTERLEAVINGS = int(os.environ.get("BIOBANK_TEST_INTERLEAVINGS", "20"))
FIRST = int(os.environ.get("BIOBANK_TEST_SEED", "0"))
A_ROUND = 40
TUBES, A_PARCEL = 3, 9
# Lock not available, in appendix A of PostgreSQL's manual.
WAITED_TOO_LONG = "55P03"
Result = TypeVar("Result")


@pytest.fixture
def benches(databases: Databases) -> list[Actor]:
    with databases.transaction() as tx:
        return [make_bench(tx, number) for number in (1, 2)]


def script(drawn: random.Random, shipment: str, tubes: Sequence[str]) -> Iterator[tuple[str, UUID]]:
    """What one bench scans of a parcel: its number, then tubes and cards at random; some are sent twice."""
    for number in range(A_ROUND // 2):
        code = shipment if number == 0 else drawn.choice([*tubes, *tubes, "UNDO", "HM", "NEXT"])
        scan_id = new_id()
        for _ in range(drawn.choice((1, 1, 2))):
            yield code, scan_id


def patiently(work: Callable[[], Result]) -> Result:
    """Do it, and do it again when the database gave the scan up whole, as a bench's page does with the same key.

    PostgreSQL cuts the line of a transaction that is idle for 30 seconds, and lets nobody wait longer than 5 for a row:
    on a busy machine this process, the last in turn, stands still for longer.
    """
    while True:
        try:
            return work()
        except sa.exc.DBAPIError as problem:
            if not problem.connection_invalidated and getattr(problem.orig, "sqlstate", None) != WAITED_TOO_LONG:
                raise
            print(f"Given up and sent again: {problem.orig}", flush=True)


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


def opened(databases: Databases, desk: Desk) -> tuple[UUID, str, dict[str, UUID]]:
    """A parcel at the bench: its key and code, and its tubes' keys by their codes."""
    with databases.transaction() as tx:
        shipment, tubes = make_opened(tx, desk)
        return shipment.id, shipment.code, {tube.code: tube.id for tube in tubes}


def outcomes_of(databases: Databases, shipment_id: UUID, tube_ids: Collection[UUID], sent: set[UUID]) -> Counter[str]:
    """What the scans came to: all that were sent are there, and everything about their tubes is consistent."""
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


def take_turns(databases: Databases, benches: list[Actor], desk: Desk, seeds: Iterator[int]) -> Counter[str]:
    """One parcel, both benches on it, a round for each handful of its tubes. The outcomes, all consistent."""
    shipment_id, code, tubes = patiently(lambda: opened(databases, desk))
    found: Counter[str] = Counter()
    handfuls = [list(tubes)[at : at + TUBES] for at in range(0, A_PARCEL, TUBES)]
    # The seeds come last: one that finds no tubes left is not drawn.
    for codes, seed in zip(handfuls, seeds, strict=False):
        drawn = random.Random(seed)
        scripts = [list(script(drawn, code, codes)) for _ in benches]
        together(databases, benches, scripts)
        sent = {scan_id for scans in scripts for _, scan_id in scans}
        ids = [tubes[code] for code in codes]
        found += patiently(lambda ids=ids, sent=sent: outcomes_of(databases, shipment_id, ids, sent))
    patiently(lambda: close(databases, benches[0], shipment_id))
    return found


def test_interleaved_benches_lose_nothing_and_receive_nothing_twice(databases: Databases, benches: list[Actor]) -> None:
    """Two benches scan the same tubes, some twice with the same key, take back, note conditions, at random."""
    with databases.transaction() as tx:
        desk = make_desk(tx)
    outcomes: Counter[str] = Counter()
    rounds = max(INTERLEAVINGS // A_ROUND, 1)
    seeds, parcels = iter(range(FIRST + 1, FIRST + rounds + 1)), 0
    while outcomes.total() < rounds * A_ROUND:
        outcomes += take_turns(databases, benches, desk, seeds)
        parcels += 1
        if parcels % 20 == 0:
            print(f"{outcomes.total()} scans: {dict(outcomes)}", flush=True)
    print(f"{outcomes.total()} scans of {parcels} parcels: {dict(outcomes)}", flush=True)
    assert outcomes["OK"] > 0
    # Beside those of the benches, each parcel was scanned once as it came.
    assert_sound(databases, tubes=parcels * A_PARCEL, scans=rounds * A_ROUND + parcels)
