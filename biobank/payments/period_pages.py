"""Months on the page: the checklist whose points are links, waivers, signature, pack and journal."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access import approvals
from biobank.errors import Invalid, NotFound
from biobank.payments import checklist, exports, ledger, packs, packs_written, periods
from biobank.payments.models import Period, PeriodState
from biobank.payments.notes import read_note
from biobank.web.transaction import current_tx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_periods() -> str:
    """Every month, the newest first."""
    tx = current_tx()
    kept = {period.code: period for period in tx.session.scalars(sa.select(Period))}
    rows = [(code, kept.get(code)) for code in periods.months(tx)]
    return render_template("payments/periods.html", rows=rows)


def period(code: str) -> str:
    """One month: what stands between it and its close."""
    tx = current_tx()
    found = periods.period_of(tx, code)
    asked = approvals.open_about(tx, periods.CLOSE, code) or approvals.open_about(tx, periods.REOPEN, code)
    points = [] if found.state is PeriodState.CLOSED else checklist.points(tx, found)
    is_signed = found.pack_sha256 is not None
    return render_template(
        "payments/period.html", period=found, points=points, asked=asked, targets=exports.TARGETS,
        events=periods.history(tx, found.id) if found.id else [],
        exported=exports.exported(tx, found.id) if found.id else [],
        content=periods.pack_of(tx, code).content if is_signed else packs.read(tx, found), accounts=ledger.ACCOUNTS,
        stopping=sum(point.stops for point in points),
    )  # fmt: skip


def _to(code: str) -> Response:
    return redirect(url_for("payments.period", code=code), 303)


def _note() -> str:
    note, errors = read_note()
    if errors:
        raise Invalid("Write in a few words why, so that the next person understands it.", code="reason-missing")
    return note


def lock_period(code: str) -> Response:
    periods.lock(current_tx(), code)
    flash(gettext("The month is locked: nothing more comes into it."))
    return _to(code)


def unlock_period(code: str) -> Response:
    periods.unlock(current_tx(), code, _note())
    flash(gettext("The month is open again."))
    return _to(code)


def waive_point(code: str, item: str) -> Response:
    periods.waive(current_tx(), code, item, _note())
    flash(gettext("Waived, with your reason."))
    return _to(code)


def sign_period(code: str) -> Response:
    periods.sign(current_tx(), code)
    flash(gettext("Signed. Somebody else of finance must approve the close."))
    return _to(code)


def reopen_period(code: str) -> Response:
    periods.ask_reopen(current_tx(), code, _note())
    flash(gettext("Asked for. Somebody else of finance must approve it."))
    return _to(code)


def _file(content: bytes, name: str, kind: str) -> FlaskResponse:
    return FlaskResponse(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def pack(code: str, form: str) -> FlaskResponse:
    """The signed pack as a paper, as sheets, or as the figures that the hash is of."""
    kept = periods.pack_of(current_tx(), code)
    if form == "pdf":
        return _file(packs_written.pdf(kept.content, kept.sha256, kept.made_by, kept.made_at), f"BB-{code}.pdf",
                     "application/pdf")  # fmt: skip
    if form == "xlsx":
        return _file(packs_written.xlsx(kept.content, kept.sha256), f"BB-{code}.xlsx", XLSX)
    if form == "json":
        return _file(packs.canonical(kept.content), f"BB-{code}.json", "application/json")
    raise NotFound("The pack comes as PDF, XLSX or JSON. Choose one on the month's page.")


def export_journal(code: str) -> FlaskResponse:
    """The month's journal for another program, given out once."""
    target = request.form.get("target", "")
    return _file(exports.export(current_tx(), code, target), f"BB-{code}-{target}.csv", "text/csv")


def void_journal(export_id: UUID) -> Response:
    """Note that a journal was taken back in the other program."""
    code = exports.void(current_tx(), export_id, _note())
    flash(gettext("Taken back. The month's journal can be given out again."))
    return _to(code)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/periods", "GET", "periods", show_periods),
    ("/periods/<code>", "GET", "period", period),
    ("/periods/<code>/lock", "POST", "lock_period", lock_period),
    ("/periods/<code>/unlock", "POST", "unlock_period", unlock_period),
    ("/periods/<code>/waive/<item>", "POST", "waive_point", waive_point),
    ("/periods/<code>/sign", "POST", "sign_period", sign_period),
    ("/periods/<code>/reopen", "POST", "reopen_period", reopen_period),
    ("/periods/<code>/pack/<form>", "GET", "pack", pack),
    ("/periods/<code>/journal", "POST", "export_journal", export_journal),
    ("/journals/<uuid:export_id>/void", "POST", "void_journal", void_journal),
)
