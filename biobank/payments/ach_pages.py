"""Files for the bank on finance's page, and the account that a participant gives at the desk."""

import json
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Conflict, Invalid, Refused
from biobank.participants import actions as participants
from biobank.payments import ach, ach_changes, ach_returns, card_loads
from biobank.payments.ach_models import FileForm
from biobank.payments.providers.nacha import AccountKind, Originator
from biobank.visits import actions as visits
from biobank.web import problems
from biobank.web.transaction import current_tx


def originator() -> Originator:
    """Who the bank's files come from, by the settings' file; raises `Conflict` where there is none."""
    file = current_app.extensions["biobank.settings"].payment_ach_file
    if file is None:
        raise Conflict("Bank files are not set up: BIOBANK_PAYMENT_ACH_FILE names no file.", code="ach-off")
    try:
        return Originator(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError) as problem:
        raise Conflict("The file of BIOBANK_PAYMENT_ACH_FILE cannot be read.", code="ach-off") from problem


def _page(**context: Any) -> str:
    tx = current_tx()
    return render_template("payments/bank_files.html", batches=ach.batches(tx), ready=ach.ready(tx),
                           cards_ready=card_loads.ready(tx), **context)  # fmt: skip


def show_files() -> str:
    return _page()


def prepare_file() -> Any:
    """Seal a file of what waits, and ask a second person to release it."""
    try:
        ach.prepare(current_tx(), originator())
    except Refused as refusal:
        return _page(refusal=problems.say(refusal)), refusal.status
    flash(gettext("The file is sealed. A second person of finance releases it, under Approvals."))
    return redirect(url_for("payments.bank_files"), 303)


def prepare_card_file() -> Any:
    """Seal a file of the loads that wait, and ask a second person to release it."""
    try:
        card_loads.prepare(current_tx())
    except Refused as refusal:
        return _page(refusal=problems.say(refusal)), refusal.status
    flash(gettext("The file is sealed. A second person of finance releases it, under Approvals."))
    return redirect(url_for("payments.bank_files"), 303)


def take_card_answers() -> Any:
    """Take the card programme's answer to a file, whole or not at all."""
    file = request.files.get("answers")
    try:
        loaded, back = card_loads.take_answers(current_tx(), file.read() if file else b"")
    except Invalid as refusal:
        return _page(refusal=problems.say(refusal)), refusal.status
    flash(
        gettext("%(loaded)s payments were loaded, %(back)s were not and can be paid again.", loaded=loaded, back=back)
    )
    return redirect(url_for("payments.bank_files"), 303)


def note_card(visit_id: UUID) -> AnyResponse:
    """Keep the number of the card that the participant is given at the desk."""
    visit = visits.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    payee_id = participants.payee_of(current_tx(), visit.participant_id)
    card_loads.note_card(current_tx(), payee_id, request.form.get("card", ""))
    flash(gettext("The card is kept, sealed. The $25 goes onto it with the next file."))
    return redirect(url_for("payments.for_visit", visit_id=visit_id), 303)


def bank_file(batch_id: UUID) -> Response:
    """The released file's bytes, the same each time."""
    note_look("bank-file", batch_id, Purpose.PAYMENT)
    batch = ach.batch_of(current_tx(), batch_id)
    kind, ending = ("text/csv", "csv") if batch.form is FileForm.CARDS else ("text/plain", "ach")
    response = Response(ach.bytes_of(current_tx(), batch_id), content_type=f"{kind}; charset=us-ascii")
    response.headers["Content-Disposition"] = f'attachment; filename="{batch.made_on}-{batch.modifier}.{ending}"'
    return response


def take_returns() -> AnyResponse:
    """Book what imported return files bring back, by trace and exact amount."""
    count = ach_returns.take_returns(current_tx())
    flash(gettext("%(number)s payments came back and can be paid again.", number=count))
    return redirect(url_for("payments.bank_files"), 303)


def take_changes() -> Any:
    """Read a file of notifications of change; the accounts they speak of must be asked for anew."""
    file = request.files.get("file")
    try:
        count = ach_changes.take(current_tx(), file.read() if file else b"")
    except Invalid as refusal:
        return _page(refusal=problems.say(refusal)), refusal.status
    flash(gettext("%(number)s accounts have changed. The payments arrived; nothing is paid again.", number=count))
    return redirect(url_for("payments.bank_files"), 303)


def note_account(visit_id: UUID) -> AnyResponse:
    """Keep the account that the participant gives at the desk."""
    visit = visits.visit_of(current_tx(), visit_id)
    note_look("participant", visit.participant_id, Purpose.PAYMENT)
    kind = request.form.get("kind", "")
    if kind not in list(AccountKind):
        raise Invalid("Choose checking or savings.", code="account-kind")
    ach.note_account(current_tx(), participants.payee_of(current_tx(), visit.participant_id), kind=AccountKind(kind),
                     routing=request.form.get("routing", ""), account=request.form.get("account", ""))  # fmt: skip
    flash(gettext("The account is kept, sealed. The payment goes with the next file to the bank."))
    return redirect(url_for("payments.for_visit", visit_id=visit_id), 303)


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/bank-files", "GET", "bank_files", show_files),
    ("/payments/bank-files", "POST", "prepare_bank_file", prepare_file),
    ("/payments/bank-files/<uuid:batch_id>.ach", "GET", "bank_file", bank_file),
    ("/payments/bank-files/returns", "POST", "take_bank_returns", take_returns),
    ("/payments/bank-files/changes", "POST", "take_bank_changes", take_changes),
    ("/payments/card-files", "POST", "prepare_card_file", prepare_card_file),
    ("/payments/card-files/answers", "POST", "take_card_answers", take_card_answers),
    ("/visits/<uuid:visit_id>/payment/account", "POST", "note_account", note_account),
    ("/visits/<uuid:visit_id>/payment/card", "POST", "note_card", note_card),
)
