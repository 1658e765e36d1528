"""`biobank audit`: seal the logs, prove that nobody changed them, and answer whose data somebody touched."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from biobank import db, migrations
from biobank.access import watch
from biobank.actor import SYSTEM
from biobank.audit import offline, sealing, verifying
from biobank.audit.verifying import Report
from biobank.config import Settings
from biobank.participants import breach

_CHECKPOINTS = click.option("--checkpoint", "checkpoints", multiple=True,
                            type=click.Path(exists=True, dir_okay=False, path_type=Path),
                            help="A copy of seals.checkpoint kept elsewhere; may be given several times.")  # fmt: skip


@click.group("audit")
def audit_commands() -> None:
    """The logs: sealed, verified, exported.

    Example: biobank audit verify
    """
    migrations.metadata("study")


@audit_commands.command()
@click.pass_obj
def seal(settings: Settings) -> None:
    """Seal what is not sealed yet. The worker does this every ten seconds.

    Example: biobank audit seal
    """
    databases = db.connect(settings)
    count = sealing.watch(databases)
    databases.dispose()
    click.echo(f"Sealed: {count} rows. Keep a copy of {sealing.place(databases)} elsewhere.")


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        lines = [one.words() for one in report.findings[:100]] + report.notes
        whole = f"Whole: {report.seals} seals over {report.rows} rows."
        click.echo("\n".join([*lines, whole if report.is_whole else f"NOT whole: {len(report.findings)} findings."]))
    sys.exit(0 if report.is_whole else 1)


@audit_commands.command()
@_CHECKPOINTS
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def verify(settings: Settings, checkpoints: tuple[Path, ...], as_json: bool) -> None:
    """Verify every seal and every sealed row. Exit 1 and name the first that is wrong.

    Example: biobank audit verify --checkpoint /media/usb/seals.checkpoint
    """
    databases = db.connect(settings)
    report = verifying.verify(databases, *checkpoints)
    databases.dispose()
    _tell(report, as_json=as_json)


@audit_commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(settings: Settings, file: Path) -> None:
    """Write the sealed log into FILE, to be verified on another machine.

    Example: biobank audit export log.jsonl
    """
    databases = db.connect(settings)
    count = offline.export(databases, file)
    public = sealing.signer_of(databases).public.hex()
    databases.dispose()
    click.echo(f"{count} seals are in {file}. Their public key, to be told by another way: {public}")


@audit_commands.command("verify-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("public_key")
@_CHECKPOINTS
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def verify_file(file: Path, public_key: str, checkpoints: tuple[Path, ...], as_json: bool) -> None:
    """Verify an exported log with its public key alone; no database and no secret is opened.

    Example: biobank audit verify-file log.jsonl 9f3c...
    """
    try:
        public = bytes.fromhex(public_key)
    except ValueError:
        raise click.UsageError("The public key is 64 hexadecimal digits.") from None
    _tell(offline.verify_file(file, public, *checkpoints), as_json=as_json)


@audit_commands.command()
@click.option("--reason", required=True, help="Why the log is shorter than its checkpoint says.")
@click.pass_obj
def resume(settings: Settings, reason: str) -> None:
    """Go on sealing after a restore that was meant; the reason stands in the chain for good.

    Example: biobank audit resume --reason "restored the backup of 21 November after the disk failed"
    """
    databases = db.connect(settings)
    begun = sealing.resume(databases, reason)
    databases.dispose()
    click.echo(f"Epoch {begun.epoch} begins with seal {begun.number}.")


@audit_commands.command()
@click.argument("username")
@click.argument("since", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]))
@click.argument("until", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def touched(settings: Settings, username: str, since: datetime, until: datetime, folder: Path) -> None:
    """After a breach: whose data USERNAME touched from SINCE until UNTIL (UTC), and drafts of the letters, into FOLDER.

    Example: biobank audit touched carla 2026-11-20 2026-11-21T12:00 breach/
    """
    databases = db.connect(settings)
    with databases.transaction(SYSTEM, read_only=True) as tx:
        staff = watch.staff_named(tx, username)
        stretch = (moment.replace(tzinfo=UTC) for moment in (since, until))
        records, letters = breach.write(tx, folder, staff.id, *stretch)
    databases.dispose()
    click.echo(f"{records} records in {folder / breach.LIST}, {letters} letters in {folder / breach.LETTERS}.")
