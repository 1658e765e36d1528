"""persons' keys in the order of their keys."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute(
        "CREATE TABLE person_key_anew (participant_id CHAR(32) NOT NULL, master VARCHAR(80) NOT NULL, "
        "wrapped BLOB NOT NULL, CONSTRAINT pk_person_key PRIMARY KEY (participant_id), "
        "CONSTRAINT fk_person_key_participant_id FOREIGN KEY(participant_id) REFERENCES person (participant_id)) "
        "WITHOUT ROWID"
    )
    op.execute("INSERT INTO person_key_anew SELECT participant_id, master, wrapped FROM person_key")
    op.execute("DROP TABLE person_key")
    op.execute("ALTER TABLE person_key_anew RENAME TO person_key")
