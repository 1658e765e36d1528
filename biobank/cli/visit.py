"""`biobank measurements`: the protocol's rules from the command line."""

import json
import sys
from pathlib import Path

import click

from biobank.measurements import check as checking
from biobank.measurements import schedule
from biobank.measurements.protocol import BadProtocol


@click.group()
def measurements() -> None:
    """A visit's measurements.

    Example: biobank measurements check visit.json
    """


@measurements.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """Assess one entry by the protocol: FILE, or standard input. Exit 0 if complete and without errors.

    Example: biobank measurements check visit.json
    """
    report, status = checking.run(str(file) if file else None)
    click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    sys.exit(status)


@measurements.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def protocols(file: Path | None, as_json: bool) -> None:
    """List and check every protocol with the sites and days it is in use; or check FILE before it is added.

    Example: biobank measurements protocols adult-2.json
    """
    try:
        rows = [schedule.check_file(file)] if file else schedule.listing()
    except BadProtocol as problem:
        raise click.ClickException(str(problem)) from problem
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        used = [f"since {turn['from']} at {', '.join(turn['sites'] or ['every site'])}" for turn in row["in_use"]]
        click.echo(f"{row['id']}: {row['fields']} fields, {row['alerts']} alerts; {'; '.join(used) or 'not in use'}")
