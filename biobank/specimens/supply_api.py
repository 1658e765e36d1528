"""The tubes that a site draws into, over JSON."""

from typing import Any

from biobank.specimens import supplies
from biobank.specimens.interface import blueprint
from biobank.specimens.sites import own_site
from biobank.specimens.supply_models import TubeSupply
from biobank.specimens.supply_schemas import SupplyOutSchema, SupplySchema
from biobank.web.transaction import current_tx


@blueprint.route("/supplies", methods=["GET"])
@blueprint.response(200, SupplyOutSchema(many=True))
def list_supplies() -> list[TubeSupply]:
    """What the reader's site draws into now, by kind of tube."""
    return list(supplies.in_use(current_tx(), own_site(current_tx())).values())


@blueprint.route("/supplies", methods=["POST"])
@blueprint.arguments(SupplySchema)
@blueprint.response(201, SupplyOutSchema)
def use_supply(given: dict[str, Any]) -> TubeSupply:
    """Say which product and lot a kind of tube is drawn into from now on."""
    return supplies.use_supply(current_tx(), own_site(current_tx()), **given)
