"""The participant's own measurements, on the screen and on paper."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, render_template
from flask_babel import format_date

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.measurements import history, summary, summary_paper
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
        facts["lines"], code=facts["participant"].clinic_code, day=facts["day"], languages=facts["languages"]
    )
    return current_app.response_class(body, mimetype="application/pdf")


def _facts(visit_id: UUID) -> dict[str, Any]:
    tx = current_tx()
    sheet = history.final_version(tx, visit_id)
    note_look("participant", sheet.record.participant_id, Purpose.VISIT)
    participant = participant_of(tx, sheet.record.participant_id)
    languages = ("es", "en") if participant.language == "es" else ("en", "es")
    # One way to write the day that reads alike in both languages.
    return {"visit": visit_of(tx, visit_id), "participant": participant, "languages": languages,
            "lines": list(summary.lines(sheet)), "day": format_date(sheet.record.opened_at, "yyyy-MM-dd")}  # fmt: skip


ROUTES = ((ADDRESS, "summary", page), (f"{ADDRESS}.pdf", "summary_pdf", paper))
