"""`biobank specimens import-inventory`, `reconcile` and `sprec`: the biobank's files against our events."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from biobank import db, events, wiring
from biobank.actor import SYSTEM
from biobank.config import Settings
from biobank.specimens.inventory import actions
from biobank.specimens.sprec import actions as sprec_codes

_UNITS = {"h": "hours", "d": "days"}


class Window(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A time such as 10d or 36h."""

    name = "window"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"([1-9]\d{0,3})([dh])", str(value))
        if found is None:
            self.fail("give a number with d or h, such as 10d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command("import-inventory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="Refuse the whole file for a single bad row.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def import_inventory(settings: Settings, file: Path, strict: bool, as_json: bool) -> None:
    """Read the inventory of stored samples. The same file twice is one file; bad rows are named by their numbers.

    Example: biobank specimens import-inventory inventory.tsv
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        done = actions.import_inventory(tx, file, strict=strict, progress=_tell)
        bad = {refusal.row: refusal.reason for refusal in actions.refusals(tx, done.file.id)}
        report = {"file": str(done.file.id), "is_new": done.is_new, "rows": done.file.rows, "added": done.file.added,
                  "changed": done.file.changed, "refused": done.file.refused}  # fmt: skip
    if as_json:
        click.echo(json.dumps(report | {"reasons": bad}))
        return
    for row, reason in bad.items():
        click.echo(f"Row {row}: {reason}", err=True)
    again = "" if done.is_new else "This file was read before; nothing changed. "
    click.echo(f"{again}{report['rows']} rows: {report['added']} new, {report['changed']} changed, "
               f"{report['refused']} refused.")  # fmt: skip


def _tell(rows: int, part: float) -> None:
    click.echo(f"\r{rows:,} rows, {part:.0%}", nl=part >= 1.0, err=True)


@click.command()
@click.option("--window", type=Window(), default="10d", show_default=True, help="How far back: 10d daily, 60d monthly.")
@click.option("--report", type=click.Choice(list(actions.Report)), help="One report as CSV in place of the counts.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, every line with its reports.")
@click.pass_obj
def reconcile(settings: Settings, window: timedelta, report: str | None, as_json: bool) -> None:
    """What was ordered against what arrived: received, missing, modified, overdue DNA, withdrawn.

    Example: biobank specimens reconcile --window 10d
    """
    with db.connect(settings).transaction(SYSTEM, read_only=True) as tx:
        if report is not None:
            for text in actions.as_csv(tx, window, actions.Report(report)):
                click.echo(text, nl=False)
        elif as_json:
            click.echo(json.dumps([_line(reports, line) for reports, line in actions.reconcile(tx, window)]))
        else:
            for name, count in actions.counts(tx, window).items():
                click.echo(f"{name:12} {count}")


def _line(reports: tuple[actions.Report, ...], line: actions.Line) -> dict[str, Any]:
    times = {name: at.isoformat() if at else None for name, at in (
        ("collected_at", line.collected_at), ("finalised_at", line.finalised_at),
        ("confirmed_at", line.confirmed_at), ("changed_at", line.changed_at))}  # fmt: skip
    return {"reports": list(reports), "biobank_id": line.biobank_id, "test": line.test, "order": line.order,
            "sent": line.sent, "received": line.received, "stored": line.stored} | times  # fmt: skip


@click.command()
@click.pass_obj
def sprec(settings: Settings) -> None:
    """Compute anew the sample codes (SPREC) of all tubes whose story went on since.

    Example: biobank specimens sprec
    """
    events.connect(wiring.TABLE)
    with db.connect(settings).transaction(SYSTEM) as tx:
        click.echo(f"{sum(1 for _ in sprec_codes.recompute(tx))} tubes were looked at.")
