"""Payments, ledger, statements."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_account")),
    )
    op.create_table(
        "pay_scheme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_pay_scheme_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_scheme")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_pay_scheme_code_version")),
        sa.UniqueConstraint("id", "amount_cents", name=op.f("uq_pay_scheme_id_amount_cents")),
        sa.UniqueConstraint("id", "code", name=op.f("uq_pay_scheme_id_code")),
    )
    op.create_table(
        "payee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee")),
        sa.UniqueConstraint("code", name=op.f("uq_payee_code")),
    )
    op.create_table(
        "provider_stop",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("needed_cents", sa.Integer(), nullable=False),
        sa.Column("since", columns.Instant(), nullable=False),
        sa.Column("next_at", columns.Instant(), nullable=False),
        sa.Column("detail", sa.String(length=600), nullable=False),
        sa.CheckConstraint("reason IN ('no-funds', 'refused')", name=op.f("ck_provider_stop_reason_known")),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_stop")),
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("earned_at", columns.Instant(), nullable=False),
        sa.Column("decided_at", columns.Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint("decision IN ('eligible', 'declined')", name=op.f("ck_entitlement_decision_known")),
        sa.ForeignKeyConstraint(["payee_id"], ["payee.id"], name=op.f("fk_entitlement_payee_id")),
        sa.ForeignKeyConstraint(
            ["scheme_id", "scheme_code"],
            ["pay_scheme.id", "pay_scheme.code"],
            name=op.f("fk_entitlement_scheme_id_scheme_code"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_entitlement_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint("id", "scheme_id", name=op.f("uq_entitlement_id_scheme_id")),
    )
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.create_index(
            "uq_entitlement_once",
            ["payee_id", "scheme_code"],
            unique=True,
            sqlite_where=sa.text("decision IN ('eligible', 'declined')"),
            postgresql_where=sa.text("decision IN ('eligible', 'declined')"),
        )

    op.create_table(
        "statement_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=4), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("imported_at", columns.Instant(), nullable=False),
        sa.Column("imported_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.code"], name=op.f("fk_statement_file_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_statement_file_sha256")),
    )
    op.create_table(
        "disbursement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("hold_reason", sa.String(length=40), nullable=True),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(length=40), nullable=True),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("reward_ref", sa.String(length=200), nullable=True),
        sa.Column("sealed_link", sa.LargeBinary(), nullable=True),
        sa.Column("lease_token", sa.String(length=43), nullable=True),
        sa.Column("lease_until", columns.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", columns.Instant(), nullable=True),
        sa.Column("created_at", columns.Instant(), nullable=False),
        sa.Column("sent_at", columns.Instant(), nullable=True),
        sa.Column("settled_at", columns.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'held') = (hold_reason IS NOT NULL)", name=op.f("ck_disbursement_held_for_a_reason")
        ),
        sa.CheckConstraint(
            "hold_reason IN ('by-finance', 'pay-again')", name=op.f("ck_disbursement_hold_reason_known")
        ),
        sa.CheckConstraint(
            "state <> 'sending' OR lease_token IS NOT NULL", name=op.f("ck_disbursement_sending_is_leased")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'settled', 'failed', 'held', 'voided')",
            name=op.f("ck_disbursement_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'settled') OR provider_ref IS NOT NULL", name=op.f("ck_disbursement_sent_has_proof")
        ),
        sa.CheckConstraint("(seq = 1) = (replaces_id IS NULL)", name=op.f("ck_disbursement_first_replaces_none")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> requested_by_id", name=op.f("ck_disbursement_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id", "scheme_id"],
            ["entitlement.id", "entitlement.scheme_id"],
            name=op.f("fk_disbursement_entitlement_id_scheme_id"),
        ),
        sa.ForeignKeyConstraint(["replaces_id"], ["disbursement.id"], name=op.f("fk_disbursement_replaces_id")),
        sa.ForeignKeyConstraint(
            ["scheme_id", "amount_cents"],
            ["pay_scheme.id", "pay_scheme.amount_cents"],
            name=op.f("fk_disbursement_scheme_id_amount_cents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement")),
        sa.UniqueConstraint("entitlement_id", "seq", name=op.f("uq_disbursement_entitlement_id_seq")),
        sa.UniqueConstraint("external_id", name=op.f("uq_disbursement_external_id")),
        sa.UniqueConstraint("provider", "provider_ref", name=op.f("uq_disbursement_provider_provider_ref")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_disbursement_replaces_id")),
    )
    with op.batch_alter_table("disbursement", schema=None) as batch_op:
        batch_op.create_index("ix_disbursement_due", ["state", "next_at"], unique=False)
        batch_op.create_index(
            "uq_disbursement_live",
            ["entitlement_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('failed', 'voided', 'returned', 'expired')"),
            postgresql_where=sa.text("state NOT IN ('failed', 'voided', 'returned', 'expired')"),
        )

    op.create_table(
        "statement_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(length=4), nullable=False),
        sa.Column("line_key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.code"], name=op.f("fk_statement_line_account")),
        sa.ForeignKeyConstraint(["file_id"], ["statement_file.id"], name=op.f("fk_statement_line_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("account", "line_key", name=op.f("uq_statement_line_account_line_key")),
    )
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_line_file_id"), ["file_id"], unique=False)

    op.create_table(
        "disbursement_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("came_from", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["disbursement_id"], ["disbursement.id"], name=op.f("fk_disbursement_event_disbursement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement_event")),
    )
    with op.batch_alter_table("disbursement_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disbursement_event_disbursement_id"), ["disbursement_id"], unique=False)

    op.create_table(
        "provider_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=200), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=600), nullable=False),
        sa.Column("raw_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'rejected', 'no_funds', 'throttled', 'unknown', 'absent')",
            name=op.f("ck_provider_call_outcome_known"),
        ),
        sa.CheckConstraint("purpose IN ('submit', 'lookup')", name=op.f("ck_provider_call_purpose_known")),
        sa.ForeignKeyConstraint(
            ["disbursement_id"], ["disbursement.id"], name=op.f("fk_provider_call_disbursement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_call")),
        sa.UniqueConstraint(
            "disbursement_id", "attempt", "purpose", name=op.f("uq_provider_call_disbursement_id_attempt_purpose")
        ),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("debit", sa.String(length=4), nullable=False),
        sa.Column("credit", sa.String(length=4), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("posted_at", columns.Instant(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('accrual', 'payment', 'fee', 'declined')", name=op.f("ck_transfer_kind_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_transfer_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(["credit"], ["account.code"], name=op.f("fk_transfer_credit")),
        sa.ForeignKeyConstraint(["debit"], ["account.code"], name=op.f("fk_transfer_debit")),
        sa.ForeignKeyConstraint(["disbursement_id"], ["disbursement.id"], name=op.f("fk_transfer_disbursement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("uid", name=op.f("uq_transfer_uid")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index("ix_transfer_credit_kind", ["credit", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_disbursement_id"), ["disbursement_id"], unique=False)

    op.create_table(
        "recon_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", columns.Instant(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("resolved_at", columns.Instant(), nullable=True),
        sa.Column("resolved_by", sa.String(length=120), nullable=True),
        sa.Column("resolution", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "kind IN ('UNKNOWN_OUTCOME', 'FAILED', 'REF_COLLISION', 'AMOUNT_DIFF', 'AMBIGUOUS', 'CHARGED_TWICE', 'PAID_AFTER_ALL', 'PROVIDER_NOT_OURS', 'STATEMENT_GAP')",
            name=op.f("ck_recon_exception_kind_known"),
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)",
            name=op.f("ck_recon_exception_resolved_with_a_note"),
        ),
        sa.ForeignKeyConstraint(
            ["disbursement_id"], ["disbursement.id"], name=op.f("fk_recon_exception_disbursement_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["statement_file.id"], name=op.f("fk_recon_exception_file_id")),
        sa.ForeignKeyConstraint(["line_id"], ["statement_line.id"], name=op.f("fk_recon_exception_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_recon_exception_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recon_exception")),
        sa.UniqueConstraint("kind", "disbursement_id", name=op.f("uq_recon_exception_kind_disbursement_id")),
        sa.UniqueConstraint("kind", "file_id", name=op.f("uq_recon_exception_kind_file_id")),
        sa.UniqueConstraint("kind", "line_id", name=op.f("uq_recon_exception_kind_line_id")),
    )
    op.create_table(
        "recon_match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("rule IN ('reference', 'amount_and_date')", name=op.f("ck_recon_match_rule_known")),
        sa.CheckConstraint("state IN ('suggested', 'confirmed', 'undone')", name=op.f("ck_recon_match_state_known")),
        sa.ForeignKeyConstraint(["line_id"], ["statement_line.id"], name=op.f("fk_recon_match_line_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_recon_match_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recon_match")),
    )
    with op.batch_alter_table("recon_match", schema=None) as batch_op:
        batch_op.create_index("ix_recon_match_line", ["line_id"], unique=False)
        batch_op.create_index(
            "uq_recon_match_line",
            ["line_id"],
            unique=True,
            sqlite_where=sa.text("state = 'confirmed'"),
            postgresql_where=sa.text("state = 'confirmed'"),
        )
        batch_op.create_index(
            "uq_recon_match_transfer",
            ["transfer_id"],
            unique=True,
            sqlite_where=sa.text("state = 'confirmed'"),
            postgresql_where=sa.text("state = 'confirmed'"),
        )

    for statement in columns.guard_statements(op.get_bind().dialect.name, "disbursement_event"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "provider_call"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "transfer"):
        op.execute(statement)
