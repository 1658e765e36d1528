"""accounts, months, questions, statement forms."""

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.payments.book_guards import in_open_period

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


NEW_GUARDED = ("book_check", "journal_export", "period_event", "period_pack", "journal_void", "recon_exception_note")
# SQLite makes a changed table anew, without its triggers and checks.
REMADE_GUARDED = ("transfer",)


def _in_open_period(table: str, day: str, *verbs: str) -> list[str]:
    return in_open_period(table, day, *verbs)(op.get_bind().dialect.name)


def _check(batch_op, name: str, condition: str, *, replaces: bool = False) -> None:
    is_server = op.get_bind().dialect.name == "postgresql"
    if is_server and replaces:
        batch_op.drop_constraint(op.f(name), type_="check")
    batch_op.create_check_constraint(op.f(name), condition)


def _kept(batch_op, name: str, condition: str) -> None:
    """A check that stays: SQLite loses it when it makes the table anew."""
    if op.get_bind().dialect.name == "sqlite":
        batch_op.create_check_constraint(op.f(name), condition)


def _among(column: str, words: str) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words.split())})"


TRANSFER_KINDS = """
accrual declined revoked payment fee refunded fee-back topup-sent topup-credited topup-reversed card-given cash-given
cards-bought float-filled float-banked ach-released ach-debited ach-returned ach-credited cards-short cards-over
float-short float-over dormant escheated bank-fee suspense-out suspense-in bank-suspense-out bank-suspense-in
suspense-loss suspense-gain reversal
"""
QUESTIONS = """
UNKNOWN_OUTCOME FAILED REF_COLLISION AMOUNT_DIFF AMBIGUOUS CHARGED_TWICE PAID_AFTER_ALL PROVIDER_NOT_OURS
OURS_NOT_PROVIDER DUPLICATE_PERSON_PAID RETURNED DELIVERY_FAILED FLAGGED STALE_CLEARING STOCK_COUNT_DIFF FLOAT_DIFF
FEE_UNEXPECTED STATEMENT_GAP BOOKS_DIFFER
"""


ACCOUNTS = {
    "1000": "Bank", "1100": "Provider balance", "1150": "Top-up in transit", "1160": "ACH in transit",
    "1200": "Cards on hand", "1210": "Floats", "1900": "Suspense", "2000": "Incentives payable",
    "2100": "Unclaimed incentives", "5000": "Incentive expense", "5010": "Provider fees", "5090": "Loss",
}  # fmt: skip


def _accounts() -> None:
    account = sa.table("account", sa.column("code"), sa.column("name"))
    known = set(op.get_bind().execute(sa.select(account.c.code)).scalars())
    op.bulk_insert(account, [{"code": code, "name": name} for code, name in ACCOUNTS.items() if code not in known])


def _new_tables() -> None:
    op.create_table(
        "book_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_check")),
    )
    op.create_table(
        "csv_map",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_map")),
        sa.UniqueConstraint("name", name=op.f("uq_csv_map_name")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=7), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=True),
        sa.Column("signed_at", columns.Instant(), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.Column("pack_sha256", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'closed' OR (signed_by_id IS NOT NULL AND closed_by_id IS NOT NULL AND pack_sha256 IS NOT NULL)",
            name=op.f("ck_period_closed_is_signed"),
        ),
        sa.CheckConstraint("state IN ('open', 'locked', 'closed')", name=op.f("ck_period_state_known")),
        sa.CheckConstraint("closed_by_id IS NULL OR closed_by_id <> signed_by_id", name=op.f("ck_period_two_people")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_period_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("closes_on", name=op.f("uq_period_closes_on")),
        sa.UniqueConstraint("code", name=op.f("uq_period_code")),
        sa.UniqueConstraint("opens_on", name=op.f("uq_period_opens_on")),
    )
    op.create_table(
        "journal_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_journal_export_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_export")),
    )
    with op.batch_alter_table("journal_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_export_period_id"), ["period_id"], unique=False)

    op.create_table(
        "period_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "step IN ('locked', 'unlocked', 'waived', 'signed', 'refused', 'closed', 'reopened')",
            name=op.f("ck_period_event_step_known"),
        ),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_period_event_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_event")),
    )
    with op.batch_alter_table("period_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_period_event_period_id"), ["period_id"], unique=False)

    op.create_table(
        "period_pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_period_pack_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_pack")),
    )
    with op.batch_alter_table("period_pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_period_pack_period_id"), ["period_id"], unique=False)

    op.create_table(
        "journal_void",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["journal_export.id"], name=op.f("fk_journal_void_export_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_void")),
        sa.UniqueConstraint("export_id", name=op.f("uq_journal_void_export_id")),
    )
    op.create_table(
        "recon_exception_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exception_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["exception_id"], ["recon_exception.id"], name=op.f("fk_recon_exception_note_exception_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recon_exception_note")),
    )
    with op.batch_alter_table("recon_exception_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recon_exception_note_exception_id"), ["exception_id"], unique=False)


def _questions_and_matches() -> None:
    with op.batch_alter_table("recon_exception", schema=None) as batch_op:
        batch_op.add_column(sa.Column("item", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("owner_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("owner", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("resolution_code", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.create_index("ix_recon_exception_line", ["line_id"], unique=False)
        batch_op.create_index("ix_recon_exception_open", ["resolved_at", "id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_recon_exception_kind_item"), ["kind", "item"])
        batch_op.create_foreign_key(batch_op.f("fk_recon_exception_owner_id"), "staff", ["owner_id"], ["id"])
        _check(batch_op, "ck_recon_exception_kind_known", _among("kind", QUESTIONS), replaces=True)
        codes = "explained corrected booked-fee booked-topup booked-suspense booked-refund written-off"
        _check(batch_op, "ck_recon_exception_resolution_code_known", _among("resolution_code", codes))
        _kept(
            batch_op,
            "ck_recon_exception_resolved_with_a_note",
            "(resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL)",
        )

    with op.batch_alter_table("recon_match", schema=None) as batch_op:
        batch_op.add_column(sa.Column("basket_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("line_part", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("transfer_part", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_index(batch_op.f("uq_recon_match_line"), sqlite_where=sa.text("state = 'confirmed'"))
        batch_op.create_index(
            "uq_recon_match_line",
            ["line_id", "line_part"],
            unique=True,
            sqlite_where=sa.text("state = 'confirmed'"),
            postgresql_where=sa.text("state = 'confirmed'"),
        )
        batch_op.drop_index(batch_op.f("uq_recon_match_transfer"), sqlite_where=sa.text("state = 'confirmed'"))
        batch_op.create_index(
            "uq_recon_match_transfer",
            ["transfer_id", "transfer_part"],
            unique=True,
            sqlite_where=sa.text("state = 'confirmed'"),
            postgresql_where=sa.text("state = 'confirmed'"),
        )
        batch_op.create_index("ix_recon_match_basket", ["basket_id"], unique=False)
        batch_op.create_index("ix_recon_match_transfer", ["transfer_id"], unique=False)
        rules = "reference batch amount_and_date by_hand booked"
        _check(batch_op, "ck_recon_match_rule_known", _among("rule", rules), replaces=True)
        _check(batch_op, "ck_recon_match_parts_counted", "line_part >= 1 AND transfer_part >= 1")
        _check(
            batch_op,
            "ck_recon_match_parts_of_baskets",
            "basket_id IS NOT NULL OR (line_part = 1 AND transfer_part = 1)",
        )
        _kept(batch_op, "ck_recon_match_state_known", _among("state", "suggested confirmed undone"))


def _statements_and_entries() -> None:
    with op.batch_alter_table("statement_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form", sa.String(length=40), server_default="csv", nullable=False))
        batch_op.add_column(sa.Column("bank_account", sa.String(length=40), nullable=True))
        batch_op.create_index("ix_statement_file_account", ["account", "closed_on"], unique=False)
        forms = "csv mapped-csv bai2 camt053 ofx tremendous ach-returns"
        _check(batch_op, "ck_statement_file_form_known", _among("form", forms))

    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("return_code", sa.String(length=10), nullable=True))
        batch_op.create_index("ix_statement_line_day", ["account", "booked_on"], unique=False)

    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("reference", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("site_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("reverses_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("posted_by", sa.String(length=120), nullable=True))
        batch_op.alter_column("disbursement_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.drop_index(batch_op.f("ix_transfer_credit_kind"))
        batch_op.create_index("ix_transfer_credit_kind", ["credit", "kind", "amount_cents"], unique=False)
        batch_op.create_index("ix_transfer_day", ["posted_on"], unique=False)
        batch_op.create_index("ix_transfer_debit_kind", ["debit", "kind", "amount_cents"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_transfer_reverses_id"), ["reverses_id"])
        batch_op.create_foreign_key(batch_op.f("fk_transfer_site_id"), "site", ["site_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_transfer_reverses_id"), "transfer", ["reverses_id"], ["id"])
        _check(batch_op, "ck_transfer_kind_known", _among("kind", TRANSFER_KINDS), replaces=True)
        _check(batch_op, "ck_transfer_has_a_source", "disbursement_id IS NOT NULL OR source IS NOT NULL")
        _check(batch_op, "ck_transfer_reversal_of_one", "(kind = 'reversal') = (reverses_id IS NOT NULL)")
        _kept(batch_op, "ck_transfer_amount_positive", "amount_cents > 0")
        _kept(batch_op, "ck_transfer_two_accounts", "debit <> credit")


def upgrade() -> None:
    _new_tables()
    _accounts()
    _questions_and_matches()
    _statements_and_entries()
    dialect = op.get_bind().dialect.name
    for table in NEW_GUARDED + (REMADE_GUARDED if dialect == "sqlite" else ()):
        for statement in columns.guard_statements(dialect, table):
            op.execute(statement)
    by_line = "(SELECT booked_on FROM statement_line WHERE id = NEW.line_id)"
    for statement in (
        *_in_open_period("transfer", "NEW.posted_on", "INSERT"),
        *_in_open_period("statement_line", "NEW.booked_on", "INSERT"),
        *_in_open_period("recon_match", by_line, "INSERT", "UPDATE"),
    ):
        op.execute(statement)
