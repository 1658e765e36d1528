"""The work list of withdrawals, one donor's tubes to be destroyed, and the certificate."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.errors import Refused
from biobank.specimens.entry_seam import as_entered
from biobank.specimens.models import Donor
from biobank.specimens.storage.actions import fetch_from
from biobank.specimens.withdrawal import actions
from biobank.specimens.withdrawal.paper import certificate_pdf
from biobank.web import problems
from biobank.web.transaction import current_tx

blueprint = Blueprint("withdrawal", __name__)
Answer = Response | tuple[str, int]


@blueprint.get("/withdrawals")
def work_list() -> str:
    """Everybody who has withdrawn and has tubes left."""
    return render_template("withdrawal/list.html", work=actions.work_list(current_tx()))


@blueprint.get("/withdrawals/<uuid:donor_id>")
def show(donor_id: UUID) -> str:
    """One donor's tubes: fetch, scan, ask."""
    note_look("donor", donor_id, Purpose.CUSTODY)
    return _page(donor_id)


@blueprint.post("/withdrawals/<uuid:donor_id>/scan")
def set_apart(donor_id: UUID) -> Answer:
    """A tube was fetched and set apart."""
    try:
        with as_entered():
            tube = actions.set_apart(current_tx(), donor_id, request.form.get("code", ""))
    except Refused as refusal:
        return _refused(donor_id, refusal)
    flash(gettext("%(tube)s is set apart.", tube=tube.code))
    return redirect(url_for("withdrawal.show", donor_id=donor_id), 303)


@blueprint.post("/withdrawals/<uuid:donor_id>/destruction")
def ask(donor_id: UUID) -> Answer:
    """Ask a second person."""
    try:
        actions.ask(current_tx(), donor_id, actions.method_of(request.form.get("method", "")))
    except Refused as refusal:
        return _refused(donor_id, refusal)
    flash(gettext("A second person must approve this now. Nothing is destroyed before."))
    return redirect(url_for("withdrawal.show", donor_id=donor_id), 303)


@blueprint.get("/certificates/<uuid:certificate_id>")
def certificate(certificate_id: UUID) -> str:
    """What was destroyed, by whose word."""
    tx = current_tx()
    found = actions.find_certificate(tx, certificate_id)
    note_look("donor", found.donor_id, Purpose.CUSTODY)
    return render_template(
        "withdrawal/certificate.html", certificate=found, donor=tx.session.get_one(Donor, found.donor_id)
    )


@blueprint.get("/certificates/<uuid:certificate_id>.pdf")
def certificate_paper(certificate_id: UUID) -> Response:
    """The same on paper."""
    tx = current_tx()
    found = actions.find_certificate(tx, certificate_id)
    note_look("donor", found.donor_id, Purpose.CUSTODY)
    answer = make_response(certificate_pdf(found, tx.session.get_one(Donor, found.donor_id).code))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.id}.pdf"'
    return answer


def _refused(donor_id: UUID, refusal: Refused) -> tuple[str, int]:
    current_tx().session.rollback()
    return _page(donor_id, stop=problems.say(refusal)), refusal.status


def _page(donor_id: UUID, **context: Any) -> str:
    tx = current_tx()
    filled: dict[str, Any] = {"stop": None} | context
    work = actions.work_of(tx, donor_id)
    return render_template("withdrawal/show.html", work=work, ways=fetch_from(tx, work.to_fetch),
                           methods=list(actions.Method), certificates=actions.certificates_of(tx, donor_id),
                           **filled)  # fmt: skip
