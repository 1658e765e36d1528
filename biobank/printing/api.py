"""Designs and rules over JSON."""

import base64
from typing import Any

from biobank.errors import Invalid
from biobank.printing import actions, samples, schemas, stock_api
from biobank.printing.label_troubles import quoted
from biobank.printing.signpost import blueprint
from biobank.web.transaction import current_tx
from labels import BadCode, LayoutError
from labels.layout import resolve
from labels.rendering import profile

__all__ = ["blueprint", "stock_api"]


@blueprint.route("/label-designs", methods=["GET"])
@blueprint.response(200, schemas.DesignSchema(many=True))
def list_designs() -> list[actions.Design]:
    """The newest version of every design."""
    return actions.designs(current_tx())


@blueprint.route("/label-designs/<name>", methods=["GET"])
@blueprint.response(200, schemas.DesignSchema(many=True))
def show_design(name: str) -> list[actions.Design]:
    """Every version of a design, newest first."""
    return actions.versions(current_tx(), name)


@blueprint.route("/label-designs/<name>/preview", methods=["POST"])
@blueprint.arguments(schemas.LayoutSchema)
@blueprint.response(200, schemas.PreviewSchema)
def preview(given: dict[str, Any], name: str) -> dict[str, Any]:
    """A layout with made-up data, dot for dot as a printer of that resolution prints it: a PNG in base64."""
    drawn = picture(name, given["layout"], given["dpi"])
    widths = [{"symbology": kind, "module_mm": str(mm)} for kind, mm in modules(given["layout"], given["dpi"])]
    return {"png": base64.b64encode(drawn).decode(), "symbols": widths}


@blueprint.route("/label-designs/<name>/versions", methods=["POST"])
@blueprint.arguments(schemas.PublishSchema)
@blueprint.response(201, schemas.DesignSchema)
def publish(given: dict[str, Any], name: str) -> actions.Design:
    """Publish a layout as the next version; refused with the way out when it cannot be drawn."""
    return actions.publish(current_tx(), name, **given)


@blueprint.route("/label-rules", methods=["GET"])
@blueprint.etag
@blueprint.response(200, schemas.RoutingSchema)
def show_rules() -> actions.Routing:
    """The rules in force."""
    routing = actions.routing(current_tx())
    blueprint.set_etag({"version": routing.version})
    return routing


@blueprint.route("/label-rules", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(schemas.RoutingSchema)
@blueprint.response(200, schemas.RoutingSchema)
def publish_rules(given: dict[str, Any]) -> actions.Routing:
    """Put a whole list in force. `If-Match` is that of the list it was made from."""
    tx = current_tx()
    now = actions.routing(tx)
    blueprint.check_etag({"version": now.version})
    made = actions.publish_rules(tx, [actions.Rule(**rule) for rule in given["rules"]], based_on=now.version)
    blueprint.set_etag({"version": made.version})
    return made


@blueprint.route("/label-rules/which", methods=["GET"])
@blueprint.arguments(schemas.WantedSchema, location="query")
@blueprint.response(200, schemas.ChoiceSchema)
def which_rule(given: dict[str, Any]) -> actions.Choice:
    """Which rule would apply to a label, and why."""
    return actions.which(current_tx(), actions.Wanted(**given))


def picture(name: str, layout: str, dpi: int) -> bytes:
    """The PNG of a layout that is not published yet. Raises Invalid with the way out."""
    draft = actions.Design(name, 1, layout)
    try:
        return draft.draw(samples.of(draft.template), "png", dpi)
    except (LayoutError, BadCode) as problem:
        raise Invalid("The label cannot be drawn: %(why)s", code="design", why=quoted(problem)) from problem


def modules(layout: str, dpi: int) -> list[tuple[str, float]]:
    """The symbols of a layout that can be drawn, each with the width of its modules in mm as it is printed."""
    template = actions.Design("", 1, layout).template
    label = resolve(template, samples.of(template), profile(dpi))
    return [(symbol.symbology, round(label.device.mm(symbol.module), 3)) for symbol in label.symbols]
