"""What must be true of the bench's records, whoever scanned what and in whatever order."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from biobank.db import Databases, Tx
from biobank.specimens import actions, log, projection
from biobank.specimens.custody import Custodian
from biobank.specimens.models import CustodyEvent, ReceiptScan, ShipmentItem, SubjectKind, Tube


def assert_sound(databases: Databases, tubes: int, scans: int) -> None:
    """No lost scan, no double receipt, one custodian each, every row as its events say."""
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(sa.func.count()).select_from(ReceiptScan)) == scans
        ids = list(tx.session.scalars(sa.select(ShipmentItem.tube_id)))
        assert len(ids) == tubes
        assert_tubes_sound(tx, ids)
        assert list(actions.differences(tx)) == []


def assert_tubes_sound(tx: Tx, tube_ids: Sequence[UUID]) -> None:
    """Each tube received once at most, held by whom its standing receipt says, its row as its story and chain say."""
    for tube in tx.session.scalars(sa.select(Tube).where(Tube.id.in_(tube_ids))):
        events = log.story(tx, SubjectKind.TUBE, tube.id)
        gone = projection.taken_back_in(events)
        standing = [event for event in events if event.id not in gone and _is_receipt(event)]
        assert len(standing) <= 1
        assert (tube.custodian is Custodian.BIOBANK) is bool(standing)
        assert log.is_whole(events)
        assert projection.retell(events) == projection.read(tube)


def _is_receipt(event: CustodyEvent) -> bool:
    return (event.from_custodian, event.to_custodian) == (Custodian.CARRIER, Custodian.BIOBANK)
