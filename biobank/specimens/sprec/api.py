"""A tube's SPREC over JSON."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, make_response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.specimens import actions as specimens
from biobank.specimens.sprec import actions, tables
from biobank.specimens.sprec.rules import Element
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import current_tx

blueprint = Blueprint("sprec_api", __name__, url_prefix=PREFIX, description="Sample codes derived from events (SPREC)")


def why_of(element: Element) -> str:
    """Why, in English."""
    return str(element.why % element.parts) if element.parts else str(element.why)


class VersionQuery(ma.Schema):
    """Which version of the standard."""

    version = ma.fields.String(load_default=tables.NEWEST, validate=ma.validate.OneOf(tables.VERSIONS))


class ElementSchema(ma.Schema):
    """One element: its letter, why, and the events that it was read from."""

    letter = ma.fields.String()
    why = ma.fields.Function(why_of)
    events = ma.fields.List(ma.fields.String())


class SprecSchema(ma.Schema):
    """The code by one version of the rules."""

    version = ma.fields.String()
    rules = ma.fields.String()
    code = ma.fields.String()
    events = ma.fields.List(ma.fields.String())
    elements = ma.fields.List(ma.fields.Nested(ElementSchema))


@blueprint.route("/tubes/<uuid:tube_id>/sprec", methods=["GET"])
@blueprint.arguments(VersionQuery, location="query")
@blueprint.response(200, SprecSchema)
def show(given: dict[str, Any], tube_id: UUID) -> Response:
    """The code as the tube's events stand now."""
    tx = current_tx()
    tube = specimens.find_tube(tx, tube_id)
    note_look("tube", tube.id, Purpose.CUSTODY)
    return make_response(SprecSchema().dump(actions.sprec_of(tx, tube, given["version"])))
