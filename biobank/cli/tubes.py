"""`biobank specimens`: prove that what the tables show is what the events say."""

import json
import sys

import click

from biobank import db
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.specimens import actions


@click.group()
def specimens() -> None:
    """Tubes and their chain of custody.

    Example: biobank specimens verify
    """


@specimens.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Rebuild what tubes, bags, boxes, parcels, things found and stored boxes are from their events, and compare.

    Each chain is checked too. Exit 1 naming what differs.

    Example: biobank specimens verify
    """
    with db.connect(settings).transaction(SYSTEM, read_only=True) as tx:
        found = [{"kind": str(one.kind), "id": str(one.id), "code": one.code} for one in actions.differences(tx)]
    lines = "\n".join(f"{one['kind']} {one['code']}" for one in found)
    click.echo(json.dumps(found) if as_json else lines or "Everything is as its events say.")
    sys.exit(1 if found else 0)


@specimens.command()
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def overdue(settings: Settings, as_json: bool) -> None:
    """Open a case for every parcel that has not arrived by its courier's day. The worker does this each hour.

    Example: biobank specimens overdue
    """
    opened = db.run_tx(db.connect(settings), actions.open_overdue, SYSTEM)
    click.echo(json.dumps({"opened": opened}) if as_json else f"{opened} parcels are overdue that were not before.")
