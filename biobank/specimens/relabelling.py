"""A new label of the same code for a tube whose label is gone or cannot be read: printed, and true once it is scanned.

A tube keeps its code for life: its lists, its manifest and the inventory know it by that. The new label bears it too,
marked as a copy, and every label printed before is void.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from biobank.actor import Role
from biobank.db import Tx
from biobank.errors import Conflict, Forbidden, Phrase
from biobank.specimens import codes, custody, labelling, log, projection
from biobank.specimens.custody import Custodian, EventType
from biobank.specimens.models import CustodyEvent, SubjectKind, Tube
from biobank.specimens.storage import deriving
from biobank.specimens.storing import find_tube, lock
from biobank.stations import actions as stations
from biobank.stations.models import PrintJob
from labels import Kind, SheetOptions

ASKED = "new-label"
"""The reason of the event that says why a new label was asked for; its detail has the rest."""
ON_PAPER = "label-on-paper"
"""The reason of the event that tells of a new label as a PDF: which copy, and why when it is not the first."""
_ASK_ANEW = Phrase("This label was printed again %(count)s times already. Ask for yet another one, and say what is "
                   "wrong with it.")  # fmt: skip


class Flaw(StrEnum):
    """What is wrong with the label on a tube."""

    SMUDGED = "smudged"
    DAMAGED = "damaged"
    LOST = "lost"
    MISPLACED = "misplaced"


class KnownBy(StrEnum):
    """How the person who has the tube in hand knows which one it is, best first."""

    SCANNED = "scanned"
    CODE_READ = "code_read"
    OTHER_CODES = "other_codes"
    ONLY_ONE_LEFT = "only_one_left"


FLAWS: Mapping[str, Phrase] = {flaw: stations.WHY_AGAIN[flaw] for flaw in Flaw}
KNOWN_BY: Mapping[str, Phrase] = {
    KnownBy.SCANNED: Phrase("Its label still scans"),
    KnownBy.CODE_READ: Phrase("Its code can be read by eye"),
    KnownBy.OTHER_CODES: Phrase("Its collection's and its participant's codes can be read"),
    KnownBy.ONLY_ONE_LEFT: Phrase("It is the only tube without a label where it should be"),
}


def ask_label(tx: Tx, tube_id: UUID, *, flaw: Flaw, known_by: KnownBy, station_id: UUID | None = None) -> Tube:
    """Ask a station for a new label of a tube that was drawn or filled; all its labels before are void.

    Without a station it comes out of an office printer: `on_paper`. Raises Conflict for a tube with the courier,
    Forbidden to a clinic for one at the biobank, NotAllowed where the law of custody lets no new label follow.
    """
    tube = _in_hand(tx, tube_id)
    log.record(tx, tube, EventType.CONDITION_NOTED, reason=ASKED,
               detail={"label": str(flaw), "known_by": str(known_by)})  # fmt: skip
    if station_id:
        stations.request_label(tx, station_id, replace(_label(tx, tube), earlier=_copies(tx, tube)), reason=str(flaw))
    else:
        stations.void_labels(tx, [tube.code], "A new label was asked for. Destroy this one.")
    tx.session.flush()
    return tube


def on_paper(tx: Tx, tube_id: UUID, stock: str, options: SheetOptions, *, again: str = "") -> bytes:
    """The new label as a PDF of a sheet, where no label printer is; the tube's story tells of each.

    Raises Conflict unless it was asked for. A second one for the same wish takes a reason (`stations.WHY_AGAIN`).
    """
    tube = _in_hand(tx, tube_id)
    wish = asked(tx, tube)
    if wish is None:
        raise _not_asked()
    deriving.require_again(len(papers(tx, tube, wish)), again, _ASK_ANEW)
    copy = _copies(tx, tube) + 1
    log.record(tx, tube, EventType.CONDITION_NOTED, reason=ON_PAPER,
               detail={"copy": copy} | ({"label": again} if again else {}))  # fmt: skip
    return deriving.printed_sheet(tx, [deriving.as_copy(_label(tx, tube).data, copy)], stock, options)


def put_label(tx: Tx, tube_id: UUID, code: str) -> Tube:
    """Record by the scan of the new label that it is on its tube: from now on the tube is relabelled.

    Raises Conflict for another tube's label, where no new label was asked for, or while the new one waits to be
    printed, so that what was scanned is the old one.
    """
    tube = _in_hand(tx, tube_id)
    if codes.read(code, Kind.TUBE) != tube.code:
        raise Conflict("Stop: this is the label of another tube. Take it off, and find the tube that it belongs to.",
                       code="label-of-another-tube")  # fmt: skip
    wish = asked(tx, tube)
    if wish is None:
        raise _not_asked()
    job = waiting_label(tx, tube, wish)
    if job is not None:
        stations.note_applied(tx, tube.code, how=f"{tx.actor.name} scanned it on its tube.")
    copies = [job.copy_no] if job else [event.detail["copy"] for event in papers(tx, tube, wish)]
    log.record(tx, tube, EventType.RELABELLED, reason=wish.detail["label"], raw_scan=code,
               detail={"known_by": wish.detail["known_by"]} | ({"copy": copies[-1]} if copies else {}))  # fmt: skip
    tx.session.flush()
    return tube


def asked(tx: Tx, tube: Tube) -> CustodyEvent | None:
    """The newest wish for a new label, while none followed it."""
    query = sa.select(CustodyEvent).filter_by(subject_kind=SubjectKind.TUBE, subject_id=tube.id)
    wanted = sa.or_(CustodyEvent.type == str(EventType.RELABELLED), CustodyEvent.reason == ASKED)
    newest = tx.session.scalar(query.where(wanted).order_by(CustodyEvent.seq.desc()).limit(1))
    return newest if newest is not None and newest.reason == ASKED else None


def waiting_label(tx: Tx, tube: Tube, wish: CustodyEvent) -> PrintJob | None:
    """The label that a station was asked for by this wish and that is not on its tube yet."""
    left = stations.unapplied(tx, [tube.code])
    return next((job for job in reversed(left) if job.requested_at >= wish.recorded_time), None)


def papers(tx: Tx, tube: Tube, wish: CustodyEvent | None = None) -> Sequence[CustodyEvent]:
    """What tells of new labels as a PDF, in order: all, or those made for this wish."""
    query = sa.select(CustodyEvent).filter_by(subject_kind=SubjectKind.TUBE, subject_id=tube.id, reason=ON_PAPER)
    since = wish.seq if wish else 0
    return tx.session.scalars(query.where(CustodyEvent.seq > since).order_by(CustodyEvent.seq)).all()


def is_possible(tx: Tx, tube: Tube) -> bool:
    """Whether this person may give this tube a new label as it stands."""
    is_theirs = tube.custodian is Custodian.CLINIC or tx.actor.has(Role.BIOBANK)
    return is_theirs and EventType.RELABELLED in custody.FOLLOWS[tube.state] and not tube.withdrawn


def _in_hand(tx: Tx, tube_id: UUID) -> Tube:
    find_tube(tx, tube_id)
    tube = lock(tx, tube_id)
    if tube.custodian is Custodian.CARRIER:
        raise Conflict("This tube is with the courier. It gets a new label when it is received.", code="with-carrier")
    if tube.custodian is Custodian.BIOBANK and not tx.actor.has(Role.BIOBANK):
        raise Forbidden("This tube is at the biobank. Tell them what is wrong with its label.", code="at-the-biobank")
    custody.apply(projection.read(tube).standing, EventType.RELABELLED)
    return tube


def _not_asked() -> Conflict:
    return Conflict("No new label was asked for. Say first what is wrong with the one on the tube.",
                    code="no-new-label")  # fmt: skip


def _copies(tx: Tx, tube: Tube) -> int:
    """The number of the newest label of this tube, wherever it came from: the one it was drawn with is the first."""
    printed = deriving.times_printed(tx, [tube])[tube.id]
    told: list[int] = [event.detail["copy"] for event in papers(tx, tube)]
    return max([1, printed, *told, *(job.copy_no for job in stations.labels_of(tx, [tube.code]))])


def _label(tx: Tx, tube: Tube) -> stations.Label:
    """What the last label of this tube said; where it was printed elsewhere, what it says by the tube's record."""
    printed = stations.labels_of(tx, [tube.code])
    if printed:
        last = printed[-1]
        return stations.Label(data=last.data, object_kind="tube", object_code=tube.code, template=last.template)
    return deriving.label_of(tx, tube) if tube.parent_id else labelling.label_of(tx, tube)
