"""an error names its event."""

from biobank.migrations import checks

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names_it = "CHECK ((type = 'error_declared') = (corrects IS NOT NULL))"
    checks.put("custody_event", "ck_custody_event_an_error_names_its_event", names_it)
