"""When this happens, that follows: the only place where slices meet, run in the same transaction."""

from collections.abc import Iterable, Mapping

from biobank.events import Reaction
from biobank.stations.verify import verify_station as verify_station  # noqa: PLC0414 - offered to the application

TABLE: Mapping[type, Iterable[Reaction]] = {}
