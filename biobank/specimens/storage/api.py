"""Places, positions and aliquots over JSON."""

from typing import Any
from uuid import UUID

from flask import Response, make_response

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.specimens import actions as specimens
from biobank.specimens.drawing import Spin
from biobank.specimens.entry_seam import as_told
from biobank.specimens.models import PlaceKind, StoragePlace, Tube
from biobank.specimens.schemas import TubeSchema
from biobank.specimens.sites import own_site
from biobank.specimens.storage import actions, schemas, volumes
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import current_tx

blueprint = Blueprint("storage_api", __name__, url_prefix=PREFIX, description="Freezers, boxes, positions, aliquots")


@blueprint.route("/storage", methods=["GET"])
@blueprint.response(200, schemas.FillOutSchema(many=True))
def list_freezers() -> list[actions.Shown]:
    """The freezers of the reader's site and how full they are."""
    return actions.overview(current_tx())


@blueprint.route("/storage/freezers", methods=["POST"])
@blueprint.arguments(schemas.FreezerSchema)
@blueprint.response(201, schemas.PlaceOutSchema)
def add_freezer(given: dict[str, Any]) -> StoragePlace:
    """Set up a freezer with empty shelves and racks."""
    name, cold = given.pop("name"), given.pop("cold")
    return actions.add_freezer(
        current_tx(), site_id=own_site(current_tx()), name=name, cold=cold, layout=actions.Layout(**given)
    )


@blueprint.route("/storage/<uuid:place_id>", methods=["GET"])
@blueprint.response(200, schemas.InsideSchema)
def show_place(place_id: UUID) -> Response:
    """A place with what is inside it."""
    tx = current_tx()
    place = actions.find_place(tx, place_id)
    shown = actions.draw(tx, place)
    told: Any = schemas.FillOutSchema().dump(shown)
    told["inside"] = schemas.FillOutSchema(many=True).dump([inner for inner in shown.slots if inner])
    told["positions"], told["next_free"] = [], None
    if place.kind is PlaceKind.BOX:
        grid = actions.grid(tx, place)
        stand = [position for row in grid.rows for position in row if position.tube]
        told["positions"] = schemas.PositionOutSchema(many=True).dump(stand)
        told["next_free"] = grid.next
    return make_response(told)


@blueprint.route("/storage/<uuid:place_id>/boxes", methods=["POST"])
@blueprint.arguments(schemas.NewBoxSchema)
@blueprint.response(201, schemas.PlaceOutSchema)
def add_box(given: dict[str, Any], place_id: UUID) -> StoragePlace:
    """Set an empty box into a rack."""
    return actions.add_box(current_tx(), place_id, is_quarantine=given.pop("quarantine"), **given)


@blueprint.route("/storage/<uuid:place_id>/move", methods=["POST"])
@blueprint.arguments(schemas.MoveSchema)
@blueprint.response(200, schemas.PlaceOutSchema)
def move_box(given: dict[str, Any], place_id: UUID) -> StoragePlace:
    """Move a box with all that stands in it to another rack."""
    return actions.move_box(current_tx(), place_id, given["rack"], given["slot"])


@blueprint.route("/tubes/<uuid:tube_id>/check-out", methods=["POST"])
@blueprint.arguments(schemas.CheckOutSchema)
@blueprint.response(200, TubeSchema)
def check_out(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Take a tube out of its position."""
    return actions.check_out(current_tx(), tube_id, given.pop("reason"), **given)


@blueprint.route("/tubes/<uuid:tube_id>/use-up", methods=["POST"])
@blueprint.arguments(schemas.WhySchema)
@blueprint.response(200, TubeSchema)
def use_up(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Record that nothing of a tube is left."""
    return actions.use_up(current_tx(), tube_id, given["reason"])


@blueprint.route("/tubes/<uuid:tube_id>/spin", methods=["POST"])
@blueprint.arguments(schemas.BenchSpinSchema)
@blueprint.response(200, TubeSchema)
def spin(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Record a spin at the biobank."""
    return actions.record_spin(current_tx(), tube_id, Spin(**given))


@blueprint.route("/tubes/<uuid:tube_id>/aliquots", methods=["GET"])
@blueprint.response(200, schemas.AliquotSchema(many=True))
def list_aliquots(tube_id: UUID) -> Any:
    """What was made of a tube, or is planned to be."""
    tube = specimens.find_tube(current_tx(), tube_id)
    note_look("tube", tube.id, Purpose.CUSTODY)
    return actions.derivatives(current_tx(), tube.id)


@blueprint.route("/tubes/<uuid:tube_id>/aliquots", methods=["POST"])
@blueprint.arguments(schemas.PlanSchema)
@blueprint.response(201, schemas.AliquotSchema(many=True))
def plan_aliquots(given: dict[str, Any], tube_id: UUID) -> list[Tube]:
    """Plan vessels, with codes of their own and labels where a station is named."""
    station_id = given.pop("station_id")
    return actions.plan_aliquots(current_tx(), tube_id, plan_of(given), station_id)


@blueprint.route("/aliquots/fill", methods=["POST"])
@blueprint.arguments(schemas.FillSchema)
@blueprint.response(200, schemas.AliquotSchema)
def fill(given: dict[str, Any]) -> Tube:
    """Record by its scan that a vessel was filled."""
    with as_told(given):
        return actions.fill(current_tx(), given["code"], kept=given["kept"])


@blueprint.route("/aliquots/<uuid:tube_id>/give-up", methods=["POST"])
@blueprint.arguments(schemas.WhySchema)
@blueprint.response(200, schemas.AliquotSchema)
def give_up(given: dict[str, Any], tube_id: UUID) -> Tube:
    """Give up a planned vessel that was not filled."""
    return actions.give_up(current_tx(), tube_id, given["reason"])


def plan_of(given: dict[str, Any]) -> actions.Plan:
    """The plan that was typed, its volume in microlitres."""
    volume = volumes.microlitres(given["volume"], given["unit"])
    return actions.Plan(material=given["material"], vessel=given["vessel"], count=given["count"], volume_ul=volume)
