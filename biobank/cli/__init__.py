"""The `biobank` command."""

import sys
from pathlib import Path
from typing import Any

import click

from biobank import config
from biobank.cli import audit, database, inventory, money, people, programme, tubes, vault, visit
from biobank.errors import Refused, UnsafeSettings


class _Commands(click.Group):
    """Says a refusal in one line and exits 1; usage errors exit 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (Refused, UnsafeSettings) as problem:
            click.echo(f"biobank: {problem}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="biobank")
@click.option("--home", type=click.Path(path_type=Path), help="Folder of the embedded databases and keys.")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """The programme's service: visits, measurements, specimens, payments.

    Example: biobank demo --walk
    """
    overrides: dict[str, Any] = {"home": home} if home else {}
    ctx.obj = config.from_environment(**overrides)


@main.command()
@click.option("--markdown", is_flag=True, help="As the table of docs/settings.md.")
def settings(markdown: bool) -> None:
    """List every setting with its default and meaning.

    Example: biobank settings
    """
    row = "| `{}` | {} | {} |" if markdown else "{:32} {:12} {}"
    if markdown:
        click.echo("| Setting | Default | Meaning |\n|---|---|---|")
    for name, default, meaning in config.describe():
        click.echo(row.format(name, default, meaning))


for command in (
    programme.serve,
    programme.worker,
    programme.demo,
    database.db_commands,
    vault.vault_commands,
    audit.audit_commands,
    people.site,
    people.staff,
    visit.measurements,
    tubes.specimens,
    money.payments,
):
    main.add_command(command)

for command in (inventory.import_inventory, inventory.reconcile, inventory.sprec):
    tubes.specimens.add_command(command)
