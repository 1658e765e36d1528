"""What is wrong with a tube: noted at the bench by a card, or from its page at clinic and biobank."""

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Phrase
from biobank.specimens import cases, log
from biobank.specimens.case_models import CaseType
from biobank.specimens.cases import About
from biobank.specimens.conditions import CONDITIONS, Condition, Scope, Severity
from biobank.specimens.custody import Custodian, EventType, TubeStatus
from biobank.specimens.models import CustodyEvent, Shipment, SubjectKind, Tube

# In the order of the command cards.
OF_TUBES = tuple(condition for condition in CONDITIONS.values() if condition.scope is Scope.TUBE)
_NOT_SAID = Phrase("see its story")


def note_on_tube(
    tx: Tx, tube: Tube, condition: Condition, *, raw_scan: str | None = None, note: str | None = None,
    shipment: Shipment | None = None,
) -> CustodyEvent:  # fmt: skip
    """Record a condition of a tube, with what follows from it: held or rejected, and a case for its sender.

    A clinic rejects nothing and is its own sender: there the tube is on hold and no case is opened.
    """
    is_here = tube.custodian is Custodian.BIOBANK
    type = EventType.CONDITION_NOTED  # noqa: A001 - the word of the log
    if keeps_apart(condition) and tube.state not in (TubeStatus.HELD, TubeStatus.REJECTED):
        type = EventType.HELD  # noqa: A001
    if condition.severity is Severity.REJECT and is_here and tube.state is not TubeStatus.REJECTED:
        type = EventType.REJECTED  # noqa: A001
    event = log.record(tx, tube, type, reason="condition", detail={"condition": condition.code, "hl7": condition.hl7},
                       raw_scan=raw_scan, note=note)  # fmt: skip
    tx.session.flush()
    if condition.severity is not Severity.ACCEPT and is_here:
        about = About(tube.order.site_id, shipment.id if shipment else None, tube.id, event_id=event.id,
                      condition=condition.code)  # fmt: skip
        cases.open_case(tx, CaseType.CONDITION, about)
    return event


def keeps_apart(condition: Condition) -> bool:
    """Whether a tube of this condition is not used before somebody has decided."""
    return condition.severity in (Severity.HOLD, Severity.REJECT)


def why_held(tx: Tx, tube: Tube) -> Phrase:
    """The condition that a tube is on hold for, in words; where that is not it, a hint at its story."""
    query = sa.select(CustodyEvent.detail).filter_by(subject_kind=SubjectKind.TUBE, subject_id=tube.id,
                                                     type=str(EventType.HELD))  # fmt: skip
    detail = tx.session.scalar(query.order_by(CustodyEvent.seq.desc()).limit(1)) or {}
    condition: Condition | None = CONDITIONS.get(detail.get("condition", ""))
    return condition.name if condition else _NOT_SAID
