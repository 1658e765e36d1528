"""The pages of what waits for a second person."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from biobank.access import approvals
from biobank.access.approval_kinds import KINDS
from biobank.access.approval_models import Approval
from biobank.access.approval_schemas import DecideSchema
from biobank.errors import Phrase, Refused
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.languages import said
from biobank.web.transaction import actor, current_tx


def _told(approval: Approval) -> dict[str, Any]:
    """An approval as the pages show it, in the reader's language."""
    kind = KINDS.get(approval.kind)
    words = {name: said(word) for name, word in approval.words.items()}
    return {
        "it": approval,
        "kind": said(kind.words) if kind else approval.kind,
        "summary": gettext(approval.summary, **words),
        "page": kind.page.format(subject=approval.subject) if kind and kind.page else "",
        "is_open": approvals.is_open(approval),
        "mine": approval.asked_by == actor().id,
        "may_decide": approvals.may_decide(actor(), approval),
    }


def index() -> str:
    """What waits, the oldest first, and below it what was decided."""
    tx = current_tx()
    return render_template("access/approvals.html", waiting=[_told(item) for item in approvals.waiting(tx)],
                           decided=[_told(item) for item in approvals.decided(tx)])  # fmt: skip


def show(approval_id: UUID) -> str:
    """One approval: what exactly is asked, and the two answers."""
    return render_template("access/approval.html", approval=_told(approvals.find(current_tx(), approval_id)))


def decide(approval_id: UUID) -> Any:
    values, errors = read_form(DecideSchema())
    tx = current_tx()
    if errors:
        return _again(approval_id, gettext("Use at most 300 characters for the reason."), 422)
    try:
        approvals.answer(tx, approval_id, **values)
    except Refused as refusal:
        tx.close()
        return _again(approval_id, problems.say(refusal), refusal.status)
    flash(gettext(_DONE[values["answer"]]), "success")
    return redirect(url_for("access.approvals"), 303)


_DONE = {
    "approve": Phrase("Approved. It is done."),
    "refuse": Phrase("Refused. Nothing was changed."),
    "withdraw": Phrase("Taken back. Nothing was changed."),
}


def _again(approval_id: UUID, refusal: str, status: int) -> tuple[str, int]:
    approval = _told(approvals.find(current_tx(), approval_id))
    page = render_template("access/approval.html", approval=approval, refusal=refusal,
                           reason=request.form.get("reason", ""))  # fmt: skip
    return page, status
