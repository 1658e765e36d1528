"""`biobank payments`: statements in, matched, books checked, months closed, for who lives in a terminal."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from biobank import clock, db, events, wiring
from biobank.access import actions as access
from biobank.actor import SYSTEM, Actor, Role
from biobank.config import Settings
from biobank.db import Databases
from biobank.errors import Conflict, Forbidden
from biobank.payments import actions, checklist, nightly, periods, seals
from biobank.payments.checklist import Point
from biobank.payments.equations import Equation, Unit
from biobank.payments.models import StatementForm
from biobank.payments.statement_files import Source

FORMS = [str(form) for form in StatementForm if form is not StatementForm.MAPPED_CSV]


@click.group()
def payments() -> None:
    """The $25, and the bank's word on it.

    Example: biobank payments import-statement november.csv --format csv
    """


@payments.command("import-statement")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(FORMS), required=True)
@click.option("--account", default="1100", show_default=True, help="1100 the provider's balance, 1000 the bank.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def import_statement(settings: Settings, file: Path, kind: str, account: str, as_json: bool) -> None:
    """Read a statement whole, or refuse it whole. The same file twice is one file.

    Example: biobank payments import-statement november.csv --format csv
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        kept = actions.import_statement(tx, file.read_bytes(), Source(form=StatementForm(kind), account=account))
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


def _figure(cents: int, unit: Unit = Unit.CENTS) -> str:
    sign = "-" if cents < 0 else ""
    return str(cents) if unit is Unit.COUNT else f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _said(equations: Iterable[Equation]) -> str:
    rows = [
        f"{'ok   ' if not one.difference else 'WRONG'} {_figure(one.difference, one.unit):>12}  {one.name}"
        for one in equations
    ]
    return "\n".join(rows)


@payments.command("check")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def check(settings: Settings, as_json: bool) -> None:
    """Look at every equation of the books; run it each night. Exits 1 where one does not hold.

    Example: biobank payments check
    """
    with db.connect(settings).transaction(SYSTEM) as tx:
        found = nightly.check(tx)
    report = [{"code": one.code, "expected": one.expected, "found": one.found, "difference": one.difference}
              for one in found]  # fmt: skip
    click.echo(json.dumps(report) if as_json else _said(found))
    if any(one.difference for one in found):
        raise Conflict("The books do not hold. Each difference is asked about under Exceptions.")


@payments.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Compare the entries of every closed month with what was signed and sealed. Exits 1 where one differs.

    Example: biobank payments verify
    """
    with db.connect(settings).transaction(SYSTEM, read_only=True) as tx:
        found = seals.verify(tx)
    report = [asdict(one) for one in found]
    rows = [f"{_verdict(one.wrong)}  {one.month}  {one.entries} entries  {one.sha256}" for one in found]
    click.echo(json.dumps(report) if as_json else "\n".join(rows) or "No month is closed yet.")
    if any(one.wrong for one in found):
        raise Conflict("A closed month is not as it was signed. Keep the database as it is, and call support.")


def _verdict(wrong: Sequence[str]) -> str:
    return f"WRONG {', '.join(wrong)}" if wrong else "ok"


def _person(databases: Databases, settings: Settings, username: str) -> Actor:
    password = click.prompt("Password", hide_input=True, err=True)
    token = access.sign_in(databases, settings, username=username, password=password, address="terminal")
    with databases.transaction() as tx:
        actor = access.session_of(tx, settings, token).actor
        access.sign_out(tx, token)
    if not actor.has(Role.FINANCE):
        raise Forbidden("Only finance closes a month.")
    return actor


@payments.command("close")
@click.argument("month")
@click.option("--lock", "step", flag_value="lock", help="Shut the month for entries, lines and matches.")
@click.option("--sign", "step", flag_value="sign", help="Sign the locked month; a second person then closes it.")
@click.option("--user", help="Who locks or signs.")
@click.pass_obj
def close(settings: Settings, month: str, step: str | None, user: str | None) -> None:
    """Show a month's checklist (YYYY-MM), lock it, or sign it. Whoever approves it on the page closes it.

    Example: biobank payments close 2026-11 --lock --user fiona
    """
    if step and not user:
        raise click.UsageError("--lock and --sign need --user.")
    databases = db.connect(settings)
    events.connect(wiring.TABLE)
    actor = _person(databases, settings, user) if user else SYSTEM
    with databases.transaction(actor) as tx:
        if step == "lock":
            periods.lock(tx, month)
        if step == "sign":
            click.echo(f"Signed. The pack's hash is {periods.sign(tx, month).sha256}.")
        period = periods.period_of(tx, month)
        rows = [_point(point) for point in checklist.points(tx, period)]
        click.echo(f"{month} is {period.state}, {clock.now():%Y-%m-%d %H:%M} UTC.\n" + "\n".join(rows))


def _point(point: Point) -> str:
    said = "ok     " if not point.count else "STOPS  " if point.is_blocker else "waived " if point.waived else "warning"
    return f"{said} {point.count:>6}  {point.name}"
