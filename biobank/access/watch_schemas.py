"""How openings, alerts and lists of looks cross the wire."""

import marshmallow as ma

from biobank.access.security_models import Security
from biobank.access.watch_models import OpeningReason
from biobank.actor import Role


class OpeningSchema(ma.Schema):
    """Why the record of another site's participant must be seen."""

    reason = ma.fields.Enum(OpeningReason, by_value=True, required=True)
    note = ma.fields.String(load_default="", validate=ma.validate.Length(0, 300))


class OpenedSchema(ma.Schema):
    """Until when the record is open."""

    id = ma.fields.UUID()
    until = ma.fields.AwareDateTime()


class TouchedQuery(ma.Schema):
    """Whose looking, from when to when (the end is not included)."""

    staff_id = ma.fields.UUID(required=True)
    since = ma.fields.AwareDateTime(required=True)
    until = ma.fields.AwareDateTime(required=True)


class TouchedForm(ma.Schema):
    """Whose looking, by sign-in name, in local time of the auditor's site."""

    username = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    since = ma.fields.NaiveDateTime(required=True)
    until = ma.fields.NaiveDateTime(required=True)


class TouchedSchema(ma.Schema):
    """One record that was looked at."""

    subject_kind = ma.fields.String()
    subject_id = ma.fields.UUID()
    looks = ma.fields.Integer(strict=True)
    first = ma.fields.AwareDateTime()
    last = ma.fields.AwareDateTime()


class AlertSchema(ma.Schema):
    """Something unusual about somebody's looking."""

    id = ma.fields.UUID()
    at = ma.fields.AwareDateTime()
    staff_id = ma.fields.UUID()
    staff_name = ma.fields.String()
    kind = ma.fields.String()
    stretch = ma.fields.String()
    count = ma.fields.Integer(strict=True)
    finding = ma.fields.Function(lambda alert: alert.answer.finding if alert.answer else None)


class FindingSchema(ma.Schema):
    """What was found out about an alert."""

    finding = ma.fields.String(required=True, validate=ma.validate.Length(1, 300))


class RolesSchema(ma.Schema):
    """The roles somebody shall have, and no others."""

    roles = ma.fields.List(ma.fields.Enum(Role, by_value=True), required=True, validate=ma.validate.Length(1, 5))


class RolesForm(RolesSchema):
    """The same from the page, with the version of the account that the page showed."""

    version = ma.fields.Integer(load_default=None)


class WaitingSchema(ma.Schema):
    """What a second person must agree to before anything changes."""

    approval_id = ma.fields.UUID()


class ActiveSchema(ma.Schema):
    """Whether somebody may sign in."""

    active = ma.fields.Boolean(required=True, truthy={True, "yes"}, falsy={False, "no"})


class StaffSchema(ma.Schema):
    """A member of staff, as administrators see them."""

    id = ma.fields.UUID()
    username = ma.fields.String()
    display_name = ma.fields.String()
    site_id = ma.fields.UUID()
    active = ma.fields.Boolean()
    version = ma.fields.Integer(strict=True)
    roles = ma.fields.Function(lambda staff: sorted(item.role for item in staff.roles))


class IdentitySchema(ma.Schema):
    """Somebody's account at the sign-in service: `subject` is its `sub`."""

    id = ma.fields.UUID(dump_only=True)
    issuer = ma.fields.String(dump_only=True)
    subject = ma.fields.String(required=True, validate=ma.validate.Length(1, 255))
    bound_at = ma.fields.AwareDateTime(dump_only=True)


class SecurityQuery(ma.Schema):
    """Which events of security: of one kind, or all; after an id."""

    kind = ma.fields.Enum(Security, by_value=True, load_default=None)
    after = ma.fields.UUID(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class SecurityEventSchema(ma.Schema):
    """Something that happened to an account, a network or a file that left."""

    id = ma.fields.UUID()
    at = ma.fields.AwareDateTime()
    kind = ma.fields.String()
    actor_id = ma.fields.UUID(allow_none=True)
    actor_name = ma.fields.String()
    subject_kind = ma.fields.String()
    subject_id = ma.fields.UUID(allow_none=True)
    address = ma.fields.String()
    note = ma.fields.String()


class ExceptionSchema(ma.Schema):
    """A network to be let in for some hours, and why."""

    id = ma.fields.UUID(dump_only=True)
    network = ma.fields.String(required=True, validate=ma.validate.Length(1, 43))
    hours = ma.fields.Integer(required=True, load_only=True, validate=ma.validate.Range(1, 720))
    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 300))
    until = ma.fields.AwareDateTime(dump_only=True)
    asked_by_name = ma.fields.String(dump_only=True)
    given_by_name = ma.fields.String(dump_only=True)


class SiteNetworksSchema(ma.Schema):
    """From which networks a site's staff work, with commas; empty: from any."""

    networks = ma.fields.String(load_default="", validate=ma.validate.Length(0, 500))
