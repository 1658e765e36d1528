"""When looking is unusual: rules over what one person did, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from biobank.access.watch_models import Unusual

PEOPLE_AN_HOUR = 30
REFUSALS_AN_HOUR = 5
OPENS, CLOSES = 6, 21


@dataclass(frozen=True)
class Hour:
    """What one person did in the hour up to this moment: people seen, sign-ins refused, records of others opened."""

    at: datetime
    zone: str
    people: int = 0
    refusals: int = 0
    openings: int = 0

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True)
class Finding:
    """Something unusual, how much of it, and the stretch of time within which it is told once."""

    kind: Unusual
    count: int
    stretch: str


def is_after_hours(moment: datetime, zone: str) -> bool:
    """Before six in the morning or from nine in the evening, by the site's own clock."""
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return hour < OPENS or hour >= CLOSES


def findings(hour: Hour) -> Iterator[Finding]:
    """What an auditor should hear of."""
    this_hour, this_night = f"{hour.local:%Y-%m-%d %H}h", f"{hour.local:%Y-%m-%d}"
    if hour.people > PEOPLE_AN_HOUR:
        yield Finding(Unusual.MANY_PEOPLE, hour.people, this_hour)
    if hour.people and is_after_hours(hour.at, hour.zone):
        yield Finding(Unusual.AFTER_HOURS, hour.people, this_night)
    if hour.openings:
        yield Finding(Unusual.OTHER_SITE, hour.openings, this_hour)
    if hour.refusals >= REFUSALS_AN_HOUR:
        yield Finding(Unusual.REFUSED_OFTEN, hour.refusals, this_hour)
