"""Storing changes: whole or not at all, never one that the protocol refuses, never over what somebody else wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict
from biobank.measurements.alerts import settle_alerts
from biobank.measurements.changes import Change, cleared
from biobank.measurements.identity import refuse_identifying
from biobank.measurements.models import EntryKind, MeasurementEntry, Source
from biobank.measurements.rules import Assessment
from biobank.measurements.sheet import Sheet
from biobank.measurements.typed import BadValue

CHANGED = "changed-since"
_INSERT = sa.insert(MeasurementEntry)
# Height and weight together are wrong, but not which of them: both stay until one is corrected.
_MAY_WAIT = {"bmi-out-of-range"}


def refuse_final(sheet: Sheet) -> None:
    """Refuse any change to a record that is cancelled or final."""
    if sheet.is_cancelled:
        raise Conflict("These measurements were cancelled. Restore them before anything is changed.", code="cancelled")
    if sheet.is_final:
        raise Conflict(
            "These measurements were finished by %(who)s and can no longer be changed.",
            code="final",
            who=sheet.record.finalised_by,
        )


def refuse_changed(sheet: Sheet, version: int) -> None:
    """Refuse when anything at all was stored after `version`. Raises Conflict `changed-since`."""
    if sheet.record.version != version:
        raise changed_since(sheet, version, [entry for entry in sheet.entries if entry.seq > version])


def refuse_crossed(tx: Tx, sheet: Sheet, version: int, changes: Iterable[Change]) -> None:
    """Refuse when another person changed anything after `version`, or anybody the same place. Raises Conflict.

    A device's value elsewhere takes nothing from what a clerk is typing meanwhile, nor does the clerk's own.
    """
    places = {change.place for change in changes}
    later = [entry for entry in sheet.entries if entry.seq > version]
    crossed = [entry for entry in later if (entry.field, entry.replicate) in places
               or (entry.source is Source.TYPED and entry.by_id != tx.actor.id)]  # fmt: skip
    if crossed:
        raise changed_since(sheet, version, crossed)


def changed_since(sheet: Sheet, version: int, entries: Sequence[MeasurementEntry]) -> Conflict:
    """The refusal that names what was changed after `version` and by whom."""
    answered = [alert for alert in sheet.alerts if (alert.acknowledged_seq or 0) > version]
    what = [{"field": entry.ref, "by": _source(entry), "at": entry.at.isoformat()} for entry in entries]
    what += [{"field": alert.code, "by": alert.acknowledged_by or "", "at": _iso(alert.acknowledged_at)}
             for alert in answered]  # fmt: skip
    named = ", ".join(dict.fromkeys(f"{_words(sheet, item['field'])} ({item['by']})" for item in what))
    return Conflict(
        "Changed in the meantime: %(what)s. Nothing of yours was stored. Look at it and enter yours again.",
        code=CHANGED,
        details={"changes": what, "version": sheet.record.version},
        what=named or "-",
    )


def store(tx: Tx, sheet: Sheet, changes: Iterable[Change]) -> Sheet:
    """Store the changes and answer the record as it is then. The record's row is locked by the caller.

    A modification that closes its place takes the values there back; what says nothing new is passed over. Raises
    BadValue for anything that brings an error which was not there before; Conflict for a final record.
    """
    refuse_final(sheet)
    asked = list(changes)
    wanted = [
        change for change in (*cleared(sheet.protocol, sheet.answers, asked), *asked) if _says_more(sheet, change)
    ]
    if not wanted:
        return sheet
    after = _refuse_new_errors(sheet, wanted)
    refuse_identifying(tx, sheet, wanted)
    entries = [_entry(tx, sheet, change) for change in wanted]
    # Written in one go: a whole record is two dozen rows, and none of them is looked at again here.
    tx.session.connection().execute(_INSERT, entries)
    return settle_alerts(tx, sheet.grown(entries, after))


def _says_more(sheet: Sheet, change: Change) -> bool:
    if change.kind is EntryKind.CONFIRMATION or change.source is Source.DEVICE:
        return True
    return sheet.answers.get(change.key) != change.value


def _refuse_new_errors(sheet: Sheet, changes: Sequence[Change]) -> Assessment:
    """What the protocol says once the changes are made. Raises BadValue for an error that they bring."""
    after = sheet.assess_with(changes)
    errors = [error for error in after.errors if error.code not in _MAY_WAIT]
    known = {(error.field, error.code) for error in sheet.assessment.errors} if errors else set()
    findings = [error for error in errors if (error.field, error.code) not in known]
    if findings:
        raise BadValue(*findings)
    return after


def _entry(tx: Tx, sheet: Sheet, change: Change) -> dict[str, Any]:
    now = clock.now()
    sent: dict[str, Any] = {"reading_id": None, "device": None, "protocol": None, "unchecked": False, "import_id": None}
    taken_at = now
    if change.sent is not None:
        taken_at = min(change.sent.captured_at, now)
        sent |= {"reading_id": change.sent.reading_id, "device": change.sent.device,
                 "protocol": change.sent.protocol, "unchecked": change.sent.unchecked}  # fmt: skip
    if change.imported is not None:
        taken_at = change.imported.taken_at
        sent |= {"import_id": change.imported.import_id, "device": change.imported.device}
    return {
        "id": new_id(), "record_id": sheet.record.id, "seq": sheet.record.advance(), "kind": change.kind,
        "field": change.field, "replicate": change.replicate, "value": change.value, "typed_text": change.typed_text,
        "typed_unit": change.typed_unit, "source": change.source, "taken_at": taken_at, "at": now,
        "by_id": tx.actor.id, "by": tx.actor.name, **sent,
    }  # fmt: skip


def _source(entry: MeasurementEntry) -> str:
    return entry.device or entry.by


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _words(sheet: Sheet, ref: str) -> str:
    name = ref.partition(".")[0]
    return sheet.protocol.label(ref).en if f"field.{name}" in sheet.protocol.texts else ref
