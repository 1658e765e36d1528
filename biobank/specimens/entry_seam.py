"""How a scan of a request came in, for every event of custody that the request makes."""

from contextlib import AbstractContextManager
from typing import Any

from flask import request

from biobank.specimens.entry import EnteredBy
from biobank.specimens.log_entry import entered
from biobank.web.transaction import current_tx


def as_entered() -> AbstractContextManager[None]:
    """What a page's scan field says of itself."""
    return entered(current_tx(), EnteredBy.read(request.form.get("entered_by")))


def as_told(given: dict[str, Any]) -> AbstractContextManager[None]:
    """What another programme says of its scan."""
    return entered(current_tx(), given["entered_by"])
