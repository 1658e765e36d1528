"""The command cards of the bench: undo, next box, close, declare missing, and a condition for the last thing seen."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from biobank.db import Tx
from biobank.errors import Conflict, Phrase
from biobank.specimens import cases, log
from biobank.specimens.bench import Answer, current_shipment, last_scans, progress_of, say, undo
from biobank.specimens.case_models import CaseType
from biobank.specimens.cases import About
from biobank.specimens.closing import close_receipt
from biobank.specimens.conditions import CONDITIONS, Condition, Scope, Severity
from biobank.specimens.custody import EventType
from biobank.specimens.flaws import keeps_apart, note_on_tube
from biobank.specimens.models import ReceiptScan, ScanOutcome, Shipment, SubjectKind, Tube
from biobank.specimens.packing import lock_tube
from biobank.specimens.shipping import lock_shipment

# What a card's bar code holds before the command, long enough that a scanner is told from typing.
PREFIX = "BENCH-"
_NO_SHIPMENT = Phrase("There is no open shipment. Scan the courier's number of a parcel first.")


def command_of(text: str) -> Callable[[Tx, str], Answer] | None:
    """What a scanned or typed command does; None for what is no command."""
    word = text.strip().strip("*").upper().removeprefix(PREFIX)
    condition = CONDITIONS.get(word)
    if condition is not None:
        return lambda tx, raw: _note_condition(tx, raw, condition)
    return COMMANDS.get(word)


def _close(tx: Tx, _raw: str) -> Answer:
    """Closes a complete shipment; an incomplete one needs the card that declares tubes missing."""
    shipment = _open_shipment(tx)
    left = progress_of(tx, shipment).left
    if left:
        raise Conflict("Tubes not scanned: %(left)s. Scan them, or scan the card that declares them missing.",
                       code="missing-differs", left=left)  # fmt: skip
    close_receipt(tx, shipment.id, missing=0)
    return _of(shipment, say(ScanOutcome.COMMAND, "Shipment %(shipment)s is complete and closed.",
                             shipment=shipment.code))  # fmt: skip


def _declare_missing(tx: Tx, raw: str) -> Answer:
    """The first scan says how many, the second in a row declares just these."""
    shipment = _open_shipment(tx)
    left = progress_of(tx, shipment).left
    if not left:
        return _close(tx, raw)
    before = last_scans(tx, 1)
    if before and before[0].code == "MISSING" and before[0].words.get("left") == str(left):
        close_receipt(tx, shipment.id, missing=left)
        return _of(shipment, say(ScanOutcome.COMMAND, "Shipment %(shipment)s is closed. Tubes declared missing: "
                                 "%(gone)s.", shipment=shipment.code, gone=str(left)))  # fmt: skip
    said = say(ScanOutcome.COMMAND, "Tubes not scanned: %(left)s. Scan this card again to declare them missing.",
               left=str(left))  # fmt: skip
    return replace(_of(shipment, said), code="MISSING")


def _next_box(tx: Tx, _raw: str) -> Answer:
    shipment = _open_shipment(tx)
    left = {code: count for code, count in progress_of(tx, shipment).expected.items() if count}
    if not left:
        return _of(shipment, say(ScanOutcome.COMMAND, "Every box is complete. Scan the close card."))
    code, count = next(iter(left.items()))
    said = say(ScanOutcome.COMMAND, "Next is box %(box)s. Tubes to scan: %(left)s.", box=code, left=str(count))
    return replace(_of(shipment, said), code=code)


def _note_condition(tx: Tx, raw: str, condition: Condition) -> Answer:
    if condition.scope is Scope.PARCEL:
        return _on_parcel(tx, raw, condition)
    query = sa.select(ReceiptScan).where(
        ReceiptScan.actor_id == tx.actor.id,
        sa.or_(ReceiptScan.tube_id.is_not(None), ReceiptScan.object_id.is_not(None)),
    )
    seen = tx.session.scalar(query.order_by(ReceiptScan.at.desc(), ReceiptScan.id.desc()).limit(1))
    if seen is None:
        raise Conflict("Scan the tube first, then the card of its condition.")
    return _on_object(tx, raw, condition, seen) if seen.tube_id is None else _on_tube(tx, raw, condition, seen)


def _on_parcel(tx: Tx, raw: str, condition: Condition) -> Answer:
    shipment = lock_shipment(tx, _open_shipment(tx).id)
    log.record_about(tx, SubjectKind.SHIPMENT, shipment.id, str(EventType.CONDITION_NOTED),
                     site_id=tx.actor.site_id or shipment.site_id, detail={"condition": condition.code},
                     raw_scan=raw)  # fmt: skip
    if condition.severity is not Severity.ACCEPT:
        cases.open_case(tx, CaseType.CONDITION, About(shipment.site_id, shipment.id, condition=condition.code))
    return _of(shipment, _told(ScanOutcome.COMMAND, condition))


def _on_tube(tx: Tx, raw: str, condition: Condition, seen: ReceiptScan) -> Answer:
    tube = lock_tube(tx, str(tx.session.scalar(sa.select(Tube.code).filter_by(id=seen.tube_id))))
    event = note_on_tube(tx, tube, condition, raw_scan=raw, shipment=tx.session.get(Shipment, seen.shipment_id))
    outcome = ScanOutcome.HOLD if keeps_apart(condition) else ScanOutcome.COMMAND
    return replace(_told(outcome, condition), code=condition.code, shipment_id=seen.shipment_id, tube_id=tube.id,
                   event_id=event.id)  # fmt: skip


def _on_object(tx: Tx, raw: str, condition: Condition, seen: ReceiptScan) -> Answer:
    if seen.object_id:
        log.record_about(tx, SubjectKind.OBJECT, seen.object_id, str(EventType.CONDITION_NOTED),
                         site_id=tx.actor.site_id, detail={"condition": condition.code}, raw_scan=raw)  # fmt: skip
    return replace(_told(ScanOutcome.COMMAND, condition), code=condition.code, shipment_id=seen.shipment_id,
                   object_id=seen.object_id)  # fmt: skip


def _told(outcome: ScanOutcome, condition: Condition) -> Answer:
    return say(outcome, "%(condition)s is noted. %(action)s", condition=condition.name, action=condition.action)


def _open_shipment(tx: Tx) -> Shipment:
    shipment = current_shipment(tx)
    if shipment is None:
        raise Conflict(_NO_SHIPMENT)
    return shipment


def _of(shipment: Shipment, said: Answer) -> Answer:
    return replace(said, code=said.code or shipment.code, shipment_id=shipment.id)


COMMANDS: Mapping[str, Callable[[Tx, str], Answer]] = {
    "UNDO": undo,
    "NEXT": _next_box,
    "CLOSE": _close,
    "MISSING": _declare_missing,
}
