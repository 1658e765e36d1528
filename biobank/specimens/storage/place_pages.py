"""Freezers, racks and boxes as pictures, and the scan that puts a tube away."""

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.access.models import Site
from biobank.errors import Refused
from biobank.specimens import actions as specimens
from biobank.specimens.entry_seam import as_entered
from biobank.specimens.models import PlaceKind, StoragePlace
from biobank.specimens.sites import own_site
from biobank.specimens.storage import actions, positions
from biobank.specimens.storage.cold import RANGES
from biobank.specimens.storage.schemas import DeclaredSchema, FreezerSchema, MoveSchema, NewBoxSchema
from biobank.web import problems
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx
from labels import BadCode, Kind, parse, render

Answer = str | Response | tuple[str, int]

# So many of the smallest letters fit beside the code on a place's label.
LABEL_LETTERS = 20


def home() -> str:
    """Every freezer, how cold it must be and how full it is."""
    return _home()


def find() -> Answer:
    """Go to the place that was scanned, or light up the position of the tube that was."""
    tx, text = current_tx(), request.form.get("code", "")
    try:
        if _kind_of(text) is Kind.TUBE:
            tube = specimens.tube_by_code(tx, text)
            if tube.store_id is None or tube.slot is None:
                return redirect(url_for("specimens.tube", tube_id=tube.id), 303)
            box = actions.find_place(tx, tube.store_id)
            lit = positions.name_of(tube.slot, box.columns)
            return redirect(url_for("storage.place", place_id=box.id, lit=lit), 303)
        return redirect(url_for("storage.place", place_id=actions.place_by_code(tx, text).id), 303)
    except Refused as refusal:
        return _home(refusal=problems.say(refusal)), refusal.status


def add_freezer() -> Answer:
    """Set up a freezer."""
    values, errors = read_form(FreezerSchema())
    if errors:
        return _home(errors=errors, values=request.form), 422
    name, cold = values.pop("name"), values.pop("cold")
    try:
        made = actions.add_freezer(current_tx(), site_id=own_site(current_tx()), name=name, cold=cold,
                                   layout=actions.Layout(**values))  # fmt: skip
    except Refused as refusal:
        current_tx().session.rollback()
        return _home(refusal=problems.say(refusal), values=request.form), refusal.status
    return redirect(url_for("storage.place", place_id=made.id), 303)


def out() -> str:
    """What was taken out and is not back."""
    return render_template("storage/out.html", tubes=actions.out_of_place(current_tx()))


def place(place_id: UUID) -> str:
    """A place with what is inside it."""
    return _place(actions.find_place(current_tx(), place_id))


def label(place_id: UUID) -> Response:
    """The place's label, to be printed and put on its door, front or lid."""
    tx = current_tx()
    found = actions.find_place(tx, place_id)
    site = tx.session.get_one(Site, found.site_id)
    words = fitting([step.name for step in actions.way_to(tx, found)])
    answer = make_response(
        render("place", {"place_id": found.code, "place_word": words, "site_code": site.code}, "pdf")
    )
    answer.headers["Content-Type"] = "application/pdf"
    return answer


def fitting(names: list[str]) -> str:
    """The way to a place as far as its label has room: the nearest names say most to whoever stands before it."""
    while len(names) > 1 and len("/".join(names)) > LABEL_LETTERS:
        names = names[1:]
    return "/".join(names)[:LABEL_LETTERS]


def add_box(place_id: UUID) -> Answer:
    """Set an empty box into a rack."""
    tx = current_tx()
    values, errors = read_form(NewBoxSchema())
    if errors:
        return _place(actions.find_place(tx, place_id), errors=errors, values=request.form), 422
    try:
        box = actions.add_box(tx, place_id, is_quarantine=values.pop("quarantine"), **values)
    except Refused as refusal:
        return _refused(place_id, refusal)
    return redirect(url_for("storage.place", place_id=box.id), 303)


def move_box(place_id: UUID) -> Answer:
    """Move a box with all that stands in it."""
    tx = current_tx()
    values, errors = read_form(MoveSchema())
    if errors:
        return _place(actions.find_place(tx, place_id), errors=errors, values=request.form), 422
    try:
        box = actions.move_box(tx, place_id, values["rack"], values["slot"])
    except Refused as refusal:
        return _refused(place_id, refusal)
    flash(gettext("Box %(box)s was moved with all that stands in it.", box=box.name), "success")
    return redirect(url_for("storage.place", place_id=box.id), 303)


def scan_into(place_id: UUID) -> Answer:
    """A scan at an open box: a tube goes in, a position is where the next one goes, another place is opened."""
    tx, text = current_tx(), request.form.get("code", "")
    declared, _errors = read_form(DeclaredSchema())
    kept: dict[str, Any] = {name: request.form.get(name) or None for name in ("kept", "no_more_spins")}
    try:
        box = actions.find_place(tx, place_id)
        if positions.is_position(text):
            slot = positions.slot_of(text, rows=box.rows, columns=box.columns)
            named = positions.name_of(slot, box.columns)
            return redirect(url_for("storage.place", place_id=box.id, at=named, **kept), 303)
        if _kind_of(text) is Kind.PLACE:
            other = actions.place_by_code(tx, text)
            return redirect(url_for("storage.place", place_id=other.id, **kept), 303)
        at = request.form.get("at") or actions.grid(tx, box).next
        with as_entered():
            tube = actions.put_away(tx, specimens.tube_by_code(tx, text).id, box.code, at, actions.Declared(**declared))
    except Refused as refusal:
        return _refused(place_id, refusal)
    lit = positions.name_of(tube.slot or 1, box.columns)
    flash(gettext("%(tube)s stands in %(position)s.", tube=tube.code, position=lit))
    return redirect(url_for("storage.place", place_id=box.id, lit=lit, after=lit, **kept), 303)


def _kind_of(text: str) -> Kind | None:
    try:
        return parse(text).kind
    except BadCode:
        return None


def _refused(place_id: UUID, refusal: Refused) -> tuple[str, int]:
    tx = current_tx()
    # The page shows what stands, not what was refused half way.
    tx.session.rollback()
    found = actions.find_place(tx, place_id)
    return _place(found, stop=problems.say(refusal), values=request.form), refusal.status


def _home(**context: Any) -> str:
    filled: dict[str, Any] = {"errors": {}, "values": {}} | context
    return render_template("storage/home.html", freezers=actions.overview(current_tx()), ranges=RANGES, **filled)


def _place(found: StoragePlace, **context: Any) -> str:
    tx = current_tx()
    filled: dict[str, Any] = {"errors": {}, "values": {}, "stop": None} | context
    way = actions.way_to(tx, found)
    if found.kind is not PlaceKind.BOX:
        return render_template("storage/place.html", place=found, way=way, shown=actions.draw(tx, found),
                               range=RANGES[found.cold], **filled)  # fmt: skip
    asked = request.values
    box = actions.grid(tx, found, after=_position(found, asked.get("after")))
    at = _position(found, asked.get("at")) or box.next
    return render_template("storage/box.html", place=found, way=way, grid=box, range=RANGES[found.cold], at=at,
                           lit=asked.get("lit"), kept=asked.get("kept", ""),
                           no_more_spins=asked.get("no_more_spins"), **filled)  # fmt: skip


def _position(box: StoragePlace, text: str | None) -> str | None:
    """A position of this box out of an address; anything else is passed over."""
    if not text or not positions.is_position(text):
        return None
    slot = positions.slot_of(text, rows=box.rows, columns=box.columns)
    return positions.name_of(slot, box.columns)
