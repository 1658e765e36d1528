"""sign-in services, security events, networks, exports."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.migrations import checks

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_EVENTS = (
    "'sign-in-refused', 'stranger', 'provider-refused', 'roles-changed', 'staff-changed', 'stopped', "
    "'let-in', 'rested', 'factors-reset', 'identity-bound', 'identity-unbound', 'network-refused', "
    "'network-changed', 'network-opened', 'network-closed', 'exported', 'export-refused'"
)
_METHODS = "'password', 'totp', 'passkey', 'recovery', 'oidc', 'oidc-mfa', 'piv'"


def upgrade() -> None:
    op.create_table(
        "network_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network", sa.String(length=43), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("until", columns.Instant(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=120), nullable=False),
        sa.Column("given_by_name", sa.String(length=120), nullable=False),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.CheckConstraint("length(reason) >= 10", name=op.f("ck_network_exception_reason_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_exception")),
    )
    with op.batch_alter_table("network_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_network_exception_until"), ["until"], unique=False)

    op.create_table(
        "security_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("subject_kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            f"kind IN ({_EVENTS})",
            name=op.f("ck_security_event_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.create_index("ix_security_event_kind", ["kind", "id"], unique=False)

    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("staff_name", sa.String(length=120), nullable=False),
        sa.Column("endpoint", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("names_people", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_export_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("code", name=op.f("uq_export_code")),
    )
    op.create_table(
        "export_count",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("names_people", sa.Boolean(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.CheckConstraint("records >= 0", name=op.f("ck_export_count_not_negative")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_export_count_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "day", "names_people", name=op.f("pk_export_count")),
    )
    op.create_table(
        "staff_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("bound_at", columns.Instant(), nullable=False),
        sa.Column("bound_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["bound_by"], ["staff.id"], name=op.f("fk_staff_identity_bound_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_identity_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_staff_identity_issuer_subject")),
        sa.UniqueConstraint("staff_id", "issuer", name=op.f("uq_staff_identity_staff_id_issuer")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("networks", sa.String(length=500), server_default="", nullable=False))

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column("let_in_at", columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    checks.put("staff_session", "ck_staff_session_verified_by_known", f"CHECK (verified_by IN ({_METHODS}))")
    checks.put("sign_in_event", "ck_sign_in_event_method_known", f"CHECK (method IN ({_METHODS}))")

    for statement in columns.guard_statements(op.get_bind().dialect.name, "security_event"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "export"):
        op.execute(statement)
