"""The bench page: one field for every scan, the last outcome across the screen, the counter, the close."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import Phrase, Refused
from biobank.specimens import actions
from biobank.specimens.custody import ShipmentState
from biobank.specimens.forms import CloseForm, TemperatureForm
from biobank.specimens.models import ReceiptScan, ScanOutcome
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]

# Tone of the band (colour, sign, sound), sign, and the word that goes with them.
BANDS = {
    ScanOutcome.OPENED: ("note", "▣"),
    ScanOutcome.OK: ("good", "✓"),
    ScanOutcome.AGAIN: ("again", "="),
    ScanOutcome.ELSEWHERE: ("stop", "✕"),
    ScanOutcome.EXTRA: ("care", "+"),
    ScanOutcome.OTHER_SHIPMENT: ("care", "⇄"),
    ScanOutcome.LATE: ("care", "◷"),
    ScanOutcome.UNKNOWN: ("stop", "?"),
    ScanOutcome.WRONG_KIND: ("note", "≠"),
    ScanOutcome.NOT_YET: ("note", "!"),
    ScanOutcome.HOLD: ("stop", "‖"),
    ScanOutcome.BAD_READ: ("again", "↻"),
    ScanOutcome.COMMAND: ("note", "›"),
}


def bench() -> str:
    """The bench as this person left it."""
    return _page()


def bench_scan() -> Answer:
    """Take one scan; it is saved before its outcome is shown."""
    scan = actions.receive_scan(current_tx(), request.form.get("code", ""))
    if problems.wants_fragment():
        return _page(loud=True)
    return redirect(url_for("specimens.bench", said=scan.id), 303)


def record_temperature(shipment_id: UUID) -> Answer:
    """The temperature in the parcel, asked once."""
    values, errors = read_form(TemperatureForm())
    if errors:
        return _page(errors=errors, values=request.form), 422
    try:
        actions.record_temperature(current_tx(), shipment_id, **values)
    except Refused as refusal:
        return _refused(refusal)
    return redirect(url_for("specimens.bench"), 303)


def close_receipt(shipment_id: UUID) -> Answer:
    """Close the shipment; the number of missing tubes is typed."""
    values, errors = read_form(CloseForm())
    if errors:
        return _page(errors={"missing": gettext("Type how many tubes are missing.")}, values=request.form), 422
    try:
        actions.close_receipt(current_tx(), shipment_id, missing=values["missing"])
    except Refused as refusal:
        return _refused(refusal)
    return redirect(url_for("specimens.bench"), 303)


def _refused(refusal: Refused) -> tuple[str, int]:
    current_tx().session.rollback()
    return _page(refusal=problems.say(refusal), values=request.form), refusal.status


def _said(scan: ReceiptScan) -> dict[str, Any]:
    tone, sign = BANDS[scan.outcome]
    # What is kept of a scan is text alone; only a person's name among it is not ours to translate.
    words = problems.spoken({name: word if name == "who" else Phrase(word) for name, word in scan.words.items()})
    return {"scan": scan, "tone": tone, "sign": sign, "message": gettext(scan.message, **words)}


def _page(*, loud: bool = False, **context: Any) -> str:
    tx = current_tx()
    shipment = actions.current_shipment(tx)
    scans = [_said(scan) for scan in actions.last_scans(tx)]
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    return render_template(
        "specimens/bench.html", shipment=shipment, scans=scans, loud=loud or "said" in request.args,
        progress=actions.progress_of(tx, shipment) if shipment else None,
        asks_temperature=shipment is not None and shipment.state is ShipmentState.ARRIVED, **filled,
    )  # fmt: skip
