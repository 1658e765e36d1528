"""Waiting for a visit's measurements to change, with no transaction open meanwhile."""

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
from flask import current_app, request

from biobank import clock
from biobank.access.guard import readmit
from biobank.measurements.drawing import State
from biobank.measurements.models import MeasurementRecord
from biobank.measurements.waiting import next_place
from biobank.stations.actions import is_alive
from biobank.stations.models import Station
from biobank.visits.models import Visit
from biobank.web import transaction
from biobank.web.news import Heard, News, Who

# What the mark is made of, but for the entries themselves: they stand while the version does.
_NOW = (
    sa.select(MeasurementRecord.version, MeasurementRecord.state, Visit.state, Station)
    .join(Visit, Visit.id == MeasurementRecord.visit_id)
    .outerjoin(Station, Station.id == Visit.station_id)
    .options(sa.orm.lazyload(Station.printers), sa.orm.lazyload(Station.site))
)


def wait_for_news(seen: State, seconds: float) -> Heard:
    """Wait until the page would show something else than `seen`; the request's transaction ends first.

    Raises NotSignedIn when the session ended meanwhile: news is for whoever may still see it.
    """
    transaction.rest()
    news: News = current_app.extensions["biobank.news"]
    is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
    heard = news.wait(Who.PAGE, _differs(seen), seconds, is_gone)
    if heard is Heard.NEWS:
        readmit()
    return heard


def _differs(seen: State) -> Callable[[], bool]:
    query = _NOW.where(Visit.id == seen.visit.id)
    study, known = transaction.databases().study, (seen.sheet.record.version, seen.sheet.record.state, seen.visit.state)

    def look() -> bool:
        with study.reading() as session:
            version, state, visit_state, station = session.execute(query).one()
            if (version, state, visit_state) != known:
                return True
            now = clock.now()
            devices = station.devices if station is not None and seen.visit.is_open and is_alive(station, now) else []
            return replace(seen, expected=next_place(seen.sheet, devices, now)).mark != seen.mark

    return look
