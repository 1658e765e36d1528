"""When looking is unusual: rules over what one person did, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from zoneinfo import ZoneInfo

from biobank.access.watch_models import Unusual

PEOPLE_AN_HOUR = 30
REFUSALS_AN_HOUR = 5
DENIALS_A_MINUTE = 5
OPENS, CLOSES = 6, 21


@dataclass(frozen=True)
class Hour:
    """What one person did in the hour up to this moment: people seen, sign-ins refused, records of others opened.

    `denials` are those of the last minute; `networks` is from how many networks they signed in.
    """

    at: datetime
    zone: str
    people: int = 0
    refusals: int = 0
    openings: int = 0
    denials: int = 0
    networks: int = 1

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


def network_of(address: str) -> str:
    """The network somebody is in, as wide as one provider or campus: /16 of IPv4, /32 of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) and found.ipv4_mapped else found
    return str(ip_network((inner, 16 if inner.version == 4 else 32), strict=False))


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
    if hour.denials >= DENIALS_A_MINUTE:
        yield Finding(Unusual.DENIED_OFTEN, hour.denials, this_hour)
    if hour.networks > 1:
        yield Finding(Unusual.OTHER_NETWORK, hour.networks, this_hour)
