"""`biobank db`: bring the databases to the newest schema, and prove that they are there."""

import json
import sys

import click

from biobank import db, migrations
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
