"""Staff over JSON, for administrators."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, jsonify, make_response

from biobank.access import first_passwords, guard, networks, resting, staff
from biobank.access.first_passwords import First
from biobank.access.interface import blueprint
from biobank.access.models import Staff
from biobank.access.oidc import identities
from biobank.access.policy import policy_of
from biobank.access.schemas import FirstPasswordSchema, NewStaffSchema
from biobank.access.security_models import NetworkException, StaffIdentity
from biobank.access.watch_schemas import (
    ActiveSchema,
    ExceptionSchema,
    IdentitySchema,
    RolesSchema,
    SiteNetworksSchema,
    StaffSchema,
    WaitingSchema,
)
from biobank.web.transaction import current_tx


@blueprint.route("/staff", methods=["GET"])
@blueprint.response(200, StaffSchema(many=True))
def list_staff() -> Sequence[Staff]:
    """Everybody who works here."""
    return current_tx().session.scalars(sa.select(Staff).order_by(Staff.username)).all()


@blueprint.route("/staff", methods=["POST"])
@blueprint.arguments(NewStaffSchema)
@blueprint.response(201, FirstPasswordSchema)
def add_staff(given: dict[str, Any]) -> First:
    """Add a member of staff. The answer holds the first password, which is shown nowhere else and never again."""
    return first_passwords.add_staff(current_tx(), **given)


def _tag(member: Staff) -> dict[str, int]:
    return {"version": member.version}


@blueprint.route("/staff/<uuid:staff_id>", methods=["GET"])
@blueprint.etag
@blueprint.response(200, StaffSchema)
def show_member(staff_id: UUID) -> Staff:
    """One member of staff."""
    member = staff.find_staff(current_tx(), staff_id)
    blueprint.set_etag(_tag(member))
    return member


@blueprint.route("/staff/<uuid:staff_id>/roles", methods=["PUT"])
@blueprint.etag
@blueprint.arguments(RolesSchema)
@blueprint.response(200, StaffSchema)
@blueprint.alt_response(202, schema=WaitingSchema)
def set_roles(given: dict[str, Any], staff_id: UUID) -> Any:
    """Give somebody exactly these roles; `If-Match` is that of the account as it was read.

    202 with the approval's id where a second administrator must agree.
    """
    member = staff.find_staff(current_tx(), staff_id)
    blueprint.check_etag(_tag(member))
    waits = staff.change_roles(current_tx(), policy_of(guard.settings()), staff_id, given["roles"])
    blueprint.set_etag(_tag(member))
    return make_response(jsonify(approval_id=str(waits.id)), 202) if waits else member


@blueprint.route("/staff/<uuid:staff_id>/active", methods=["POST"])
@blueprint.arguments(ActiveSchema)
@blueprint.response(200, StaffSchema)
def set_active(given: dict[str, Any], staff_id: UUID) -> Staff:
    """Let somebody sign in, or not any more; then every session ends at once, whatever changed meanwhile."""
    return staff.set_active(current_tx(), staff_id, active=given["active"])


@blueprint.route("/staff/<uuid:staff_id>/reset-factors", methods=["POST"])
@blueprint.response(204)
def reset_factors(staff_id: UUID) -> Response:
    """Take somebody's lost second factors away."""
    staff.reset_factors(current_tx(), staff_id)
    return make_response("", 204)


@blueprint.route("/staff/<uuid:staff_id>/first-password", methods=["POST"])
@blueprint.response(201, FirstPasswordSchema)
def give_first_password(staff_id: UUID) -> First:
    """Give somebody who forgot their password a first one again; their sessions end."""
    return first_passwords.give(current_tx(), staff_id)


@blueprint.route("/staff/<uuid:staff_id>/identities", methods=["GET"])
@blueprint.response(200, IdentitySchema(many=True))
def list_identities(staff_id: UUID) -> Sequence[StaffIdentity]:
    """The accounts of the sign-in service that are this person's."""
    return identities.identities_of(current_tx(), staff_id)


@blueprint.route("/staff/<uuid:staff_id>/identities", methods=["POST"])
@blueprint.arguments(IdentitySchema)
@blueprint.response(201, IdentitySchema)
def bind_identity(given: dict[str, Any], staff_id: UUID) -> StaffIdentity:
    """Let this subject of the sign-in service sign in as this member of staff."""
    return identities.bind(current_tx(), staff_id, issuer=guard.settings().oidc_issuer, subject=given["subject"])


@blueprint.route("/staff/<uuid:staff_id>/identities/<uuid:identity_id>", methods=["DELETE"])
@blueprint.response(204)
def unbind_identity(staff_id: UUID, identity_id: UUID) -> Response:
    """Take a sign-in away; the person's sessions end."""
    identities.unbind(current_tx(), staff_id, identity_id)
    return make_response("", 204)


@blueprint.route("/networks/exceptions", methods=["GET"])
@blueprint.response(200, ExceptionSchema(many=True))
def list_networks() -> Sequence[NetworkException]:
    """The exceptions from the lists of networks that hold now."""
    return networks.open_exceptions(current_tx())


@blueprint.route("/networks/exceptions", methods=["POST"])
@blueprint.arguments(ExceptionSchema)
@blueprint.response(204)
@blueprint.alt_response(202, schema=WaitingSchema)
def add_network_exception(given: dict[str, Any]) -> Any:
    """Let a network in for some hours; 202 with the approval's id where a second administrator must agree."""
    waits = networks.ask_exception(current_tx(), policy_of(guard.settings()), **given)
    return make_response(jsonify(approval_id=str(waits.id)), 202) if waits else make_response("", 204)


@blueprint.route("/networks/exceptions/<uuid:exception_id>", methods=["DELETE"])
@blueprint.response(204)
def close_network_exception(exception_id: UUID) -> Response:
    """End an exception now."""
    networks.close_exception(current_tx(), exception_id)
    return make_response("", 204)


@blueprint.route("/networks/sites/<uuid:site_id>", methods=["POST"])
@blueprint.arguments(SiteNetworksSchema)
@blueprint.response(200, SiteNetworksSchema)
def set_site_networks(given: dict[str, Any], site_id: UUID) -> Any:
    """Say from which networks a site's staff work."""
    return networks.set_site_networks(current_tx(), site_id, given["networks"])


@blueprint.route("/staff/<uuid:staff_id>/temporary", methods=["POST"])
@blueprint.response(200, StaffSchema)
def make_temporary(staff_id: UUID) -> Staff:
    """Let an account end by itself after the hours that the settings say."""
    return resting.make_temporary(current_tx(), staff_id, guard.settings().temporary_hours)
