"""The auditor's page of files that left: who took what, and whose a file is that turned up somewhere."""

from uuid import UUID

from flask import render_template, request

from biobank.access import exports
from biobank.access.security_models import Export
from biobank.web.api import keyset_page
from biobank.web.transaction import current_tx


def index() -> str:
    """Files that left, the newest first; one of them by its number or SHA-256."""
    wanted = request.args.get("file", "")
    after = request.args.get("after", type=UUID)
    rows, more = keyset_page(current_tx().session, exports.search(wanted), key=Export.id, after=after, limit=100)
    return render_template("access/exports.html", rows=rows, more=more, wanted=wanted)
