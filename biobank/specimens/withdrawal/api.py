"""Withdrawal at the biobank over JSON."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from biobank.access.guard import note_look
from biobank.access.models import Purpose
from biobank.specimens.entry_seam import as_told
from biobank.specimens.models import DestructionCertificate, Tube
from biobank.specimens.schemas import ScanSchema, TubeSchema
from biobank.specimens.withdrawal import actions
from biobank.web.api import PREFIX, Blueprint
from biobank.web.transaction import current_tx

blueprint = Blueprint("withdrawal_api", __name__, url_prefix=PREFIX, description="Withdrawn participants' tubes")


class WorkSchema(ma.Schema):
    """A withdrawn donor's tubes that are still there."""

    donor_id = ma.fields.UUID(attribute="donor.id")
    donor = ma.fields.String(attribute="donor.code")
    to_fetch = ma.fields.List(ma.fields.Nested(TubeSchema))
    apart = ma.fields.List(ma.fields.Nested(TubeSchema))
    elsewhere = ma.fields.List(ma.fields.Nested(TubeSchema))


class DestroySchema(ma.Schema):
    """How the tubes are destroyed."""

    method = ma.fields.Enum(actions.Method, by_value=True, required=True)


class AskedSchema(ma.Schema):
    """What a second person is to approve."""

    id = ma.fields.UUID()
    digest = ma.fields.String()


class CertificateSchema(ma.Schema):
    """A certificate of destruction."""

    id = ma.fields.UUID()
    donor_id = ma.fields.UUID()
    asked_by = ma.fields.String()
    asked_at = ma.fields.AwareDateTime(format="iso")
    approved_by = ma.fields.String()
    approved_at = ma.fields.AwareDateTime(format="iso")
    method = ma.fields.String()
    lines = ma.fields.List(ma.fields.Dict())
    sha256 = ma.fields.String()


@blueprint.route("/withdrawals", methods=["GET"])
@blueprint.response(200, WorkSchema(many=True))
def list_work() -> list[actions.Work]:
    """Every withdrawn donor with tubes left."""
    return actions.work_list(current_tx())


@blueprint.route("/withdrawals/<uuid:donor_id>", methods=["GET"])
@blueprint.response(200, WorkSchema)
def show(donor_id: UUID) -> actions.Work:
    """One withdrawn donor's tubes."""
    work = actions.work_of(current_tx(), donor_id)
    note_look("donor", donor_id, Purpose.CUSTODY)
    return work


@blueprint.route("/withdrawals/<uuid:donor_id>/set-apart", methods=["POST"])
@blueprint.arguments(ScanSchema)
@blueprint.response(200, TubeSchema)
def set_apart(given: dict[str, Any], donor_id: UUID) -> Tube:
    """Record by its scan that a tube was set apart to be destroyed."""
    with as_told(given):
        return actions.set_apart(current_tx(), donor_id, given["code"])


@blueprint.route("/withdrawals/<uuid:donor_id>/destruction", methods=["POST"])
@blueprint.arguments(DestroySchema)
@blueprint.response(202, AskedSchema)
def ask(given: dict[str, Any], donor_id: UUID) -> Any:
    """Ask a second person to approve the destruction."""
    return actions.ask(current_tx(), donor_id, given["method"])


@blueprint.route("/certificates/<uuid:certificate_id>", methods=["GET"])
@blueprint.response(200, CertificateSchema)
def certificate(certificate_id: UUID) -> DestructionCertificate:
    """A certificate of destruction."""
    return actions.find_certificate(current_tx(), certificate_id)
