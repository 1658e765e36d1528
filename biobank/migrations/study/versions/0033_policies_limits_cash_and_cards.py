"""policies, limits, cash and cards."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATES = (
    "state IN ('queued', 'sending', 'sent', 'unknown', 'settled', 'failed', 'returned', 'held', 'voided', 'reserved')"
)
DISBURSEMENT = {
    "state_known": STATES,
    "hold_reason_known": "hold_reason IN ('by-finance', 'pay-again', 'cap')",
}
# SQLite keeps no check of a table that is made anew: these are written again.
KEPT = {
    "first_replaces_none": "(seq = 1) = (replaces_id IS NULL)",
    "sending_is_leased": "state <> 'sending' OR lease_token IS NOT NULL",
    "sent_has_proof": "state NOT IN ('sent', 'settled') OR provider_ref IS NOT NULL",
    "held_for_a_reason": "(state = 'held') = (hold_reason IS NOT NULL)",
    "two_people": "approved_by_id IS NULL OR approved_by_id <> requested_by_id",
}
ENTITLEMENT = {
    "decision_known": "decision IN ('eligible', 'declined', 'duplicate', 'ineligible', 'revoked')",
}
DECIDED = sa.text("decision IN ('eligible', 'declined', 'duplicate')")


def check(table: str, changed: dict[str, str], kept: dict[str, str]) -> None:
    """Change what the database refuses in a table."""
    if op.get_bind().dialect.name == "postgresql":
        for name, condition in changed.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
        return
    with op.batch_alter_table(table, recreate="always") as batch_op:
        for name, condition in {**changed, **kept}.items():
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)


def upgrade() -> None:
    op.drop_index("uq_entitlement_once", table_name="entitlement")
    check("entitlement", ENTITLEMENT, {})
    op.create_index(
        "uq_entitlement_once", "entitlement", ["payee_id", "scheme_code"], unique=True,
        sqlite_where=DECIDED, postgresql_where=DECIDED,
    )  # fmt: skip
    check("disbursement", DISBURSEMENT, KEPT)
    op.create_table(
        "cap_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("kind IN ('site-day', 'day', 'total')", name=op.f("ck_cap_change_kind_known")),
        sa.CheckConstraint("site_id IS NULL OR kind = 'site-day'", name=op.f("ck_cap_change_site_of_its_day")),
        sa.CheckConstraint("asked_by_id <> approved_by_id", name=op.f("ck_cap_change_two_people")),
        sa.CheckConstraint("payments >= 0", name=op.f("ck_cap_change_payments_not_negative")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_cap_change_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_change")),
    )
    op.create_table(
        "pay_tally",
        sa.Column("scheme_code", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pay_tally_site_id")),
        sa.PrimaryKeyConstraint("scheme_code", "day", "site_id", name=op.f("pk_pay_tally")),
    )
    op.create_table(
        "site_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(length=120), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("second_name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("what IN ('cards', 'cash')", name=op.f("ck_site_count_what_known")),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_site_count_counted_not_negative")),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_site_count_two_people")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_count_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_count")),
    )
    with op.batch_alter_table("site_count", schema=None) as batch_op:
        batch_op.create_index("ix_site_count_site", ["site_id", "what", "id"], unique=False)

    op.create_table(
        "site_means",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("means", sa.String(length=40), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "means IN ('link', 'site-cash', 'site-card', 'nacha')", name=op.f("ck_site_means_means_known")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_means_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_means")),
    )
    with op.batch_alter_table("site_means", schema=None) as batch_op:
        batch_op.create_index("ix_site_means_site", ["site_id", "id"], unique=False)

    op.create_table(
        "card_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("serial_hash", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("face_cents", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=True),
        sa.Column("brought_by_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('reserved', 'given')) = (disbursement_id IS NOT NULL)", name=op.f("ck_card_item_held_by_one")
        ),
        sa.CheckConstraint(
            "state IN ('in-stock', 'reserved', 'given', 'missing')", name=op.f("ck_card_item_state_known")
        ),
        sa.CheckConstraint("brought_by_id <> taken_by_id", name=op.f("ck_card_item_two_people")),
        sa.CheckConstraint("face_cents > 0", name=op.f("ck_card_item_face_positive")),
        sa.ForeignKeyConstraint(["disbursement_id"], ["disbursement.id"], name=op.f("fk_card_item_disbursement_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_card_item_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_item")),
        sa.UniqueConstraint("brand", "serial_hash", name=op.f("uq_card_item_brand_serial_hash")),
        sa.UniqueConstraint("disbursement_id", name=op.f("uq_card_item_disbursement_id")),
    )
    with op.batch_alter_table("card_item", schema=None) as batch_op:
        batch_op.create_index("ix_card_item_site", ["site_id", "state"], unique=False)

    op.create_table(
        "float_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("disbursement_id", sa.Uuid(), nullable=True),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(length=120), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("second_name", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(kind = 'given') = (disbursement_id IS NOT NULL)", name=op.f("ck_float_move_given_for_a_payment")
        ),
        sa.CheckConstraint(
            "kind IN ('filled', 'given', 'banked', 'short', 'over')", name=op.f("ck_float_move_kind_known")
        ),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_float_move_moves_something")),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_float_move_two_people")),
        sa.ForeignKeyConstraint(["disbursement_id"], ["disbursement.id"], name=op.f("fk_float_move_disbursement_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_float_move_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_float_move")),
        sa.UniqueConstraint("disbursement_id", name=op.f("uq_float_move_disbursement_id")),
    )
    with op.batch_alter_table("float_move", schema=None) as batch_op:
        batch_op.create_index("ix_float_move_site", ["site_id"], unique=False)

    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policy_version", sa.Integer(), nullable=True))
        batch_op.create_index("ix_entitlement_payee", ["payee_id"], unique=False)

    for statement in columns.guard_statements(op.get_bind().dialect.name, "cap_change"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "site_count"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "site_means"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "float_move"):
        op.execute(statement)
