"""Waiting for a label: a station's question is answered the moment there is one, and costs nothing until then."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, request

from biobank import clock
from biobank.stations.print_models import PrintJob
from biobank.stations.print_queue import is_overdue, waits_for
from biobank.web import transaction
from biobank.web.news import Heard, News, Who


def await_labels(station_id: UUID, printers: Sequence[Mapping[str, Any]] | None, seconds: float) -> bool:
    """Wait until a label waits for one of the printers or a lease has run out, at most so long; False with no place.

    The request's transaction ends first: nothing is held meanwhile.
    """
    if not seconds:
        return True
    transaction.rest()
    study = transaction.databases().study

    def is_there() -> bool:
        wanted = sa.or_(waits_for(station_id, printers), is_overdue(station_id, clock.now()))
        with study.reading() as session:
            return session.scalar(sa.select(PrintJob.id).where(wanted).limit(1)) is not None

    news: News = current_app.extensions["biobank.news"]
    is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
    return news.wait(Who.DESK, is_there, seconds, is_gone) is not Heard.FULL
