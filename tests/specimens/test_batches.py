"""Many scans at once come to what they come to one by one, whether they are written together or not."""

from collections.abc import Sequence

import pytest

from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Tx
from biobank.specimens import actions
from biobank.specimens.models import CustodyEvent
from biobank.specimens.receiving import Incoming
from labels import Kind, mint
from tests.specimens.factories import make_opened
from tests.specimens.soundness import assert_tubes_sound

STRANGER = mint(Kind.TUBE)


@pytest.fixture
def clerk() -> Actor:
    """Somebody at the bench."""
    return Actor(kind="staff", name="Ben Bench", id=new_id(), roles=frozenset({Role.BIOBANK}))


@pytest.mark.parametrize(
    ("scans", "outcomes"),
    [
        ((0, 1, 2), ["OK", "OK", "OK"]),
        ((0, 1, 1), ["OK", "OK", "AGAIN"]),
        ((0, "UNDO", 1), ["OK", "COMMAND", "OK"]),
        ((0, STRANGER, 2), ["OK", "UNKNOWN", "OK"]),
        ((8, 0), ["HOLD", "HOLD"]),
    ],
)
def test_each_scan_of_a_batch_comes_to_what_it_comes_to_alone(
    tx: Tx, scans: Sequence[int | str], outcomes: list[str]
) -> None:
    _shipment, tubes = make_opened(tx)
    if outcomes[0] == "HOLD":
        actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    codes = [tubes[scan].code if isinstance(scan, int) else scan for scan in scans]
    sent = [Incoming(code, new_id()) for code in codes]
    first = actions.receive_scans(tx, sent)
    assert [str(scan.outcome) for scan in first] == outcomes
    assert actions.receive_scans(tx, sent) == first
    assert_tubes_sound(tx, [tube.id for tube in tubes])


def test_a_rack_written_together_is_received_tube_by_tube(tx: Tx) -> None:
    shipment, tubes = make_opened(tx)
    scans = actions.receive_scans(tx, [Incoming(tube.code, new_id(), device="rack-1") for tube in tubes])
    events = [tx.session.get_one(CustodyEvent, scan.event_id) for scan in scans]
    assert [(event.subject_id, event.raw_scan, event.device) for event in events] == [
        (tube.id, tube.code, "rack-1") for tube in tubes
    ]
    assert actions.progress_of(tx, shipment).left == 0
    assert list(actions.differences(tx)) == []
