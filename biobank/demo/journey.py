"""What happened to the demonstration's participants: visits, draws, shipments and receipts, at their own times."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

from biobank import clock
from biobank.db import Databases, Tx
from biobank.demo import people
from biobank.demo.people import Made
from biobank.measurements import actions as measurements
from biobank.participants import actions as participants
from biobank.participants.eligibility import EligibilityAnswers
from biobank.participants.models import WithdrawalReason
from biobank.specimens import actions as specimens
from biobank.specimens.models import Rotor, Tube
from biobank.specimens.shipping_models import Shipment
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.cold import Cold
from biobank.stations import actions as stations
from biobank.stations.models import PrintState
from biobank.visits import actions as visits

if TYPE_CHECKING:
    from biobank.demo.seed import Programme

YES = EligibilityAnswers(
    lives_in_united_states=True, can_consent_alone=True, is_incarcerated=False, has_consent_on_file=True
)  # fmt: skip
NOTHING_AGAINST = specimens.Answers(
    whole_blood=False, red_cells=False, plasma=False, transfusion=False, fainted=False
)  # fmt: skip
_CLERK = {"CHI": "carla", "PHX": "pedro"}
_DESK = {"CHI": "CHI Desk 2", "PHX": "PHX Counter"}


def tracking_number(number: int) -> str:
    """A UPS number: 15 signs and a check digit (odd places once, even ones twice, from the sum up to the next ten)."""
    body = f"999AA101{number:07}"
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    return f"1Z{body}{-(sum(values[0::2]) + 2 * sum(values[1::2])) % 10}"


class Journey:
    """Walks people through the programme, each step in its own transaction at its own moment."""

    def __init__(self, databases: Databases, programme: "Programme") -> None:
        self.databases = databases
        self.programme = programme
        self.numbers = count(1)
        self.in_transit: list[UUID] = []
        self.stored_tube_id = UUID(int=0)
        self.box_code = ""

    @contextmanager
    def _as(self, username: str, moment: datetime) -> Iterator[Tx]:
        with clock.at(moment), self.databases.transaction(self.programme.actor(username)) as tx:
            yield tx

    def enrol(self, site: str, moment: datetime) -> tuple[UUID, Made]:
        person = people.make(next(self.numbers))
        with self._as(_CLERK[site], moment) as tx:
            made = participants.enrol(
                tx, first_name=person.first_name, last_name=person.last_name, born_on=person.born_on,
                language=person.language, email=person.email, answers=YES, site_id=self.programme.sites[site].id,
            )  # fmt: skip
        return made.id, person

    def check_in(self, site: str, participant_id: UUID, moment: datetime, desk: str | None = None) -> UUID:
        with self._as(_CLERK[site], moment) as tx:
            return visits.check_in(tx, participant_id=participant_id, answers=YES,
                                   station_id=self.programme.desks[desk or _DESK[site]]).id  # fmt: skip

    def measure(self, site: str, visit_id: UUID, person: Made, moment: datetime, *, all_of_it: bool = True) -> None:
        """Type everything in; or, not `all_of_it`, height and weight and the first blood pressure only."""
        values: list[tuple[str, int | None, str, str]] = [("height", None, person.height, "cm"),
                                                          ("weight", None, person.weight, "kg")]  # fmt: skip
        for number, reading in enumerate(person.pressure if all_of_it else person.pressure[:1], start=1):
            for name, text, unit in zip(
                ("systolic", "diastolic", "heart_rate"), reading, ("mmHg", "mmHg", "/min"), strict=True
            ):
                values.append((name, number, text, unit))
        if all_of_it:
            values += [
                (part, number, text, "cm")
                for part, text in (("waist", person.waist), ("hip", person.hip))
                for number in (1, 2)
            ]
        with self._as(_CLERK[site], moment) as tx:
            for name, place, text, unit in values:
                sheet = measurements.record_value(tx, visit_id, field=name, replicate=place, text=text, unit=unit)
            for alert in sheet.open_alerts if all_of_it else ():
                measurements.acknowledge_alert(tx, visit_id, alert.code, "Rested five minutes, told the participant.")
            if all_of_it:
                version = measurements.sheet_of(tx, visit_id).record.version
                measurements.finalise(tx, visit_id, version)

    def draw(self, site: str, participant_id: UUID, moment: datetime) -> None:
        """The whole tube set: labels printed and applied, collected, spun forty minutes later, signed off."""
        with self._as(_CLERK[site], moment) as tx:
            order = specimens.start_order(
                tx, donor_id=participants.donor_of(tx, participant_id), site_id=self.programme.sites[site].id,
                answers=NOTHING_AGAINST, collection_station_id=self.programme.desks[_DESK[site]],
            )  # fmt: skip
            specimens.print_labels(tx, order.id)
            self._print_all(tx, self.programme.desks[_DESK[site]])
            for tube in order.tubes:
                for _ in range(tube.labels):
                    specimens.apply_label(tx, order.id, tube.code)
        with self._as(_CLERK[site], moment + timedelta(minutes=6)) as tx:
            specimens.collect(tx, order.id)
        with self._as(_CLERK[site], moment + timedelta(minutes=52)) as tx:
            spin = specimens.Spin(g=1300, minutes=15, celsius=Decimal("20"), rotor=Rotor.SWINGING)
            for tube in specimens.find_order(tx, order.id).tubes:
                if tube.kind in ("1SS08", "PS04A", "PS04B"):
                    specimens.process(tx, order.id, tube_ids=[tube.id], spin=spin)
            specimens.finalise_order(tx, order.id)

    def _print_all(self, tx: Tx, station_id: UUID) -> None:
        """What the desk's station would have done with its labels."""
        while work := stations.claim_print_jobs(tx, station_id):
            for piece in work:
                for state in (PrintState.SENDING, PrintState.SENT, PrintState.PRINTED):
                    stations.report_print_job(tx, piece.job.id, state, "", lease=piece.job.lease)

    def complete(self, site: str, visit_id: UUID, moment: datetime) -> None:
        with self._as(_CLERK[site], moment) as tx:
            visits.complete_visit(tx, visit_id)

    def whole_visit(self, site: str, moment: datetime) -> None:
        """Enrolled, measured, drawn, done: about an hour and a half."""
        participant_id, person = self.enrol(site, moment)
        visit_id = self.check_in(site, participant_id, moment + timedelta(minutes=5))
        self.measure(site, visit_id, person, moment + timedelta(minutes=20))
        self.draw(site, participant_id, moment + timedelta(minutes=30))
        self.complete(site, visit_id, moment + timedelta(minutes=88))

    def day_of_visits(self, morning: datetime, visits: int) -> None:
        for number in range(visits):
            site = "CHI" if number % 2 == 0 else "PHX"
            self.whole_visit(site, morning + timedelta(hours=2 * (number // 2)))

    def ship(self, site: str, moment: datetime) -> None:
        """Everything that waits at a site goes into one box and one parcel."""
        site_id = self.programme.sites[site].id
        with self._as(_CLERK[site], moment) as tx:
            waiting = specimens.waiting(tx, site_id)
            if not waiting:
                return
            box = specimens.open_box(tx, site_id)
            for tube in waiting:
                specimens.pack(tx, box.id, tube.code)
            shipment = specimens.ship(tx, site_id, [box.id])
            tracking = tracking_number(next(self.numbers))
            specimens.hand_over(tx, shipment.id, tracking=tracking, again=tracking, is_packed_by_p650=True)
            self.in_transit.append(shipment.id)

    def set_up_freezers(self, moment: datetime) -> None:
        """One ultra-low freezer with a box of stock and one of quarantine, and a refrigerator."""
        with self._as("ben", moment) as tx:
            site_id = self.programme.sites["MIN"].id
            layout = storage.Layout(shelves=3, racks=3, boxes=4)
            freezer = storage.add_freezer(tx, site_id=site_id, name="Ultra 1", cold=Cold.ULTRA_LOW, layout=layout)
            shelf = storage.draw(tx, freezer).slots[0]
            rack = shelf.slots[0] if shelf else None
            if rack is not None:
                self.box_code = storage.add_box(tx, rack.place.id, name="Blood 001", rows=10, columns=10).code
                storage.add_box(tx, rack.place.id, name="Set apart", rows=9, columns=9, is_quarantine=True)
            storage.add_freezer(tx, site_id=site_id, name="Cold room", cold=Cold.REFRIGERATOR,
                                layout=storage.Layout(shelves=2, racks=2, boxes=4))  # fmt: skip

    def receive(self, moment: datetime) -> None:
        """The oldest parcel on its way is opened at the biobank, each tube scanned and put away."""
        if not self.in_transit:
            return
        shipment_id = self.in_transit.pop(0)
        with self._as("ben", moment) as tx:
            shipment = specimens.find_shipment(tx, shipment_id)
            specimens.receive_scan(tx, shipment.code)
            specimens.record_temperature(tx, shipment_id, celsius=Decimal("4.5"))
            box = self.box_code
            for tube in self._tubes_of(tx, shipment):
                specimens.receive_scan(tx, tube.code)
                specimens.put_away(tx, tube.id, box)
                self.stored_tube_id = tube.id
            specimens.close_receipt(tx, shipment_id, missing=0)

    @staticmethod
    def _tubes_of(tx: Tx, shipment: Shipment) -> list[Tube]:
        return [tube for box in shipment.boxes for tube in specimens.tubes_in(tx, box.id)]

    def today(self, now: datetime) -> None:
        """Today: one being measured, one drawn, two expected, one enrolled and not come yet, one who left the study."""
        early = now - timedelta(minutes=100)
        measured, person = self.enrol("CHI", early)
        visit_id = self.check_in("CHI", measured, early + timedelta(minutes=75))
        self.measure("CHI", visit_id, person, early + timedelta(minutes=90), all_of_it=False)
        drawn, person = self.enrol("PHX", early)
        visit_id = self.check_in("PHX", drawn, early + timedelta(minutes=4))
        self.measure("PHX", visit_id, person, early + timedelta(minutes=20))
        self.draw("PHX", drawn, early + timedelta(minutes=30))
        for minutes in (25, 70):
            expected, _ = self.enrol("CHI", early)
            with self._as("carla", early) as tx:
                visits.book(tx, expected, self.programme.sites["CHI"].id, now + timedelta(minutes=minutes))
        self.enrol("CHI", early)
        left, _ = self.enrol("CHI", early)
        with self._as("carla", early + timedelta(minutes=1)) as tx:
            participants.withdraw(tx, left, WithdrawalReason.NOT_SAID)
