"""`biobank measurements`: the protocol's rules from the command line."""

import json
import sys
from pathlib import Path

import click

from biobank.measurements import check as checking


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
