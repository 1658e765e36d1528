"""When this happens, that follows: the only place where slices meet, run in the same transaction."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from biobank import clock
from biobank.access import networks, staff
from biobank.access.events import ApprovalGiven, ApprovalRefused
from biobank.actor import Role
from biobank.db import Tx
from biobank.events import Reaction
from biobank.measurements import actions as measurements
from biobank.measurements.events import MeasurementsFinalised
from biobank.measurements.own_records import own_records as measurement_records
from biobank.participants import actions as participants
from biobank.participants.events import (
    IdentityNeeded,
    ParticipantDied,
    ParticipantEnrolled,
    ParticipantWithdrawn,
    RecordsAsked,
    RegistrationsMerged,
)
from biobank.participants.leaving import record_death
from biobank.payments import (
    ach,
    book_facts,
    bookings,
    caps,
    cash,
    periods,
    revoking,
    site_equations,
    wishes,
    write_offs,
)
from biobank.payments import actions as payments
from biobank.payments.attempts import is_owed
from biobank.payments.models import ResolutionCode
from biobank.payments.one_person import join_payees
from biobank.payments.own_records import own_records as payment_records
from biobank.payments.policy import Facts
from biobank.specimens import actions as specimens
from biobank.specimens.events import OrderFinalised, TubeKept
from biobank.specimens.own_records import own_records as tube_records
from biobank.specimens.own_records import tube_codes_of
from biobank.specimens.sprec import actions as sprec
from biobank.specimens.withdrawal import actions as withdrawal
from biobank.stations import actions as stations
from biobank.stations.events import ReadingClaimed
from biobank.stations.verify import verify_station as verify_station  # noqa: PLC0414 - offered to the application
from biobank.visits import actions as visits
from biobank.visits.events import VisitCancelled, VisitCheckedIn, VisitCompleted
from biobank.visits.models import CancelReason, Step
from biobank.visits.own_records import own_records as visit_records
from biobank.visits.own_records import visit_ids_of
from biobank.visits.places import sites_of as sites_of  # noqa: PLC0414 - offered to the application


def _open_measurements(tx: Tx, event: VisitCheckedIn) -> None:
    measurements.open_record(tx, event.visit_id, event.participant_id, clock.now())


def _finish_measurements(tx: Tx, event: MeasurementsFinalised) -> None:
    visits.finish_step(tx, event.visit_id, Step.MEASUREMENTS, "final")


def _add_donor(tx: Tx, event: ParticipantEnrolled) -> None:
    specimens.add_donor(tx, event.donor_id, event.biobank_code)


def _hold_tubes(tx: Tx, event: ParticipantWithdrawn) -> None:
    specimens.hold_donor(tx, event.donor_id, "withdrawal")


def _finish_samples(tx: Tx, event: OrderFinalised) -> None:
    visit = visits.open_visit_of(tx, participants.participant_of_donor(tx, event.donor_id))
    # A collection may outlive its visit, when the visit was cancelled meanwhile.
    if visit is not None:
        visits.finish_step(tx, visit.id, Step.SAMPLES, event.outcome)


def _cancel_visits(tx: Tx, event: ParticipantWithdrawn) -> None:
    visits.cancel_open_visits(tx, event.participant_id)
    stations.quarantine(tx, visit_ids_of(tx, event.participant_id))


def _stop_prints(tx: Tx, event: ParticipantWithdrawn) -> None:
    card = participants.participant_of(tx, event.participant_id).clinic_code
    stations.stop_prints(tx, [card, *tube_codes_of(tx, event.donor_id)])


def _end_visits(tx: Tx, event: ParticipantDied) -> None:
    visits.cancel_open_visits(tx, event.participant_id, CancelReason.OTHER)


def _record_death(tx: Tx, event: ApprovalGiven) -> None:
    record_death(tx, UUID(event.subject))


def _pay_once(tx: Tx, event: RegistrationsMerged) -> None:
    visits.cancel_open_visits(tx, event.merged_id, CancelReason.OTHER)
    revoked = join_payees(tx, kept_id=event.kept_payee_id, merged_id=event.merged_payee_id, site_id=event.site_id)
    if not revoked:
        event.paid_twice.append(True)


def _gather_records(tx: Tx, event: RecordsAsked) -> None:
    event.records.extend(visit_records(tx, event.participant_id))
    event.records.extend(measurement_records(tx, event.participant_id))
    event.records.extend(tube_records(tx, event.donor_id))
    event.records.extend(payment_records(tx, event.payee_id))


def _open_window(tx: Tx, event: VisitCheckedIn) -> None:
    stations.open_window(tx, event.station_id, event.visit_id)


def _close_windows(tx: Tx, event: VisitCompleted | VisitCancelled) -> None:
    stations.close_windows(tx, event.visit_id)


def _add_payee(tx: Tx, event: ParticipantEnrolled) -> None:
    payments.add_payee(tx, event.payee_id, event.finance_code)


def _owe_payment(tx: Tx, event: VisitCompleted) -> None:
    payee_id = participants.payee_of(tx, event.participant_id)
    outcomes = visits.outcomes_of(tx, event.visit_id)
    facts = Facts(is_complete=True, measurements=outcomes.get(Step.MEASUREMENTS, ""),
                  samples=outcomes.get(Step.SAMPLES, ""))  # fmt: skip
    payments.entitle(tx, payee_id=payee_id, site_id=event.site_id, earned_at=event.at, facts=facts)


def _set_roles(tx: Tx, event: ApprovalGiven) -> None:
    staff.set_roles(tx, UUID(event.subject), [Role(role) for role in event.payload["roles"]])


def _let_network_in(tx: Tx, event: ApprovalGiven) -> None:
    networks.open_exception(tx, network=event.subject, hours=event.payload["hours"], reason=event.payload["reason"],
                            asked_by=event.asked_by_name)  # fmt: skip


def _close_month(tx: Tx, event: ApprovalGiven) -> None:
    periods.close(tx, event.subject, event.payload["sha256"])


def _not_closed(tx: Tx, event: ApprovalRefused) -> None:
    periods.refuse(tx, event.subject, event.payload["sha256"], event.reason)


def _reopen_month(tx: Tx, event: ApprovalGiven) -> None:
    periods.reopen(tx, event.subject, event.payload["reason"])


def _book_line(tx: Tx, event: ApprovalGiven) -> None:
    bookings.book(tx, UUID(event.subject), ResolutionCode(event.payload["code"]), event.payload["note"])


def _write_off(tx: Tx, event: ApprovalGiven) -> None:
    write_offs.write_off(tx, UUID(event.subject), event.payload["note"])


def _pay_after_all(tx: Tx, event: ApprovalGiven) -> None:
    wishes.pay_after_all(tx, UUID(event.subject), event.payload["why"])


def _revoke(tx: Tx, event: ApprovalGiven) -> None:
    revoking.revoke(tx, UUID(event.subject), event.payload["why"])


def _change_cap(tx: Tx, event: ApprovalGiven) -> None:
    caps.change(tx, dict(event.payload), event.asked_by, event.asked_by_name)


def _release_bank_file(tx: Tx, event: ApprovalGiven) -> None:
    ach.release(tx, UUID(event.subject), event.payload["sha256"])


def _drop_bank_file(tx: Tx, event: ApprovalRefused) -> None:
    ach.drop(tx, UUID(event.subject))


def _move_site_cash(tx: Tx, event: ApprovalGiven) -> None:
    cash.carry_out(tx, event.subject, event.payload, (event.asked_by, event.asked_by_name))


def _release_excursion(tx: Tx, event: ApprovalGiven) -> None:
    specimens.release_excursion(tx, UUID(event.subject), event.payload, event.asked_by_name)


def _destroy_tubes(tx: Tx, event: ApprovalGiven) -> None:
    withdrawal.destroy(tx, event)


book_facts.SOURCES.append(site_equations.equations)

# What follows when a second person has approved, or refused, by the approval's kind.
APPROVED: Mapping[str, Reaction] = {
    "staff.roles": _set_roles,
    networks.KIND: _let_network_in,
    periods.CLOSE: _close_month,
    periods.REOPEN: _reopen_month,
    bookings.BOOK: _book_line,
    write_offs.WRITE_OFF: _write_off,
    wishes.WANTED: _pay_after_all,
    revoking.REVOKE: _revoke,
    caps.CHANGE: _change_cap,
    cash.KIND: _move_site_cash,
    ach.RELEASE: _release_bank_file,
    "specimens.release_excursion": _release_excursion,
    "participant.death": _record_death,
    withdrawal.KIND: _destroy_tubes,
}
REFUSED: Mapping[str, Reaction] = {
    periods.CLOSE: _not_closed,
    ach.RELEASE: _drop_bank_file,
}


def _carry_out(tx: Tx, event: ApprovalGiven) -> None:
    APPROVED[event.kind](tx, event)


def _tell_refused(tx: Tx, event: ApprovalRefused) -> None:
    if event.kind in REFUSED:
        REFUSED[event.kind](tx, event)


def _pay_first(tx: Tx, event: IdentityNeeded) -> None:
    if is_owed(tx, event.payee_id):
        event.reasons.append("payment")


TABLE: Mapping[type, Iterable[Reaction]] = {
    ParticipantEnrolled: (_add_donor, _add_payee),
    ParticipantWithdrawn: (
        _cancel_visits,
        _hold_tubes,
        _stop_prints,
    ),
    ParticipantDied: (_end_visits,),
    RecordsAsked: (_gather_records,),
    RegistrationsMerged: (_pay_once,),
    IdentityNeeded: (_pay_first,),
    OrderFinalised: (_finish_samples,),
    TubeKept: (sprec.keep_current,),
    VisitCheckedIn: (_open_measurements, _open_window),
    VisitCompleted: (_close_windows, _owe_payment),
    VisitCancelled: (_close_windows,),
    ReadingClaimed: (measurements.record_reading,),
    MeasurementsFinalised: (_finish_measurements,),
    ApprovalGiven: (_carry_out,),
    ApprovalRefused: (_tell_refused,),
}
