"""`biobank vault`: the keys of people's identities, and forgetting them for good."""

import json
from pathlib import Path

import click

from biobank import db, events, wiring
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.db import run_tx
from biobank.participants import erasure, vault, vault_keys


@click.group("vault")
def vault_commands() -> None:
    """Names, contacts, and the keys they are sealed under.

    Example: biobank vault rotate
    """


@vault_commands.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def rotate(settings: Settings, as_json: bool) -> None:
    """Rewrap every person's key under a new master key, while the service runs. Run again after an interruption.

    Example: biobank vault rotate
    """
    databases = db.connect(settings)
    adopted = 0
    while count := run_tx(databases, lambda tx: vault.adopt(tx, vault_keys.BATCH), SYSTEM):
        adopted += count
    progress = None
    for progress in vault_keys.rotate(databases):
        click.echo(f"\r{progress.done} of {progress.total} keys under {progress.master}", nl=False, err=True)
    click.echo(err=True)
    databases.dispose()
    if progress is not None:
        report = {"master": progress.master, "keys": progress.done, "adopted": adopted}
        words = f"{progress.done} keys are under {progress.master}. Older backups still open with older master keys."
        click.echo(json.dumps(report) if as_json else words)


@vault_commands.command()
@click.pass_obj
def retire(settings: Settings) -> None:
    """Destroy every older master key: no backup made before the last rotation opens any more.

    Example: biobank vault retire
    """
    databases = db.connect(settings)
    retired = vault_keys.retire_masters(databases)
    databases.dispose()
    click.echo(f"Destroyed: {', '.join(retired)}." if retired else "There is no older master key.")


@vault_commands.command()
@click.option("--replay", is_flag=True, help="Withdraw and forget again whom a restored backup brought back.")
@click.option("--journal", "journals", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Another host's departures.journal; may be given several times.")  # fmt: skip
@click.pass_obj
def forget(settings: Settings, replay: bool, journals: tuple[Path, ...]) -> None:
    """Destroy the identity of everybody who left so long ago that the policy says so.

    Example: biobank vault forget --replay
    """
    databases = db.connect(settings)
    events.connect(wiring.TABLE)
    if replay:
        again = erasure.replay(databases, *journals)
        click.echo(", ".join(f"{kind} again: {count}" for kind, count in again.items()))
    else:
        click.echo(f"Forgotten: {erasure.erase_due(databases, settings.identity_days)}.")
    databases.dispose()
