"""How openings, alerts and lists of looks cross the wire."""

import marshmallow as ma

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
    roles = ma.fields.Function(lambda staff: sorted(item.role for item in staff.roles))
