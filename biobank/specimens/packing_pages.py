"""The packing pages: boxes and strays, a box being filled, a shipment and its hand-over."""

from collections import Counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank import clock
from biobank.access.models import Site
from biobank.errors import Invalid, NotFound, Refused
from biobank.specimens import actions, bags, case_lists, case_words, couriers, p650, photos, temperatures, tiles
from biobank.specimens import packing as boxes_of
from biobank.specimens.entry_seam import as_entered
from biobank.specimens.forms import HandOverForm, ReasonForm
from biobank.specimens.manifest_paper import Head, pdf
from biobank.specimens.models import Container, ContainerKind, SubjectKind
from biobank.specimens.sites import own_site
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

Answer = str | Response | tuple[str, int]


def packing() -> str:
    """Open boxes, tubes that wait, shipments of this site."""
    return _packing()


def open_box() -> Response:
    """Start an empty box or bag and go to it."""
    kind = ContainerKind.BAG if request.form.get("kind") == ContainerKind.BAG else ContainerKind.BOX
    box = actions.open_box(current_tx(), own_site(current_tx()), kind)
    return redirect(url_for("specimens.box", box_id=box.id), 303)


def box(box_id: UUID) -> str:
    """A box being filled."""
    return _box(box_id)


def scan_into_box(box_id: UUID) -> Answer:
    """A tube in, or out again."""
    try:
        with as_entered():
            packed = actions.pack(current_tx(), box_id, request.form.get("code", ""))
    except Refused as refusal:
        current_tx().session.rollback()
        return _box(box_id, stop=problems.say(refusal)), refusal.status
    said = gettext("In the box: %(code)s") if packed.is_in else gettext("Out of the box: %(code)s")
    flash(said % {"code": packed.code}, "success" if packed.is_in else "info")
    return redirect(url_for("specimens.box", box_id=box_id), 303)


def ship(box_id: UUID) -> Answer:
    """Close this box, and the others that were ticked, into one shipment."""
    tx = current_tx()
    try:
        others = request.form.getlist("box_ids", type=UUID)
        shipment = actions.ship(tx, own_site(tx), [box_id, *others])
    except Refused as refusal:
        tx.session.rollback()
        return _box(box_id, stop=problems.say(refusal)), refusal.status
    return redirect(url_for("specimens.shipment", shipment_id=shipment.id), 303)


def shipment(shipment_id: UUID) -> str:
    """A shipment: its boxes, its hand-over or what became of it."""
    return _shipment(shipment_id)


def hand_over(shipment_id: UUID) -> Answer:
    """Give the shipment to the courier."""
    values, errors = read_form(HandOverForm())
    if errors:
        return _shipment(shipment_id, errors=errors, values=request.form), 422
    tx = current_tx()
    try:
        _require_second_entry(values)
        actions.hand_over(tx, shipment_id, tracking=values["tracking"], again=values["tracking_again"],
                          is_packed_by_p650=True, checklist=values["checklist"] or [])  # fmt: skip
    except Refused as refusal:
        tx.session.rollback()
        return _shipment(shipment_id, stop=problems.say(refusal), values=request.form), refusal.status
    return redirect(url_for("specimens.shipment", shipment_id=shipment_id), 303)


def void_shipment(shipment_id: UUID) -> Answer:
    """Give a shipment up before it leaves."""
    values, errors = read_form(ReasonForm())
    if errors:
        return _shipment(shipment_id, stop=gettext("Say why the shipment is given up.")), 422
    actions.void_shipment(current_tx(), shipment_id, values["reason"])
    return redirect(url_for("specimens.packing"), 303)


def declare_lost(shipment_id: UUID) -> Answer:
    """The courier has lost it."""
    values, errors = read_form(ReasonForm())
    if errors:
        return _shipment(shipment_id, stop=gettext("Say what the courier told you.")), 422
    try:
        actions.declare_lost(current_tx(), shipment_id, values["reason"])
    except Refused as refusal:
        current_tx().session.rollback()
        return _shipment(shipment_id, stop=problems.say(refusal)), refusal.status
    return redirect(url_for("specimens.shipment", shipment_id=shipment_id), 303)


def manifest_paper(shipment_id: UUID) -> FlaskResponse:
    """The frozen list as a PDF, to lie in the parcel."""
    tx = current_tx()
    found = actions.find_shipment(tx, shipment_id)
    if found.manifest is None or found.handed_over_at is None:
        raise NotFound("The list is written when the shipment leaves. Hand it over first.", code="no-manifest")
    site = tx.session.get_one(Site, found.site_id)
    left = found.handed_over_at.astimezone(ZoneInfo(site.zone)).strftime("%Y-%m-%d %H:%M %Z")
    head = Head(found.code, f"{site.code} {site.name}", found.tracking or "", left, found.manifest_sha256 or "")
    answer = current_app.response_class(pdf(found.manifest, head), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.code}.pdf"'
    return answer


def _require_second_entry(values: dict[str, Any]) -> None:
    """A number that proves itself by a check digit is entered once, any other twice."""
    if values["tracking_again"] is None and not couriers.read(values["tracking"]).is_checked:
        raise Invalid("Scan or type the tracking number a second time.", code="tracking-once")


def _packing(**context: Any) -> str:
    tx = current_tx()
    site_id = own_site(tx)
    boxes = [(box, len(actions.tubes_in(tx, box.id))) for box in actions.open_boxes(tx, site_id)]
    return render_template("specimens/packing.html", boxes=boxes, waiting=actions.waiting(tx, site_id),
                           shipments=actions.recent(tx, site_id), **context)  # fmt: skip


def _box(box_id: UUID, **context: Any) -> str:
    tx = current_tx()
    found = actions.find_box(tx, box_id)
    inside = actions.tubes_in(tx, box_id)
    open_ones = actions.open_boxes(tx, found.site_id)
    others = [other for other in open_ones if other.id != box_id and other.kind is ContainerKind.BOX]
    filled: dict[str, Any] = {"stop": None} | context
    return render_template(
        "specimens/box.html", box=found, tubes=inside, counts=sorted(Counter(tube.kind for tube in inside).items()),
        waiting=actions.waiting(tx, found.site_id), others=[box for box in others if _is_filled(box)],
        bags=[(bag, len(actions.tubes_in(tx, bag.id))) for bag in bags.bags_in(tx, box_id)],
        packing_now=boxes_of.packing_now(tx, found),
        **filled,
    )  # fmt: skip


def _is_filled(box: Container) -> bool:
    tx = current_tx()
    return bool(actions.tubes_in(tx, box.id) or bags.bags_in(tx, box.id))


def _shipment(shipment_id: UUID, **context: Any) -> str:
    tx = current_tx()
    found = actions.find_shipment(tx, shipment_id)
    boxes = [(box, len(actions.tubes_in(tx, box.id))) for box in found.boxes]
    boxes += [(bag, len(actions.tubes_in(tx, bag.id))) for box in found.boxes for bag in bags.bags_in(tx, box.id)]
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    return render_template("specimens/shipment.html", shipment=found, boxes=boxes,
                           progress=actions.progress_of(tx, found), items=p650.ITEMS,
                           logs=temperatures.logs_of(tx, found.id), photos=photos.photos_of(tx, shipment_id=found.id),
                           racks=tiles.racks_of(tx, found), cases=case_lists.of_shipment(tx, found.id),
                           names=case_words.name_of, now=clock.now(),
                           events=actions.story(tx, SubjectKind.SHIPMENT, found.id), **filled)  # fmt: skip
