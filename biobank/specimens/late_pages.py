"""Scans that the page kept while there was no line: sent together, and those among them that need a look."""

from typing import Any

import marshmallow as ma
from flask import render_template

from biobank.errors import Invalid
from biobank.specimens import actions, bench_pages
from biobank.specimens.bench_pages import BANDS, Answer
from biobank.specimens.case_schemas import ScansSchema
from biobank.specimens.models import ScanOutcome
from biobank.specimens.receiving import incoming
from biobank.web import strict_json
from biobank.web.forms import read_form
from biobank.web.transaction import current_tx

# What a technician has to stop at, first.
_TONES = ("stop", "care", "note", "again", "good")


class KeptForm(ScansSchema):
    """The same scans as boxes of a form, each a JSON object."""

    @ma.pre_load
    def _read(self, given: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
        try:
            return {"scans": [strict_json.loads(text) for text in given["scans"]]}
        except ValueError as problem:
            raise ma.ValidationError(str(problem)) from None


def bench_scans() -> Answer:
    """Take scans in the order in which they were made. The band shows the one that most needs a hand."""
    values, errors = read_form(KeptForm())
    if errors:
        return bench_pages.refused(Invalid("Scan again: nothing that can be read was sent.", code="bad-scan"))
    made = actions.receive_scans(current_tx(), [incoming(scan) for scan in values["scans"]])
    worst = min(made, key=lambda scan: _TONES.index(BANDS[ScanOutcome(scan.outcome)][0]))
    told = render_template("specimens/_late.html", late=actions.count_late(current_tx()))
    return bench_pages.live_part(loud=True, shown=worst) + told


def late() -> str:
    """This person's scans of the last day that were sent later and are not simply received."""
    scans = [bench_pages.said(scan) for scan in actions.late_scans(current_tx())]
    return render_template("specimens/late.html", scans=scans)


ROUTES = (
    ("POST", "/bench/kept", bench_scans),
    ("GET", "/bench/late", late),
)
