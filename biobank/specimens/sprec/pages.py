"""The page that explains each letter of a tube's SPREC."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.specimens import actions as specimens
from biobank.specimens.sprec import actions, tables, words
from biobank.specimens.sprec.rules import Element
from biobank.web.transaction import current_tx

blueprint = Blueprint("sprec", __name__)


@blueprint.get("/tubes/<uuid:tube_id>/sprec")
def show(tube_id: UUID) -> str:
    """Each element: its letter, what it means, why, and from which events."""
    tx = current_tx()
    tube = specimens.find_tube(tx, tube_id)
    note_look("tube", tube.id, Purpose.CUSTODY)
    asked = request.args.get("version", tables.NEWEST)
    table = tables.load(asked if asked in tables.VERSIONS else tables.NEWEST)
    found = actions.sprec_of(tx, tube, table.version)
    facts = {fact.id: fact for fact in actions.facts_of(tx, tube)}
    rows = [
        (
            gettext(title),
            element,
            _meaning(number, element, table),
            _why(element),
            [facts[event] for event in element.events],
        )
        for number, (title, element) in enumerate(zip(words.POSITIONS, found.elements, strict=True))
    ]
    return render_template("sprec/show.html", tube=tube, found=found, rows=rows, versions=tables.VERSIONS,
                           table=table, kept=actions.codes_of(tx, tube.id))  # fmt: skip


@blueprint.post("/tubes/<uuid:tube_id>/sprec")
def recompute(tube_id: UUID) -> Response:
    """Keep the code as it stands now."""
    tx = current_tx()
    actions.note(tx, specimens.find_tube(tx, tube_id))
    return redirect(url_for("sprec.show", tube_id=tube_id), 303)


def _why(element: Element) -> str:
    return str(gettext(element.why, **element.parts))


def _meaning(number: int, element: Element, table: tables.Tables) -> str:
    named = (table.materials, table.containers)[number] if number < 2 else {}
    if element.letter in named:
        return named[element.letter].to(str(get_locale()))
    said: dict[str, str] = {"X": gettext("Not known"), "Z": gettext("Other than the standard's"),
            "N": gettext("None") if number in (3, 4, 5) else ""}  # fmt: skip
    return said.get(element.letter, "")
