"""A believable fortnight: two clinics, a biobank, staff for every role, participants at every stage."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from biobank import clock
from biobank.access import actions as access
from biobank.access.models import Site, SiteKind
from biobank.actor import SYSTEM, Actor, Role
from biobank.db import Databases, Tx
from biobank.demo.journey import Journey
from biobank.stations import actions as stations

PASSWORD = "walk in the park"  # noqa: S105 - of made-up people on a made-up programme
TECHNICIAN = "ben"
DESKS = (("CHI", "Desk 1"), ("CHI", "Desk 2"), ("PHX", "Counter"))
_SITES = (
    ("CHI", "Lakeside Clinic, Chicago", SiteKind.CLINIC, "America/Chicago"),
    ("PHX", "Desert Pharmacy, Phoenix", SiteKind.CLINIC, "America/Phoenix"),
    ("MIN", "Central Biobank, Rochester", SiteKind.BIOBANK, "America/Chicago"),
    ("DC", "Programme Office, Washington", SiteKind.OFFICE, "America/New_York"),
)
# Two of those who sign for one another.
_STAFF = (
    ("carla", "Carla Reyes", Role.CLINIC, "CHI"),
    ("cleo", "Cleo Vance", Role.CLINIC, "CHI"),
    ("pedro", "Pedro Stone", Role.CLINIC, "PHX"),
    (TECHNICIAN, "Ben Okafor", Role.BIOBANK, "MIN"),
    ("bea", "Bea Lund", Role.BIOBANK, "MIN"),
    ("fiona", "Fiona Hart", Role.FINANCE, "DC"),
    ("felix", "Felix Moreau", Role.FINANCE, "DC"),
    ("adam", "Adam Lind", Role.ADMINISTRATOR, "DC"),
    ("ada", "Ada Quist", Role.AUDITOR, "DC"),
)


@dataclass
class Programme:
    """What was made: the places, who works there, and the desk with the simulated devices."""

    sites: dict[str, Site] = field(default_factory=dict)
    staff: dict[str, Actor] = field(default_factory=dict)
    station_id: UUID = UUID(int=0)
    desks: dict[str, UUID] = field(default_factory=dict)
    stored_tube_id: UUID = UUID(int=0)

    def actor(self, username: str) -> Actor:
        return self.staff[username]


def sign_ins() -> Collection[tuple[str, str, str]]:
    """Name, role and site of everybody who may sign in."""
    return [(username, role, site) for username, _, role, site in _STAFF]


def fill(databases: Databases, *, public_keys: Sequence[str], full: bool) -> Programme:
    """Make the places, the people, and desks with these keys; with `full` also a fortnight of visits and shipments."""
    programme = Programme()
    with databases.transaction(SYSTEM) as tx:
        for code, name, kind, zone in _SITES:
            programme.sites[code] = access.add_site(tx, code=code, name=name, kind=kind, zone=zone)
        for username, name, role, site in _STAFF:
            added = access.add_staff(
                tx, username=username, display_name=name, password=PASSWORD, roles=[role],
                site_id=programme.sites[site].id,
            )  # fmt: skip
            programme.staff[username] = access.actor_of(added)
        _add_desks(tx, programme, public_keys)
    if full:
        _live(databases, programme)
    return programme


def _add_desks(tx: Tx, programme: Programme, public_keys: Sequence[str]) -> None:
    for (site, name), key in zip(DESKS, public_keys, strict=True):
        desk = stations.add_station(tx, site_id=programme.sites[site].id, name=name, public_key=key)
        stations.add_printer(tx, desk.id, name="labels", dpi=203, kind="tcp")
        programme.desks[f"{site} {name}"] = desk.id
    programme.station_id = programme.desks["CHI Desk 1"]


def _live(databases: Databases, programme: Programme) -> None:
    """Fourteen days in order: visits each working day, a shipment every third day, the last one still on its way."""
    end = clock.now()
    journey = Journey(databases, programme)
    start = end - timedelta(days=14)
    journey.set_up_freezers(start)
    for day in range(13):
        morning = (start + timedelta(days=day)).replace(hour=15, minute=0)
        journey.day_of_visits(morning, visits=0 if day % 7 == 6 else 2)
        if day % 3 == 2:
            journey.ship("CHI", morning + timedelta(hours=6))
        if day % 3 == 0 and 0 < day < 12:
            journey.receive(morning + timedelta(hours=2))
    journey.today(end)
    programme.stored_tube_id = journey.stored_tube_id
