"""When this happens, that follows: the only place where slices meet, run in the same transaction."""

from collections.abc import Iterable, Mapping

from biobank import clock
from biobank.db import Tx
from biobank.events import Reaction
from biobank.measurements import actions as measurements
from biobank.measurements.events import MeasurementsFinalised
from biobank.stations.events import ReadingClaimed
from biobank.stations.verify import verify_station as verify_station  # noqa: PLC0414 - offered to the application
from biobank.visits import actions as visits
from biobank.visits.events import VisitCheckedIn
from biobank.visits.models import Step


def _open_measurements(tx: Tx, event: VisitCheckedIn) -> None:
    measurements.open_record(tx, event.visit_id, event.participant_id, clock.now())


def _finish_measurements(tx: Tx, event: MeasurementsFinalised) -> None:
    visits.finish_step(tx, event.visit_id, Step.MEASUREMENTS, "final")


TABLE: Mapping[type, Iterable[Reaction]] = {
    VisitCheckedIn: (_open_measurements,),
    ReadingClaimed: (measurements.record_reading,),
    MeasurementsFinalised: (_finish_measurements,),
}
