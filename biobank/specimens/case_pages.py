"""Cases on pages: the lists, one case with its history and what may be done, the report to the sender."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access.approvals import open_about
from biobank.access.models import Site
from biobank.errors import Refused
from biobank.specimens import actions, case_lists, case_words, cases, photos, temperatures
from biobank.specimens.case_lists import Show
from biobank.specimens.case_models import Case
from biobank.specimens.case_schemas import CloseCaseSchema, NoteSchema
from biobank.specimens.models import FoundObject, Shipment, Tube
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]


def case_list() -> str:
    """The lists of what does not agree."""
    tx = current_tx()
    show, site_id = _asked()
    context: dict[str, Any] = {"rows": [], "held": [], "parcels": []}
    if show == "held":
        context["held"] = case_lists.held_tubes(tx, site_id)
    elif show == "waited":
        context["parcels"] = case_lists.waited_for(tx, site_id)
    else:
        after = request.args.get("after", type=UUID)
        context["rows"] = case_lists.rows(tx, Show(show), site_id=site_id, after=after)
    sites = tx.session.execute(sa.select(Site.id, Site.code).order_by(Site.code)).all()
    return render_template("specimens/cases.html", show=show, site_id=site_id, sites=sites, said=_said,
                           counts=case_lists.counts(tx, site_id), now=clock.now(), most=case_lists.MOST,
                           is_one_site=case_lists.only_site(tx) is not None, **context)  # fmt: skip


def case_file() -> FlaskResponse:
    """The list as CSV: a site's is the report to it."""
    show, site_id = _asked()
    found = case_lists.rows(current_tx(), Show(show) if show in set(Show) else Show.OPEN, site_id=site_id, limit=10_000)
    answer = current_app.response_class(case_lists.sheet(found), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="cases.csv"'
    return answer


def case(case_id: UUID) -> str:
    """One case."""
    return _page(case_id)


def take_case(case_id: UUID) -> Answer:
    """I see to it."""
    return _do(case_id, lambda: cases.take(current_tx(), case_id))


def note_case(case_id: UUID) -> Answer:
    """Write something down."""
    values, errors = read_form(NoteSchema())
    if errors:
        return _page(case_id, errors=errors), 422
    return _do(case_id, lambda: cases.note(current_tx(), case_id, values["note"]))


def report_case(case_id: UUID) -> Answer:
    """Put it into the sender's report."""
    return _do(case_id, lambda: cases.report(current_tx(), case_id))


def close_case(case_id: UUID) -> Answer:
    """Close it with what it came to."""
    values, errors = read_form(CloseCaseSchema())
    if errors:
        return _page(case_id, errors={"resolution": errors.get("resolution"), "close_note": errors.get("note")}), 422
    return _do(case_id, lambda: cases.close(current_tx(), case_id, values["resolution"], values["note"]))


def reopen_case(case_id: UUID) -> Answer:
    """Open it again."""
    values, errors = read_form(NoteSchema())
    if errors:
        return _page(case_id, errors=errors), 422
    return _do(case_id, lambda: cases.reopen(current_tx(), case_id, values["note"]))


def ask_release(case_id: UUID) -> Answer:
    """Sign for the release of a parcel that was not kept cold."""
    values, errors = read_form(NoteSchema())
    if errors:
        return _page(case_id, errors={"release_note": errors.get("note")}), 422
    return _do(case_id, lambda: actions.ask_release(current_tx(), case_id, values["note"]))


def _asked() -> tuple[str, UUID | None]:
    show = request.args.get("show", "open")
    return (show if show in {*Show, "held", "waited"} else "open"), request.args.get("site", type=UUID)


def _said(found: Case) -> dict[str, str]:
    words = case_words.said(found)
    return {name: problems.spoken({name: getattr(words, name)})[name] for name in ("name", "action", "notice")}


def _do(case_id: UUID, work: Callable[[], object]) -> Answer:
    try:
        work()
    except Refused as refusal:
        current_tx().session.rollback()
        return _page(case_id, refusal=problems.say(refusal)), refusal.status
    return redirect(url_for("specimens.case", case_id=case_id), 303)


def _page(case_id: UUID, **context: Any) -> str:
    tx = current_tx()
    found = cases.find_case(tx, case_id)
    tube = tx.session.get(Tube, found.tube_id) if found.tube_id else None
    shipment = tx.session.get(Shipment, found.shipment_id) if found.shipment_id else None
    thing = tx.session.get(FoundObject, found.object_id) if found.object_id else None
    pictures = (
        photos.photos_of(tx, object_id=thing.id) if thing else photos.photos_of(tx, tube_id=tube.id) if tube else []
    )
    return render_template(
        "specimens/case.html", case=found, words=_said(found), history=cases.history(tx, case_id), tube=tube,
        shipment=shipment, thing=thing, photos=pictures, steps=case_words.STEPS, resolutions=case_words.RESOLUTIONS,
        closes=case_words.CLOSES, site=tx.session.get(Site, found.site_id) if found.site_id else None,
        asked=open_about(tx, temperatures.RELEASE, found.id), **({"errors": {}} | context),
    )  # fmt: skip


_CASE = "/cases/<uuid:case_id>"
ROUTES = (
    ("GET", "/cases", case_list),
    ("GET", "/cases/file.csv", case_file),
    ("GET", _CASE, case),
    ("POST", f"{_CASE}/take", take_case),
    ("POST", f"{_CASE}/note", note_case),
    ("POST", f"{_CASE}/report", report_case),
    ("POST", f"{_CASE}/close", close_case),
    ("POST", f"{_CASE}/reopen", reopen_case),
    ("POST", f"{_CASE}/ask-release", ask_release),
)
