"""On PostgreSQL the vault itself refuses the study's role, and append-only tables refuse both."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from biobank.backups import roles
from biobank.cli import main
from biobank.config import Settings
from biobank.errors import Invalid
from tests.conftest import _administer, _settings, _urls

WEB, VAULT = "biobank_web", "biobank_vault"


@pytest.fixture
def guarded(postgres: str, postgresql_template: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A pair of databases with a role each."""
    tail = uuid.uuid4().hex[:10]
    names = [f"{name}_{tail}" for name in ("study", "vault")]
    copies = (f"CREATE DATABASE {name} TEMPLATE {name.split('_')[0]}_template" for name in names)
    _administer(postgres, *copies)
    settings = _settings(tmp_path, **_urls(postgres, tail))
    environment = {"BIOBANK_PROFILE": "demo", "BIOBANK_DATABASE_URL": settings.database_url,
                   "BIOBANK_VAULT_URL": settings.vault_url, "BIOBANK_HOME": str(tmp_path)}  # fmt: skip
    done = CliRunner().invoke(main, ["db", "roles", WEB, VAULT, "--apply"], env=environment)
    assert done.exit_code == 0, done.output
    yield settings
    drops = [f"DROP DATABASE {name} WITH (FORCE)" for name in names]
    _administer(postgres, *drops, f"DROP ROLE {WEB}", f"DROP ROLE {VAULT}")


def _as(role: str, url: str) -> "psycopg.Connection[tuple[object, ...]]":
    address = sa.make_url(url).set(drivername="postgresql", username=role, password=None)
    return psycopg.connect(address.render_as_string(False), autocommit=True)


def test_the_vault_refuses_the_studys_role_at_the_door(guarded: Settings) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        _as(WEB, guarded.vault_url)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        _as(VAULT, guarded.database_url)


def test_inside_the_vault_the_studys_role_reads_no_table(guarded: Settings) -> None:
    owner = sa.make_url(guarded.vault_url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"SET ROLE {WEB}")
        for table in ("person", "person_key", "master_key", "comparison", "enrolment_turn"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM public.{table}")


def test_each_role_works_in_its_own_database_and_changes_no_schema(guarded: Settings) -> None:
    with _as(WEB, guarded.database_url) as study, _as(VAULT, guarded.vault_url) as vault:
        assert study.execute("SELECT count(*) FROM participant").fetchone() == (0,)
        assert vault.execute("DELETE FROM person_key").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            study.execute("CREATE TABLE mine (word text)")


@pytest.mark.parametrize("statement", ["UPDATE look SET route = ''", "DELETE FROM consent", "TRUNCATE look"])
def test_append_only_tables_refuse_the_role_before_their_triggers_do(guarded: Settings, statement: str) -> None:
    with _as(WEB, guarded.database_url) as study, pytest.raises(psycopg.errors.InsufficientPrivilege):
        study.execute(statement)


def test_one_role_for_both_is_refused(postgresql_template: Settings, embedded_template: Settings) -> None:
    with pytest.raises(Invalid, match="two different roles"):
        roles.statements(postgresql_template, WEB, WEB)
    with pytest.raises(Invalid, match="Only PostgreSQL"):
        roles.statements(embedded_template, WEB, VAULT)
