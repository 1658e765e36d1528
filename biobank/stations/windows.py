"""Capture windows: from check-in to the end of a visit, what a station measures belongs to that visit."""

from uuid import UUID

import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Tx, insert_ignore
from biobank.errors import Conflict
from biobank.stations.desk import require_station
from biobank.stations.models import CaptureWindow


def open_window(tx: Tx, station_id: UUID, visit_id: UUID) -> CaptureWindow:
    """From now on what this station measures belongs to the visit. Refused while another visit has the station."""
    station = require_station(tx, station_id)
    if not station.active:
        raise Conflict("This station is out of service. Choose another one.", code="station-inactive")
    insert_ignore(tx.session, CaptureWindow, id=new_id(), station_id=station_id, visit_id=visit_id,
                  opened_at=clock.now())  # fmt: skip
    window = window_of(tx, station_id)
    if window is None or window.visit_id != visit_id:
        raise Conflict("Another visit is open at %(station)s. Finish or cancel it first, or choose another station.",
                       code="station-taken", station=station.name)  # fmt: skip
    return window


def close_windows(tx: Tx, visit_id: UUID) -> None:
    """What is measured from now on no longer belongs to this visit."""
    tx.session.execute(
        sa.update(CaptureWindow).filter_by(visit_id=visit_id, closed_at=None).values(closed_at=clock.now())
    )


def window_of(tx: Tx, station_id: UUID) -> CaptureWindow | None:
    """The open window of a station, held until this transaction ends so that nobody closes it meanwhile."""
    if tx.session.connection().execute(_OPEN, {"station": station_id}).first() is None:
        return None
    query = sa.select(CaptureWindow).filter_by(station_id=station_id, closed_at=None)
    return tx.session.scalar(query if tx.read_only else query.with_for_update(read=True))


# Asked with every delivery and mostly answered with no, so it is prepared once and stays clear of the ORM.
_OPEN = sa.select(CaptureWindow.id).where(
    CaptureWindow.station_id == sa.bindparam("station"), CaptureWindow.closed_at.is_(None)
)
