"""Taking a FHIR document into a visit's empty record: whole, or not at all with every reason."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.measurements import actions
from biobank.measurements.changes import Change, Imported, note_change
from biobank.measurements.check import BadEntry, strict_json
from biobank.measurements.fhir_reading import Document, Item, Number, Remark, read_document
from biobank.measurements.fhir_words import findings
from biobank.measurements.models import EntryKind, MeasurementImport
from biobank.measurements.protocol import Protocol, Text, load
from biobank.measurements.rules import assess
from biobank.measurements.rules_findings import Finding
from biobank.measurements.sheet import Sheet
from biobank.measurements.storing import store
from biobank.measurements.typed import BadValue, read_typed
from biobank.participants import actions as participants
from biobank.visits.actions import open_visit_of
from labels import BadCode, Kind, parse

# Two clocks may disagree by this much.
_AHEAD = timedelta(minutes=5)
# Height and weight that do not fit are shown to the clerk, who knows which of them is wrong.
_MAY_WAIT = {"bmi-out-of-range"}


def read(protocol: Protocol, data: bytes) -> Document:
    """A document's bytes, read and judged by the protocol. Raises BadValue with all that is refused, by name."""
    try:
        document = read_document(protocol, strict_json(data, Number))
    except BadEntry as error:
        raise BadValue(Finding("document", error.code, error.words)) from error
    document.refused += list(_in_future(document))
    if document.refused:
        raise BadValue(*findings(document.refused))
    errors = [error for error in assess(protocol, document.entry(protocol)).errors if error.code not in _MAY_WAIT]
    if errors:
        raise BadValue(*errors)
    if not document.items:
        words = Text("There is nothing to take in this document.", "No hay nada que tomar en este documento.")
        raise BadValue(Finding("document", "nothing-to-take", words))
    return document


def import_document(tx: Tx, visit_id: UUID, data: bytes, *, subject: str | None = None) -> MeasurementImport:
    """Take a document into an open visit's record that has no answers yet; the record stays a draft.

    `subject` repeats the participant's id in the document, where that is not the code of this programme. Raises
    BadValue for what is refused, Conflict for another participant's document or a record that has answers.
    """
    sheet = actions.sheet_to_change(tx, visit_id)
    document = read(sheet.protocol, data)
    _refuse_other_participant(tx, sheet, document, subject)
    if any(value is not None for value in sheet.answers.values()):
        raise Conflict("These measurements have answers already. A document is taken only where nothing was entered.",
                       code="not-empty")  # fmt: skip
    taken = _keep(tx, sheet, document, data)
    store(tx, sheet, _changes(sheet.protocol, document, taken.id))
    return taken


def visit_for(tx: Tx, data: bytes, clinic_code: str | None = None) -> UUID:
    """The open visit of the participant with this code, or of the one whom the document names. Raises NotFound."""
    code = clinic_code or read(load(), data).subject
    found = open_visit_of(tx, participants.by_clinic_code(tx, code).id)
    if found is None:
        raise NotFound("This participant has no open visit. Check the participant in first, then import the document.")
    return found.id


def _in_future(document: Document) -> Iterator[Remark]:
    latest = clock.now() + _AHEAD
    if document.date is not None and document.date > latest:
        yield Remark("Composition", "in-future")
    for item in document.items.values():
        if item.taken_at > latest:
            yield Remark(item.key[1], "in-future")


def _refuse_other_participant(tx: Tx, sheet: Sheet, document: Document, subject: str | None) -> None:
    code = participants.participant_of(tx, sheet.record.participant_id).clinic_code
    if not document.subject:
        raise Invalid("The document does not say whose it is. Ask for one that does.", code="no-subject")
    if document.subject == code or (not _is_ours(document.subject) and document.subject == (subject or "").strip()):
        return
    if _is_ours(document.subject):
        raise Conflict(
            "The document is another participant's. Open that participant's visit.", code="other-participant"
        )
    raise Conflict("The document is about %(subject)s. If that is this participant, enter that id and import it again.",
                   code="subject-not-confirmed", subject=document.subject,
                   details={"subject": document.subject})  # fmt: skip


def _is_ours(subject: str) -> bool:
    try:
        return bool(parse(subject, Kind.PARTICIPANT))
    except BadCode:
        return False


def _keep(tx: Tx, sheet: Sheet, document: Document, data: bytes) -> MeasurementImport:
    made = MeasurementImport(
        id=new_id(), record_id=sheet.record.id, document=document.identifier, subject=document.subject,
        sha256=hashlib.sha256(data).hexdigest(), dated=document.date, taken=document.taken,
        not_taken=[finding.as_json() | {"es": finding.text.es} for finding in findings(document.left)],
        at=clock.now(), by_id=tx.actor.id, by=tx.actor.name,
    )  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    return made


def _changes(protocol: Protocol, document: Document, import_id: UUID) -> Iterator[Change]:
    for item in document.items.values():
        yield replace(_change(protocol, item), imported=Imported(import_id, item.taken_at, item.device))


def _change(protocol: Protocol, item: Item) -> Change:
    kind, field, number = item.key
    if kind is EntryKind.NOTE:
        return note_change(field, number, item.value)
    if kind is EntryKind.VALUE:
        return read_typed(protocol, field=field, replicate=number or None, text=item.value, unit=None)
    return Change(kind=kind, field=field, replicate=number, value=item.value)
