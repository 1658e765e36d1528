"""The live page of what was ordered against what arrived, with the inventory's files."""

import tempfile
from datetime import timedelta
from itertools import islice
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from biobank.errors import Invalid, Refused
from biobank.specimens.inventory import actions
from biobank.specimens.inventory.api import csv_answer
from biobank.web import problems
from biobank.web.transaction import current_tx

blueprint = Blueprint("inventory", __name__)
_SHOWN = 100
_DAYS = (10, 60)


@blueprint.get("/reconciliation")
def reconciliation() -> str:
    """Each report with its count, and the lines of one of them."""
    return _page()


@blueprint.get("/reconciliation.csv")
def csv() -> Response:
    """The lines of one report."""
    return csv_answer(_days(), _report())


@blueprint.post("/reconciliation")
def import_file() -> Response | tuple[str, int]:
    """Read a small inventory file; a large one is read by the command."""
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise Invalid("Choose the inventory file, tab separated.", code="no-file")
        with tempfile.NamedTemporaryFile() as kept:
            given.save(kept.name)
            done = actions.import_inventory(current_tx(), Path(kept.name), name=given.filename)
    except Refused as refusal:
        current_tx().session.rollback()
        return _page(refusal=problems.say(refusal)), refusal.status
    said = gettext("%(rows)s rows: %(added)s new, %(changed)s changed, %(refused)s refused.", rows=done.file.rows,
                   added=done.file.added, changed=done.file.changed, refused=done.file.refused)  # fmt: skip
    flash(said if done.is_new else gettext("This file was read before. Nothing changed."))
    return redirect(url_for("inventory.reconciliation"), 303)


def _page(**context: str) -> str:
    tx, window, report = current_tx(), timedelta(days=_days()), _report() or actions.Report.MISSING
    lines = (line for reports, line in actions.reconcile(tx, window) if report in reports)
    files = actions.files(tx)
    return render_template(
        "inventory/reconciliation.html", counts=actions.counts(tx, window), lines=list(islice(lines, _SHOWN)),
        report=report, days=_days(), choices=_DAYS, files=files, shown=_SHOWN,
        refusals=actions.refusals(tx, files[0].id) if files else [], **context,
    )  # fmt: skip


def _days() -> int:
    text = request.args.get("days", "")
    return int(text) if text in {str(days) for days in _DAYS} else _DAYS[0]


def _report() -> actions.Report | None:
    text = request.args.get("report", "")
    return actions.Report(text) if text in set(actions.Report) else None
