"""Donors, orders, tubes and shipments, made up, as far along as a test needs them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from biobank import clock
from biobank.access.actions import add_site
from biobank.access.models import Site, SiteKind
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.participants.actions import donor_of
from biobank.specimens import actions, log, orders
from biobank.specimens.custody import EventType
from biobank.specimens.models import CollectionOrder, Container, Donor, ReceiptScan, Rotor, Shipment, StoragePlace, Tube
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.cold import Cold
from biobank.stations.actions import add_printer
from tests.participants.factories import make_participant, make_site
from tests.visits.factories import make_station

NO_TO_ALL = actions.Answers(whole_blood=False, red_cells=False, plasma=False, transfusion=False, fainted=False)
SWINGING = actions.Spin(g=1300, minutes=10, celsius=Decimal("21.5"), rotor=Rotor.SWINGING)
TRACKING = "1Z999AA10123456784"


@dataclass(frozen=True)
class Desk:
    """A clinic with a station and its label printer."""

    site: Site
    station_id: UUID


def make_desk(tx: Tx) -> Desk:
    site = make_site(tx)
    station = make_station(tx, site.id)
    add_printer(tx, station.id, name="labels", dpi=203, kind="file")
    return Desk(site, station.id)


def make_donor(tx: Tx, site_id: UUID | None = None) -> Donor:
    """The donor that an enrolment makes."""
    participant = make_participant(tx, site_id)
    return tx.session.get_one(Donor, donor_of(tx, participant.id))


def make_order(tx: Tx, desk: Desk | None = None, answers: actions.Answers = NO_TO_ALL) -> CollectionOrder:
    desk = desk or make_desk(tx)
    donor = make_donor(tx, desk.site.id)
    return actions.start_order(
        tx, donor_id=donor.id, site_id=desk.site.id, answers=answers, collection_station_id=desk.station_id
    )


def make_labelled(tx: Tx, desk: Desk | None = None) -> CollectionOrder:
    """Every label printed and on its tube."""
    order = make_order(tx, desk)
    actions.print_labels(tx, order.id)
    for tube in order.tubes:
        for _ in range(tube.labels):
            actions.apply_label(tx, order.id, tube.code)
    return order


def make_ready(tx: Tx, desk: Desk | None = None) -> CollectionOrder:
    """Every label on its tube as far as the tubes know, without the work of a printer: for what comes after it."""
    order = make_order(tx, desk)
    for tube in order.tubes:
        for event in (EventType.LABEL_PRINTED, EventType.LABEL_APPLIED):
            log.record(tx, tube, event)
    orders.settle(order)
    tx.session.flush()
    return order


def make_collected(tx: Tx, desk: Desk | None = None, *, ago: timedelta = timedelta(hours=1)) -> CollectionOrder:
    """Every tube drawn, an hour ago."""
    order = make_ready(tx, desk)
    actions.collect(tx, order.id, at=clock.now() - ago)
    return order


def make_finalised(tx: Tx, desk: Desk | None = None) -> CollectionOrder:
    """Every tube drawn, those spun that must be, signed off."""
    order = make_collected(tx, desk)
    actions.process(tx, order.id, spin=SWINGING)
    return actions.finalise_order(tx, order.id)


def make_box(tx: Tx, desk: Desk | None = None) -> tuple[Container, list[Tube]]:
    """An open box that holds one order's tubes."""
    desk = desk or make_desk(tx)
    order = make_finalised(tx, desk)
    box = actions.open_box(tx, desk.site.id)
    return box, [actions.pack(tx, box.id, tube.code).tube for tube in order.tubes]


def make_sent(tx: Tx, desk: Desk | None = None, tracking: str = TRACKING) -> tuple[Shipment, list[Tube]]:
    """A shipment in the carrier's hands."""
    desk = desk or make_desk(tx)
    box, tubes = make_box(tx, desk)
    shipment = actions.ship(tx, desk.site.id, [box.id])
    actions.hand_over(tx, shipment.id, tracking=tracking, is_packed_by_p650=True)
    return shipment, tubes


def make_opened(tx: Tx, desk: Desk | None = None, celsius: str = "4.5") -> tuple[Shipment, list[Tube]]:
    """A shipment open at the bench, its temperature recorded, no tube scanned."""
    shipment, tubes = make_sent(tx, desk)
    actions.receive_scan(tx, shipment.code)
    actions.record_temperature(tx, shipment.id, celsius=Decimal(celsius))
    return shipment, tubes


def make_store(tx: Tx, *, quarantine: bool = False, size: int = 9, cold: Cold = Cold.ULTRA_LOW) -> StoragePlace:
    """An empty box in a freezer of its own."""
    site = add_site(tx, code=f"ST{new_id().hex[-8:]}", name="Store", kind=SiteKind.BIOBANK, zone="America/Chicago")
    layout = storage.Layout(shelves=1, racks=1, boxes=2)
    freezer = storage.add_freezer(tx, site_id=site.id, name="Ultra", cold=cold, layout=layout)
    shelf = storage.draw(tx, freezer).slots[0]
    assert shelf
    assert shelf.slots[0]
    rack = shelf.slots[0].place
    return storage.add_box(tx, rack.id, name="Box", rows=size, columns=size, is_quarantine=quarantine)


def make_received(tx: Tx, desk: Desk | None = None) -> list[Tube]:
    """One order's tubes, received at the bench and waiting to be put away."""
    _shipment, tubes = make_opened(tx, desk)
    for tube in tubes:
        actions.receive_scan(tx, tube.code)
    return tubes


def scan(databases: Databases, actor: Actor, code: str) -> ReceiptScan:
    """One scan in a transaction of its own, as at a bench."""
    with databases.transaction(actor) as tx:
        return actions.receive_scan(tx, code)


def make_bench(tx: Tx, number: int = 1) -> Actor:
    """Somebody at a bench of the biobank."""
    code = f"BB{number}"
    site = add_site(tx, code=code, name="Biobank", kind=SiteKind.BIOBANK, zone="America/Chicago")
    return Actor(kind="staff", name=f"Ben Bench {number}", id=new_id(), site_id=site.id, zone=site.zone,
                 roles=frozenset({Role.BIOBANK}))  # fmt: skip
