"""Files that left, over JSON, for the auditor."""

from typing import Any

import marshmallow as ma
from flask import Response

from biobank.access import exports
from biobank.access.interface import blueprint
from biobank.access.security_models import Export
from biobank.web.api import PageQuery, keyset_page, with_next
from biobank.web.transaction import current_tx


class ExportQuery(PageQuery):
    """One file by the number written in it or by its SHA-256, or all."""

    file = ma.fields.String(load_default="", validate=ma.validate.Length(0, 64))


class ExportSchema(ma.Schema):
    """A file that left."""

    id = ma.fields.UUID()
    number = ma.fields.String(attribute="code")
    at = ma.fields.AwareDateTime()
    staff_id = ma.fields.UUID()
    staff_name = ma.fields.String()
    what = ma.fields.String()
    records = ma.fields.Integer(strict=True)
    names_people = ma.fields.Boolean()
    sha256 = ma.fields.String()


@blueprint.route("/exports", methods=["GET"])
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, ExportSchema(many=True))
def list_exports(given: dict[str, Any]) -> Response:
    """Files that left, the newest first."""
    query = exports.search(given.pop("file"))
    rows, more = keyset_page(current_tx().session, query, key=Export.id, **given)
    return with_next(rows, more, ExportSchema().dump)
