"""Notes must not say who the participant is: what the vault finds of a person in them is refused by its kind."""

from collections.abc import Iterable, Iterator

from biobank.db import Tx
from biobank.measurements.changes import Change
from biobank.measurements.models import EntryKind
from biobank.measurements.protocol import Text
from biobank.measurements.rules_findings import Finding
from biobank.measurements.sheet import Sheet
from biobank.measurements.typed import BadValue
from biobank.participants.actions import details_found

_REFUSAL = Text(
    "The note holds {what}. Take it out and save again: notes must not say who the participant is.",
    "La nota contiene {what}. Quítelo y guarde otra vez: las notas no deben decir quién es la persona.",
)
_KINDS = {
    "name": Text("the participant's name", "el nombre de la persona"),
    "birth-date": Text("the participant's birth date", "la fecha de nacimiento de la persona"),
    "phone": Text("the participant's phone number", "el número de teléfono de la persona"),
    "e-mail": Text("the participant's e-mail address", "el correo electrónico de la persona"),
    "street": Text("the participant's street address", "la dirección de la persona"),
}


def refuse_identifying(tx: Tx, sheet: Sheet, changes: Iterable[Change]) -> None:
    """Refuse notes that hold the participant's own details. Raises BadValue `personal-details` with each kind found."""
    notes = [change for change in changes if change.kind is EntryKind.NOTE and change.value]
    findings = [finding for note in notes for finding in _found(tx, sheet, note.field, note.value or "")]
    if findings:
        raise BadValue(*findings)


def refuse_details(tx: Tx, sheet: Sheet, field: str, text: str) -> None:
    """Refuse any other free text about a visit in the same way: what was done about an alert, why it was cancelled."""
    findings = list(_found(tx, sheet, field, text))
    if findings:
        raise BadValue(*findings)


def _found(tx: Tx, sheet: Sheet, field: str, text: str) -> Iterator[Finding]:
    for kind in details_found(tx, sheet.record.participant_id, text):
        yield Finding(field, "personal-details", _REFUSAL.fill({"what": _KINDS[kind]}))
