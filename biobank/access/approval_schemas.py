"""How approvals cross the wire."""

import marshmallow as ma


class DecideSchema(ma.Schema):
    """An answer to what was asked. `digest` says what one has seen; `reason` is needed to refuse."""

    answer = ma.fields.String(required=True, validate=ma.validate.OneOf(["approve", "refuse", "withdraw"]))
    digest = ma.fields.String(required=True, validate=ma.validate.Length(64, 64))
    reason = ma.fields.String(load_default="", validate=ma.validate.Length(0, 300))


class ApprovalDecisionSchema(ma.Schema):
    """How it was decided, by whom and when."""

    decision = ma.fields.String()
    reason = ma.fields.String()
    decided_by = ma.fields.UUID()
    decided_by_name = ma.fields.String()
    decided_at = ma.fields.AwareDateTime()


class ApprovalSchema(ma.Schema):
    """Something that needs a second person."""

    id = ma.fields.UUID()
    kind = ma.fields.String()
    subject = ma.fields.String()
    summary = ma.fields.String()
    words = ma.fields.Dict()
    payload = ma.fields.Dict()
    digest = ma.fields.String()
    asked_by = ma.fields.UUID()
    asked_by_name = ma.fields.String()
    asked_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime()
    decision = ma.fields.Nested(ApprovalDecisionSchema, allow_none=True)
