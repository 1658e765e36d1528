"""References that statement lines name; statements, matches and months that cannot be undone; kept lists."""

import re

import sqlalchemy as sa
from alembic import op

from biobank import columns
from biobank.payments.book_guards import MATCH_KEPT, PERIOD_KEPT, PERIOD_STEPS

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TOKEN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
REFERENCE = re.compile(r"BB-[0-9A-Z]{16}-\d{1,3}", re.ASCII)
LINE = sa.table(
    "statement_line",
    sa.column("id", sa.Uuid),
    sa.column("text", sa.Text),
    sa.column("reference", sa.Text),
    sa.column("mentions", sa.Integer),
    sa.column("named", sa.String),
)


def _read_out() -> None:
    connection = op.get_bind()
    found = []
    for key, text, reference in connection.execute(sa.select(LINE.c.id, LINE.c.text, LINE.c.reference)):
        words = {word for word in TOKEN.findall(f"{text} {reference}".upper()) if REFERENCE.fullmatch(word)}
        if words:
            found.append({"key": key, "count": len(words), "word": words.pop() if len(words) == 1 else None})
    if found:
        values = {"mentions": sa.bindparam("count"), "named": sa.bindparam("word")}
        connection.execute(sa.update(LINE).where(LINE.c.id == sa.bindparam("key")).values(values), found)


def upgrade() -> None:
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentions", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("named", sa.String(length=23), nullable=True))
        batch_op.drop_index(batch_op.f("ix_statement_line_file_id"))
        batch_op.create_index(
            "ix_statement_line_file", ["file_id", "mentions", "named", "booked_on", "amount_cents", "id"], unique=False
        )
        batch_op.create_index(
            "ix_statement_line_named", ["account", "mentions", "named", "booked_on", "amount_cents", "id"], unique=False
        )

    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_transfer_named",
            ["reference", "kind", "credit", "amount_cents", "disbursement_id", "id"],
            unique=False,
            sqlite_where=sa.text("reference IS NOT NULL"),
            postgresql_where=sa.text("reference IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_transfer_no_payment",
            ["credit", "debit", "kind"],
            unique=False,
            sqlite_where=sa.text("disbursement_id IS NULL"),
            postgresql_where=sa.text("disbursement_id IS NULL"),
        )
    _read_out()
    dialect = op.get_bind().dialect.name
    for table in ("statement_file", "statement_line"):
        for statement in columns.guard_statements(dialect, table):
            op.execute(statement)
    for guard in (MATCH_KEPT, PERIOD_KEPT, PERIOD_STEPS):
        for statement in guard(dialect):
            op.execute(statement)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("narrowed", sa.JSON(), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_view_staff_id_name")),
    )
