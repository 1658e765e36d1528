"""The signature under a finished version of measurements: what it covers, and whether it still fits."""

from typing import Any

from biobank.access import signatures
from biobank.access.signature_models import Meaning
from biobank.access.signatures import Shown
from biobank.db import Tx
from biobank.measurements.models import MeasurementVersion
from biobank.measurements.sheet import Sheet

KIND = "measurement-version"
_COVERED = ("id", "seq", "kind", "field", "replicate", "value", "typed_text", "typed_unit", "source", "reading_id",
            "import_id", "device", "taken_at", "by_id", "by")  # fmt: skip


def _content(sheet: Sheet, version: MeasurementVersion) -> list[Any]:
    """Whose version it is, and every entry that it holds, with where each came from."""
    record = sheet.record
    whose = [record.id, record.visit_id, record.participant_id, record.protocol_id, version.number, version.seq]
    entries = [entry for entry in sheet.entries if entry.seq <= version.seq]
    return [whose, [[getattr(entry, name) for name in _COVERED] for entry in entries]]


def sign(tx: Tx, sheet: Sheet, version: MeasurementVersion) -> None:
    """Whoever finished this version says that they measured, or corrected, what it holds."""
    meaning = Meaning.MEASURED if version.number == 1 else Meaning.CORRECTED
    signatures.sign(tx, record_kind=KIND, record_id=version.id, content=_content(sheet, version), meaning=meaning)


def signature_of(tx: Tx, sheet: Sheet) -> Shown | None:
    """The signature under the version that is shown: the one named, else the newest of a finished record."""
    version = sheet.version or (sheet.versions[-1] if sheet.versions and sheet.is_final else None)
    if version is None:
        return None
    return signatures.under(tx, record_kind=KIND, record_id=version.id, content=_content(sheet, version))
