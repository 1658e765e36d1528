"""`biobank db`: bring the databases to the newest schema, and prove that they are there."""

import json
import sys
from pathlib import Path

import click

from biobank import db, events, migrations, wiring
from biobank.audit import sealing
from biobank.backups import pair, roles
from biobank.config import Settings


@click.group("db")
def db_commands() -> None:
    """The study database and the vault.

    Example: biobank db upgrade
    """


@db_commands.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring both databases to the newest schema.

    Example: biobank db upgrade
    """
    databases = db.connect(settings)
    migrations.upgrade(databases)
    databases.dispose()
    click.echo("Both databases are at the newest schema.")


@db_commands.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def check(settings: Settings, as_json: bool) -> None:
    """Prove that migrations and models agree. Exit 1 and name what differs.

    Example: biobank db check
    """
    databases = db.connect(settings)
    waiting = migrations.pending(databases)
    found = [waiting] if waiting else migrations.check(databases)
    databases.dispose()
    if as_json:
        click.echo(json.dumps({"agree": not found, "differences": found}))
    else:
        click.echo("\n".join(found) or "Migrations and models agree on both databases.")
    sys.exit(1 if found else 0)


@db_commands.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def backup(settings: Settings, folder: Path, as_json: bool) -> None:
    """Copy both databases, encrypted, into a new FOLDER while the service runs. Keys are kept elsewhere.

    Example: biobank db backup /srv/backups/2026-11-22
    """
    made = pair.backup(settings, folder)
    total = sum(row["bytes"] for row in made["databases"].values())
    words = f"Both databases are in {folder} ({total:,} bytes). Keep its keys and departures.journal elsewhere."
    click.echo(json.dumps(made) if as_json else words)


@db_commands.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def restore(settings: Settings, folder: Path, yes: bool, as_json: bool) -> None:
    """Put the backup in FOLDER in the place of both databases, once it is proven sound. What is there is kept aside.

    Whoever withdrew or was forgotten since the backup was made is withdrawn and forgotten again.

    Example: biobank db restore /srv/backups/2026-11-22
    """
    if not yes:
        click.confirm(f"Put {folder} in the place of both databases?", abort=True)
    events.connect(wiring.TABLE)
    done = pair.restore(settings, folder)
    databases = db.connect(settings)
    sealing.resume(databases, f"restored the backup of {done['made_at']}")
    databases.dispose()
    words = f"Restored the backup of {done['made_at']}, checked. Kept aside: {', '.join(done['aside'])}."
    click.echo(json.dumps(done) if as_json else words)


@db_commands.command("roles")
@click.argument("study_role")
@click.argument("vault_role")
@click.option("--apply", is_flag=True, help="Run the statements instead of showing them.")
@click.pass_obj
def db_roles(settings: Settings, study_role: str, vault_role: str, apply: bool) -> None:
    """Give the study and the vault a PostgreSQL role each, so that the vault itself refuses the study's.

    Example: biobank db roles biobank_web biobank_vault --apply
    """
    for name, statements in roles.statements(settings, study_role, vault_role).items():
        if apply:
            roles.run(settings, name, statements)
        click.echo(f"-- {name}\n" + ";\n".join(statements) + ";")
