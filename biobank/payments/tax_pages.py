"""A year's sums for the tax office on finance's page, and as CSV: by F code alone."""

from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext

from biobank import clock
from biobank.errors import NotFound
from biobank.payments import tax
from biobank.web.transaction import current_tx


def _year() -> int:
    asked = request.args.get("year", clock.now().year, type=int)
    if not 2000 <= asked <= clock.now().year:
        raise NotFound(gettext("There are no payments of this year. Choose one from the list."))
    return asked


def show_tax() -> str:
    """The year's total, its threshold, and who reaches it."""
    tx = current_tx()
    return render_template("payments/tax.html", found=tax.of_year(tx, _year()), years=tax.years(tx))


def tax_sheet() -> Response:
    """Every payee's sum of the year."""
    year = _year()
    response = Response(tax.sheet(current_tx(), year), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="payments-{year}.csv"'
    return response


ROUTES: tuple[tuple[str, str, str, Any], ...] = (
    ("/payments/tax", "GET", "tax", show_tax),
    ("/payments/tax.csv", "GET", "tax_sheet", tax_sheet),
)
