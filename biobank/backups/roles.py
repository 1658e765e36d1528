"""PostgreSQL roles that keep the vault apart: the study's role is refused by the vault database itself."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from biobank import db, migrations
from biobank.backups.server import quoted
from biobank.config import Settings
from biobank.errors import Invalid

_MOST = 63


def statements(settings: Settings, study_role: str, vault_role: str) -> dict[str, list[str]]:
    """What makes the roles, by database. They own nothing and may not change the schema; append-only tables they may
    only add to. Passwords are the operator's to set (ALTER ROLE ... PASSWORD).
    """
    if study_role == vault_role:
        raise Invalid("Name two different roles: one for the study, one for the vault.")
    if not (settings.database_url and settings.vault_url):
        raise Invalid("Only PostgreSQL has roles. Set BIOBANK_DATABASE_URL and BIOBANK_VAULT_URL.")
    if max(len(study_role.encode()), len(vault_role.encode())) > _MOST:
        raise Invalid("A role's name has at most 63 characters.")
    return {
        "study": list(_grants("study", settings.database_url, study_role)),
        "vault": list(_grants("vault", settings.vault_url, vault_role)),
    }


def _grants(name: str, url: str, role: str) -> Iterator[str]:
    database, who = quoted(str(sa.make_url(url).database)), quoted(role)
    literal = "'" + role.replace("'", "''") + "'"
    known = f"SELECT FROM pg_roles WHERE rolname = {literal}"
    create = f"CREATE ROLE {who} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    yield f"DO $do$ BEGIN IF NOT EXISTS ({known}) THEN {create}; END IF; END $do$"
    refusal = "RAISE EXCEPTION 'this role passes through the walls between sites: name another'"
    yield f"DO $do$ BEGIN IF EXISTS ({known} AND (rolsuper OR rolbypassrls)) THEN {refusal}; END IF; END $do$"
    # By default everybody may connect to every database: this is what keeps the other's role out.
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {who}"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {who}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {who}"
    for table in migrations.metadata(name).sorted_tables:
        if table.info.get("append_only"):
            yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {quoted(table.name)} FROM {who}"


def run(settings: Settings, name: str, wanted: Sequence[str]) -> None:
    """Run the statements as the databases' owner, all or none."""
    databases = db.connect(settings)
    engine = (databases.study if name == "study" else databases.vault).engine
    try:
        with engine.begin() as connection:
            for statement in wanted:
                connection.exec_driver_sql(statement)
    finally:
        databases.dispose()
