"""The participant's own measurements, on the screen and on paper."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, render_template
from flask_babel import format_date, format_datetime

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.access.signature_models import Meaning
from biobank.access.signatures import Shown
from biobank.measurements import history, summary, summary_paper
from biobank.measurements.protocol_parts import Text
from biobank.measurements.signing import signature_of
from biobank.participants.actions import participant_of
from biobank.visits.actions import visit_of
from biobank.web.transaction import current_tx

ADDRESS = "/visits/<uuid:visit_id>/measurements/summary"


def page(visit_id: UUID) -> str:
    """The summary in both languages, the participant's own first."""
    return render_template("measurements/summary.html", words=summary.WORDS, **_facts(visit_id))


def paper(visit_id: UUID) -> Response:
    """The same as a PDF."""
    facts = _facts(visit_id)
    body = summary_paper.pdf(
        facts["lines"],
        code=facts["participant"].clinic_code,
        day=facts["day"],
        languages=facts["languages"],
        signed=facts["signed"],
    )
    return current_app.response_class(body, mimetype="application/pdf")


def _facts(visit_id: UUID) -> dict[str, Any]:
    tx = current_tx()
    sheet = history.final_version(tx, visit_id)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    participant = participant_of(tx, sheet.record.participant_id)
    languages = ("es", "en") if participant.language == "es" else ("en", "es")
    signature = signature_of(tx, sheet)
    # One way to write the day that reads alike in both languages.
    return {"visit": visit_of(tx, visit_id), "participant": participant, "languages": languages,
            "lines": list(summary.lines(sheet)), "day": format_date(sheet.record.opened_at, "yyyy-MM-dd"),
            "signed": _signed(signature) if signature else None}  # fmt: skip


def _signed(signature: Shown) -> Text:
    """Who signed and when, as it stands under the numbers."""
    if not signature.is_valid:
        return summary.WORDS["unsigned"]
    words = summary.WORDS["signed" if signature.meaning is Meaning.MEASURED else "corrected"]
    return words.fill({"name": signature.by, "at": format_datetime(signature.at, "yyyy-MM-dd HH:mm")})


ROUTES = ((ADDRESS, "summary", page), (f"{ADDRESS}.pdf", "summary_pdf", paper))
