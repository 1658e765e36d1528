"""The bench page: one field for every scan, the last outcome across the screen, the counter, the close."""

import hashlib
import re
from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import current_app, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from biobank.errors import Invalid, Phrase, Refused
from biobank.specimens import actions, commands, tiles
from biobank.specimens.conditions import CONDITIONS, Scope, Severity
from biobank.specimens.custody import ShipmentState
from biobank.specimens.forms import CloseForm, TemperatureForm
from biobank.specimens.models import ReceiptScan, ScanOutcome, Shipment
from biobank.specimens.receiving import incoming
from biobank.specimens.schemas import ReceiptScanQuery
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx
from labels import code128

Answer = str | Response | tuple[str, int]

# Tone of the band (colour, sign, sound), sign, and the word that goes with them.
BANDS = {
    ScanOutcome.OPENED: ("note", "▣", Phrase("Opened")),
    ScanOutcome.OK: ("good", "✓", Phrase("Received")),
    ScanOutcome.AGAIN: ("again", "=", Phrase("Again")),
    ScanOutcome.ELSEWHERE: ("stop", "✕", Phrase("Received before")),
    ScanOutcome.EXTRA: ("care", "+", Phrase("Not listed")),
    ScanOutcome.OTHER_SHIPMENT: ("care", "⇄", Phrase("Other shipment")),
    ScanOutcome.LATE: ("care", "◷", Phrase("Late")),
    ScanOutcome.UNKNOWN: ("stop", "?", Phrase("Unknown")),
    ScanOutcome.WRONG_KIND: ("note", "≠", Phrase("Another kind")),
    ScanOutcome.NOT_YET: ("note", "!", Phrase("Not yet")),
    ScanOutcome.HOLD: ("stop", "‖", Phrase("Hold")),
    ScanOutcome.BAD_READ: ("again", "↻", Phrase("Scan again")),
    ScanOutcome.COMMAND: ("note", "›", Phrase("Done")),
}
# Words that are spoken aloud with the sound, for outcomes that hands must stop at.
SPOKEN = frozenset({ScanOutcome.HOLD, ScanOutcome.ELSEWHERE, ScanOutcome.UNKNOWN})


def bench() -> str:
    """The bench as this person left it."""
    return _page()


def live() -> Answer:
    """What changes on the bench, for the page that stands open; 204 when nothing did."""
    return _unless_same(live_part(loud=False))


def tiles_part() -> Answer:
    """Every tube of the open shipment as one square each; 204 when nothing changed."""
    shipment = actions.current_shipment(current_tx())
    racks = tiles.racks_of(current_tx(), shipment) if shipment else []
    # Five hundred squares are drawn only when one of them changed.
    mark = _mark(str(get_locale()) + tiles.told(racks))
    if request.args.get("have") == mark:
        return make_response("", 204)
    return render_template("specimens/_tiles.html", racks=racks, mark=mark, signs=tiles.SIGNS)


def bench_scan() -> Answer:
    """Take one scan; it is saved before its outcome is shown."""
    values, errors = read_form(ReceiptScanQuery())
    if errors:
        return refused(Invalid("Scan again: nothing that can be read was sent.", code="bad-scan"))
    scan = actions.receive(current_tx(), incoming(values))
    if problems.wants_fragment():
        return live_part(loud=True, shown=scan)
    return redirect(url_for("specimens.bench", said=scan.id), 303)


def record_temperature(shipment_id: UUID) -> Answer:
    """The temperature in the parcel, asked once."""
    values, errors = read_form(TemperatureForm())
    if errors:
        return _page(errors=errors, values=request.form), 422
    try:
        actions.record_temperature(current_tx(), shipment_id, **values)
    except Refused as refusal:
        return refused(refusal)
    return redirect(url_for("specimens.bench"), 303)


def close_receipt(shipment_id: UUID) -> Answer:
    """Close the shipment; the number of missing tubes is typed."""
    values, errors = read_form(CloseForm())
    if errors:
        return _page(errors={"missing": gettext("Type how many tubes are missing.")}, values=request.form), 422
    try:
        actions.close_receipt(current_tx(), shipment_id, missing=values["missing"])
    except Refused as refusal:
        return refused(refusal)
    return redirect(url_for("specimens.bench"), 303)


def cards() -> str:
    """The command cards, to be printed and laid beside the bench."""
    bars = {word: _bars(word) for word in (*commands.COMMANDS, *CONDITIONS)}
    by_scope = [
        (scope, [(item.code, problems.spoken({"name": item.name})["name"], item.severity)
                 for item in CONDITIONS.values() if item.scope is scope])
        for scope in Scope
    ]  # fmt: skip
    return render_template("specimens/cards.html", bars=bars, by_scope=by_scope, prefix=commands.PREFIX,
                           severities=list(Severity))  # fmt: skip


def offline() -> str:
    """The bench without a line: it keeps scans until there is one again. Nothing of the study is in it."""
    return render_template("specimens/bench_offline.html", actor=None)


def worker() -> FlaskResponse:
    """The script that shows the bench when its page is opened without a line."""
    answer = current_app.send_static_file("js/bench-worker.js")
    answer.headers["Service-Worker-Allowed"] = url_for("specimens.bench")
    return answer


def _bars(word: str) -> list[tuple[int, int]]:
    """Where each bar of a card's Code 128 begins and how wide it is, in modules."""
    pattern, bars, at = code128.modules(commands.PREFIX + word), [], 0
    while at < len(pattern):
        width = 1
        while at + width < len(pattern) and pattern[at + width] == pattern[at]:
            width += 1
        if pattern[at] == "1":
            bars.append((at, width))
        at += width
    return bars


def refused(refusal: Refused) -> tuple[str, int]:
    """The bench as it stands, with why a step was not taken."""
    current_tx().session.rollback()
    return _page(stop=problems.say(refusal), values=request.form), refusal.status


def said(scan: ReceiptScan) -> dict[str, Any]:
    """A scan as the page tells it: tone, sign, word and sentence in the reader's language."""
    tone, sign, word = BANDS[scan.outcome]
    # What is kept of a scan is text alone; only a person's name among it is not ours to translate.
    words = problems.spoken({name: word if name == "who" else Phrase(word) for name, word in scan.words.items()})
    return {"scan": scan, "tone": tone, "sign": sign, "word": gettext(word), "message": gettext(scan.message, **words),
            "is_spoken": scan.outcome in SPOKEN, "tile": tiles.AFTER.get(scan.outcome)}  # fmt: skip


def _open_now(newest: ReceiptScan | None) -> Shipment | None:
    """The shipment that this person is at; the one of the scan that was just made is at hand."""
    tx = current_tx()
    at_hand = tx.session.get(Shipment, newest.shipment_id) if newest and newest.shipment_id else None
    is_open = at_hand is not None and at_hand.state in (ShipmentState.ARRIVED, ShipmentState.RECEIVING)
    return at_hand if is_open else actions.current_shipment(tx)


def _facts(*, loud: bool, shown: ReceiptScan | None = None) -> dict[str, Any]:
    tx = current_tx()
    newest = actions.last_scans(tx)
    shipment = _open_now(shown if shown in newest[:1] else None)
    scans = [said(scan) for scan in newest]
    return {
        "shipment": shipment, "scans": scans, "last": said(shown) if shown else (scans[0] if scans else None),
        "loud": loud, "progress": actions.progress_of(tx, shipment) if shipment else None,
        "asks_temperature": shipment is not None and shipment.state is ShipmentState.ARRIVED,
        "others": actions.also_here(tx, shipment) if shipment else [],
        "errors": {}, "values": {},
    }  # fmt: skip


def live_part(*, loud: bool, shown: ReceiptScan | None = None) -> str:
    """What changes with every scan; `loud` sounds, `shown` is the scan across the screen, else the newest."""
    return render_template("specimens/_bench_live.html", **_facts(loud=loud, shown=shown))


def _page(**context: Any) -> str:
    told = _facts(loud="said" in request.args) | {"late": actions.count_late(current_tx())}
    return render_template("specimens/bench.html", **(told | context))


def _unless_same(html: str) -> Answer:
    # The keys of its forms are drawn anew each time and say nothing.
    mark = _mark(re.sub(r'name="_key" value="\w+"', "", html))
    if request.args.get("have") == mark:
        return make_response("", 204)
    return html.replace("MARK", mark)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_OF = "/bench/shipments/<uuid:shipment_id>"
ROUTES = (
    ("GET", "/bench", bench),
    ("POST", "/bench", bench_scan),
    ("GET", "/bench/live", live),
    ("GET", "/bench/tiles", tiles_part),
    ("GET", "/bench/cards", cards),
    ("GET", "/bench/offline", offline),
    ("GET", "/bench/worker.js", worker),
    ("POST", f"{_OF}/temperature", record_temperature),
    ("POST", f"{_OF}/close", close_receipt),
)
