"""Errors declared on a tube's events: what did not happen, or happened at another time; nothing is ever overwritten."""

from datetime import datetime
from uuid import UUID

from biobank import clock
from biobank.db import Tx
from biobank.errors import Invalid, NotFound
from biobank.specimens import bench, cases, log, temperatures
from biobank.specimens.custody import Correction, EventType
from biobank.specimens.models import CustodyEvent, SubjectKind, Tube
from biobank.specimens.storing import find_tube, lock

# Events whose time is a fact of the tube, so that another time may be declared.
TIMED = frozenset({EventType.LABEL_APPLIED, EventType.COLLECTED, EventType.PROCESSED})


def declare(
    tx: Tx, tube_id: UUID, event_id: UUID, correction: Correction, *, note: str, at: datetime | None = None
) -> CustodyEvent:
    """Declare an error on an event of a tube, with the reason in words; `at` is when it truly happened.

    Raises Invalid without a reason or for a time that cannot be, NotAllowed where what followed could not have happened
    without the event, Conflict for the hold of a warm parcel, which two people release.
    """
    find_tube(tx, tube_id)
    tube = lock(tx, tube_id)
    event = tx.session.get(CustodyEvent, event_id)
    if event is None or event.subject_id != tube.id:
        raise NotFound("This tube has no such event.")
    if not note.strip():
        raise Invalid("Say what was wrong and how you know.", code="note-missing")
    if correction is Correction.INCORRECT_DATA:
        return _other_time(tx, tube, event, note, at)
    if event.type == EventType.HELD:
        temperatures.require_no_excursion(tx, tube)
    declared = log.declare_error(tx, tube, event.id, correction, reason="declared-in-error", note=note.strip())
    _follow(tx, tube, event)
    return declared


def correctable(tx: Tx, tube_id: UUID) -> list[CustodyEvent]:
    """The events of a tube that no error is declared on yet, newest first."""
    events = log.story(tx, SubjectKind.TUBE, tube_id)
    wrong = {event.corrects for event in events if event.corrects}
    return [event for event in reversed(events) if event.id not in wrong and event.type != EventType.ERROR_DECLARED]


def _other_time(tx: Tx, tube: Tube, event: CustodyEvent, note: str, at: datetime | None) -> CustodyEvent:
    if EventType(event.type) not in TIMED:
        raise Invalid("Only the time of a label, a draw or a spin is a fact of the tube. Declare that this did not "
                      "happen instead.", code="no-time")  # fmt: skip
    if at is None or at > clock.now():
        raise Invalid("Enter when it truly happened; not a time to come.", code="bad-time")
    return log.declare_error(tx, tube, event.id, Correction.INCORRECT_DATA, reason="another-time", note=note.strip(),
                             corrected={"event_time": at.isoformat()})  # fmt: skip


def _follow(tx: Tx, tube: Tube, event: CustodyEvent) -> None:
    """What a receipt had settled is open again."""
    is_receipt = event.from_custodian != event.to_custodian
    tx.session.flush()
    cases.follow_undo(tx, tube.id, event.id, is_receipt=is_receipt)
    if is_receipt:
        bench.reopen_item(tx, tube)
