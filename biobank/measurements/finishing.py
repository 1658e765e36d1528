"""What keeps a record from being finished, in the clerk's words and in order of urgency."""

from biobank.errors import Conflict
from biobank.measurements.models import MeasurementEntry
from biobank.measurements.protocol import Text
from biobank.measurements.protocol_parts import LANGUAGES
from biobank.measurements.rules import missing_words
from biobank.measurements.sheet import Sheet

_ALERTS = Text("Act on the alert first and write what was done.", "Primero atienda la alerta y escriba qué se hizo.")
_LOOK = Text("Compare with the device's display: {list}.", "Compare con la pantalla del aparato: {list}.")


def reasons(sheet: Sheet, locale: str = "en") -> list[str]:
    """Why the record cannot be finished yet; empty when it can."""
    found = [_ALERTS.to(locale)] if sheet.open_alerts else []
    found += [error.text.to(locale) for error in sheet.assessment.errors]
    if sheet.unchecked:
        places = dict.fromkeys(_place(sheet, entry) for entry in sheet.unchecked)
        labels = [sheet.protocol.label(place).to(locale) for place in places]
        found.append(_LOOK.fill({"list": "; ".join(labels)}).to(locale))
    if not sheet.assessment.complete:
        found.append(missing_words(sheet.assessment, locale))
    return found


def refuse_unfinished(sheet: Sheet) -> None:
    """Refuse to finish past anything missing, wrong, unanswered or not compared. Raises Conflict with all of it."""
    found = reasons(sheet)
    if found:
        details = {"missing": list(sheet.assessment.missing), "reasons": found}
        why = Text(*(" ".join(reasons(sheet, tongue)) for tongue in LANGUAGES))
        raise Conflict("%(why)s", code="not-finished", details=details, why=why)


def _place(sheet: Sheet, entry: MeasurementEntry) -> str:
    """The reading that a value belongs to, such as `blood_pressure.2`: one display shows all of it."""
    measure = sheet.protocol.fields[entry.field].measure
    return f"{measure}.{entry.replicate}" if entry.replicate else measure
