"""`biobank payments`: statements in, matched, for finance staff who live in a terminal."""

import json
from pathlib import Path

import click

from biobank import db
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.payments import actions


@click.group()
def payments() -> None:
    """The $25, and the bank's word on it.

    Example: biobank payments import-statement november.csv --format csv
    """


@payments.command("import-statement")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(["csv"]), required=True)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def import_statement(settings: Settings, file: Path, kind: str, as_json: bool) -> None:
    """Read a statement whole, or refuse it whole. The same file twice is one file.

    Example: biobank payments import-statement november.csv --format csv
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        kept = actions.import_statement(tx, file.read_bytes())
        report = {"statement": str(kept.id), "format": kind, "lines": kept.line_count}
    click.echo(json.dumps(report) if as_json else f"{report['lines']} lines kept as statement {report['statement']}.")


@payments.command("match")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def match(settings: Settings, as_json: bool) -> None:
    """Match every open line with our transfers: whole reference and exact amount confirm, nothing else does.

    Example: biobank payments match
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        report = actions.match_all(tx)
    click.echo(json.dumps(report) if as_json else ", ".join(f"{name} {count}" for name, count in report.items()))
