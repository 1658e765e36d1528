"""Measurement versions and events."""

import sqlalchemy as sa
from alembic import op

from biobank import columns

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('measurement_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('amends_id', sa.Uuid(), nullable=True),
    sa.Column('at', columns.Instant(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.CheckConstraint('(number = 1) = (amends_id IS NULL)', name=op.f('ck_measurement_version_amendment_has_former')),
    sa.ForeignKeyConstraint(['amends_id'], ['measurement_version.id'], name=op.f('fk_measurement_version_amends_id')),
    sa.ForeignKeyConstraint(['record_id'], ['measurement_record.id'], name=op.f('fk_measurement_version_record_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measurement_version')),
    sa.UniqueConstraint('record_id', 'number', name=op.f('uq_measurement_version_record_id_number')),
    )
    op.create_table('measurement_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('at', columns.Instant(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("(kind IN ('finalised', 'amended')) = (reason IS NULL)", name=op.f('ck_measurement_event_change_has_reason')),
    sa.CheckConstraint("kind IN ('finalised', 'amending', 'amended', 'cancelled', 'restored')", name=op.f('ck_measurement_event_kind_known')),
    sa.CheckConstraint("reason <> 'other' OR note IS NOT NULL", name=op.f('ck_measurement_event_other_has_note')),
    sa.CheckConstraint("reason IN ('wrong-value', 'missing-value', 'wrong-participant', 'amend', 'other')", name=op.f('ck_measurement_event_reason_known')),
    sa.ForeignKeyConstraint(['record_id'], ['measurement_record.id'], name=op.f('fk_measurement_event_record_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_measurement_event_site_id')),
    sa.ForeignKeyConstraint(['version_id'], ['measurement_version.id'], name=op.f('fk_measurement_event_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measurement_event')),
    sa.UniqueConstraint('record_id', 'seq', name=op.f('uq_measurement_event_record_id_seq')),
    )
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_version"):
        op.execute(statement)
    for statement in columns.guard_statements(op.get_bind().dialect.name, "measurement_event"):
        op.execute(statement)
