"""Amendments that are dropped: one more thing that happens to a record, and its reason."""

from biobank.migrations import checks

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KINDS = "'finalised', 'amending', 'amended', 'dropped', 'cancelled', 'restored'"
_REASONS = "'wrong-value', 'missing-value', 'wrong-participant', 'amend', 'not-needed', 'other'"


def upgrade() -> None:
    checks.put("measurement_event", "ck_measurement_event_kind_known", f"CHECK (kind IN ({_KINDS}))")
    checks.put("measurement_event", "ck_measurement_event_reason_known", f"CHECK (reason IN ({_REASONS}))")
