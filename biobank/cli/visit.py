"""`biobank measurements`: the protocol's rules from the command line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from biobank import db, events, wiring
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.measurements import check as checking
from biobank.measurements import importing, schedule
from biobank.measurements.fhir_words import findings
from biobank.measurements.protocol import BadProtocol, load


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


@contextmanager
def _opened(settings: Settings) -> Iterator[db.Databases]:
    opened = db.connect(settings)
    try:
        yield opened
    finally:
        opened.dispose()


@measurements.command("import-fhir")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--participant", help="The participant's code; without it the one that the document has.")
@click.option(
    "--subject", help="The id in the document, to say that it is this participant's, where it is not our code."
)
@click.option("--check", "only_check", is_flag=True, help="Read and report; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def import_fhir(
    settings: Settings, file: Path, *, participant: str | None, subject: str | None, only_check: bool, as_json: bool
) -> None:
    """Take a FHIR document into the participant's open visit, whole or not at all. Exit 1 with every reason.

    Example: biobank measurements import-fhir document.json --check
    """
    data = file.read_bytes()
    if only_check:
        document = importing.read(load(), data)
        taken, left = document.taken, [row.as_json() for row in findings(document.left)]
    else:
        events.connect(wiring.TABLE)
        with _opened(settings) as databases, databases.transaction(SYSTEM) as tx:
            visit_id = importing.visit_for(tx, data, participant)
            kept = importing.import_document(tx, visit_id, data, subject=subject)
            taken, left = (
                kept.taken,
                [{key: row[key] for key in ("field", "code", "message")} for row in kept.not_taken],
            )
    if as_json:
        click.echo(json.dumps({"taken": taken, "not_taken": left, "stored": not only_check}, indent=2))
        return
    click.echo(f"{'Can be taken' if only_check else 'Taken'}: {', '.join(taken)}.")
    for row in left:
        click.echo(f"Not taken: {row['message']}")
