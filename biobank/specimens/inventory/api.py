"""Ordered against received over JSON and CSV."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response, make_response

from biobank.db import Databases
from biobank.specimens.inventory import actions
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import actor, current_tx, databases

blueprint = Blueprint("inventory_api", __name__, url_prefix=PREFIX, description="Ordered against received")


class WindowQuery(ma.Schema):
    """How many days back."""

    days = ma.fields.Integer(load_default=10, validate=ma.validate.Range(1, 400))
    report = ma.fields.Enum(actions.Report, by_value=True, load_default=None)


class CountsSchema(ma.Schema):
    """How many lines each report has."""

    days = ma.fields.Integer(strict=True)
    reports = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(strict=True))


@blueprint.route("/reconciliation", methods=["GET"])
@blueprint.arguments(WindowQuery, location="query")
@blueprint.response(200, CountsSchema)
def show(given: dict[str, Any]) -> Response:
    """How many lines each report has, as things stand now."""
    counts = actions.counts(current_tx(), timedelta(days=given["days"]))
    return make_response({"days": given["days"], "reports": {str(name): count for name, count in counts.items()}})


@blueprint.route("/reconciliation.csv", methods=["GET"])
@blueprint.arguments(WindowQuery, location="query")
@blueprint.response(200, content_type="text/csv")
def csv(given: dict[str, Any]) -> Response:
    """The reports, or one of them, as CSV."""
    return csv_answer(given["days"], given["report"])


def csv_answer(days: int, report: actions.Report | None) -> Response:
    """The lines as they are read; their transaction lasts as long as the answer is being sent."""
    who, opened = actor(), databases()

    def lines(kept: Databases) -> Iterator[str]:
        with kept.transaction(who, read_only=True) as tx:
            yield from actions.as_csv(tx, timedelta(days=days), report)

    answer = Response(lines(opened), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{report or "reconciliation"}.csv"'
    return answer
