"""Labels: every step a copy may and may not take, and no label twice without a person's word."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict, Invalid, NotFound, Refused
from biobank.stations import actions
from biobank.stations.models import PrintJob, PrintState
from biobank.stations.print_states import LATE_WORDS, TOLD_BY_STATION
from tests.stations.factories import Desk, make_desk, make_label, make_printer

S = PrintState


def _desk(tx: Tx) -> Desk:
    desk = make_desk(tx)
    make_printer(tx, desk)
    return desk


def _in_state(tx: Tx, desk: Desk, state: PrintState) -> PrintJob:
    job = make_label(tx, desk)
    job.state = state
    tx.session.flush()
    return job


@contextmanager
def _later(start: datetime, seconds: int) -> Iterator[None]:
    with clock.at(start + timedelta(seconds=seconds)):
        yield


def test_a_claimed_label_comes_with_its_bytes(tx: Tx) -> None:
    desk = _desk(tx)
    make_label(tx, desk)
    (work,) = actions.claim_print_jobs(tx, desk.id)
    assert work.content.startswith(b"^XA")
    assert work.job.content_sha256 == hashlib.sha256(work.content).hexdigest()


def test_labels_are_claimed_once_and_in_order(tx: Tx) -> None:
    desk = _desk(tx)
    codes = [make_label(tx, desk).object_code for _ in range(3)]
    assert [work.job.object_code for work in actions.claim_print_jobs(tx, desk.id)] == codes
    assert actions.claim_print_jobs(tx, desk.id) == []


def test_another_station_claims_nothing(tx: Tx) -> None:
    desk = _desk(tx)
    make_label(tx, desk)
    other = make_desk(tx, actions.require_station(tx, desk.id).site, "Desk 2")
    assert actions.claim_print_jobs(tx, other.id) == []


def test_a_lease_that_is_over_gives_the_label_back(tx: Tx, noon: datetime) -> None:
    desk = _desk(tx)
    make_label(tx, desk)
    actions.claim_print_jobs(tx, desk.id)
    with _later(noon, 31):
        (work,) = actions.claim_print_jobs(tx, desk.id)
    assert work.job.attempts == 2


def test_a_lease_holds_for_thirty_seconds(tx: Tx, noon: datetime) -> None:
    desk = _desk(tx)
    make_label(tx, desk)
    actions.claim_print_jobs(tx, desk.id)
    with _later(noon, 29):
        assert actions.claim_print_jobs(tx, desk.id) == []


def test_a_label_being_sent_is_never_given_back_by_itself(tx: Tx, noon: datetime) -> None:
    desk = _desk(tx)
    job = make_label(tx, desk)
    actions.claim_print_jobs(tx, desk.id)
    actions.report_print_job(tx, job.id, S.SENDING, "", lease=job.lease)
    with _later(noon, 3600):
        assert actions.claim_print_jobs(tx, desk.id) == []
        tx.session.refresh(job)
    assert job.state is S.UNKNOWN


def test_a_station_may_tell_only_what_follows(tx: Tx) -> None:
    desk = _desk(tx)
    taken = {(before, told) for before, told in product(S, S) if _takes(tx, desk, before, told)}
    follows = {(before, told) for told, befores in TOLD_BY_STATION.items() for before in befores}
    assert taken == follows | {(state, state) for state in S} | {(S.APPLIED, late) for late in LATE_WORDS}


def _takes(tx: Tx, desk: Desk, before: PrintState, told: PrintState) -> bool:
    """Whether a station's word is taken; a word that is refused changes nothing."""
    job = _in_state(tx, desk, before)
    job.lease = "a"
    tx.session.flush()
    try:
        with tx.session.begin_nested():
            after = actions.report_print_job(tx, job.id, told, "", lease="a").state
    except Conflict:
        tx.session.refresh(job)
        assert job.state is before
        return False
    return after in (told, S.APPLIED)


def test_the_first_byte_is_announced_by_the_holder_of_the_lease_alone(tx: Tx) -> None:
    desk = _desk(tx)
    job = make_label(tx, desk)
    actions.claim_print_jobs(tx, desk.id)
    for _ in range(2):
        assert actions.report_print_job(tx, job.id, S.SENDING, "", lease=job.lease).state is S.SENDING
    with pytest.raises(Conflict, match="Somebody else"):
        actions.report_print_job(tx, job.id, S.SENDING, "", lease="another")


def test_a_worker_that_slept_through_its_lease_sends_nothing(tx: Tx, noon: datetime) -> None:
    desk = _desk(tx)
    job = make_label(tx, desk)
    actions.claim_print_jobs(tx, desk.id)
    sleeper = job.lease
    with _later(noon, 31):
        actions.claim_print_jobs(tx, desk.id)
        with pytest.raises(Conflict, match="Somebody else"):
            actions.report_print_job(tx, job.id, S.SENDING, "", lease=sleeper)


def test_a_station_reports_on_its_own_labels_alone(databases: Databases) -> None:
    with databases.transaction() as tx:
        desk = _desk(tx)
        job = make_label(tx, desk)
        other = make_desk(tx, actions.require_station(tx, desk.id).site, "Desk 2")
    station = Actor(kind="station", name="Desk 2", id=other.id, site_id=other.site_id)
    with databases.transaction(station) as tx, pytest.raises(NotFound):
        actions.report_print_job(tx, job.id, S.SENDING, "", lease="a")


IN_DOUBT = (S.UNKNOWN, S.FAILED, S.SENT)


def test_a_person_who_saw_it_makes_it_printed(tx: Tx) -> None:
    desk = _desk(tx)
    jobs = [_in_state(tx, desk, state) for state in IN_DOUBT]
    assert {actions.confirm_printed(tx, job.id, came_out=True).state for job in jobs} == {S.PRINTED}


def test_a_label_that_did_not_come_out_waits_as_a_new_copy(tx: Tx) -> None:
    desk = _desk(tx)
    jobs = [_in_state(tx, desk, state) for state in IN_DOUBT]
    copies = [actions.confirm_printed(tx, job.id, came_out=False) for job in jobs]
    assert {(copy.state, copy.copy_no, copy.reason) for copy in copies} == {(S.QUEUED, 2, "did not come out")}
    assert {job.state for job in jobs} == {S.VOIDED}


def test_nobody_is_asked_about_a_label_that_is_not_in_doubt(tx: Tx) -> None:
    desk = _desk(tx)
    for state in set(S) - set(IN_DOUBT):
        with pytest.raises(Conflict, match="in doubt"):
            actions.confirm_printed(tx, _in_state(tx, desk, state).id, came_out=True)


def test_a_station_that_fell_silent_while_sending_leaves_a_doubt(tx: Tx, noon: datetime) -> None:
    desk = _desk(tx)
    job = _in_state(tx, desk, S.SENDING)
    assert actions.jobs_in_doubt(tx, desk.id) == []
    with _later(noon, 31):
        assert actions.jobs_in_doubt(tx, desk.id) == [job]
        assert actions.confirm_printed(tx, job.id, came_out=True).state is S.PRINTED


def test_a_second_copy_needs_a_reason(tx: Tx) -> None:
    desk = _desk(tx)
    job = _in_state(tx, desk, S.PRINTED)
    with pytest.raises(Invalid, match="Give a reason"):
        make_label(tx, desk, job.object_code)


def test_a_second_copy_makes_the_first_void(tx: Tx) -> None:
    desk = _desk(tx)
    job = _in_state(tx, desk, S.PRINTED)
    copy = make_label(tx, desk, job.object_code, "smudged")
    assert (copy.copy_no, job.state) == (2, S.VOIDED)
    assert actions.jobs_of(tx, [job.object_code]) == {job.object_code: copy}


def test_no_second_copy_while_the_first_is_at_the_printer(tx: Tx) -> None:
    desk = _desk(tx)
    job = _in_state(tx, desk, S.CLAIMED)
    with pytest.raises(Conflict, match="at the printer now"):
        make_label(tx, desk, job.object_code, "smudged")


def test_two_labels_of_one_object_are_not_copies(tx: Tx) -> None:
    desk = _desk(tx)
    data = make_label(tx, desk).data
    jobs = [
        actions.add_print_job(tx, station_id=desk.id, template="tube-50x25", data=data | {"n_of_m": part},
                              object_kind="tube", object_code=data["tube_id"])
        for part in ("1/2", "2/2")
    ]  # fmt: skip
    assert [job.copy_no for job in jobs] == [1, 1]


def test_a_label_that_cannot_be_drawn_is_refused_when_asked_for(tx: Tx) -> None:
    desk = _desk(tx)
    with pytest.raises(Invalid, match="cannot be drawn"):
        actions.add_print_job(tx, station_id=desk.id, template="tube-50x25", data={"first_name": "Ann"},
                              object_kind="tube", object_code="S")  # fmt: skip


def test_a_station_without_a_printer_says_who_helps(tx: Tx) -> None:
    with pytest.raises(Conflict, match="An administrator adds it"):
        make_label(tx, make_desk(tx))


def test_a_label_whose_printer_is_gone_fails_with_the_reason(tx: Tx) -> None:
    desk = _desk(tx)
    job = make_label(tx, desk)
    job.printer = "gone"
    tx.session.flush()
    assert actions.claim_print_jobs(tx, desk.id) == []
    assert (job.state, job.detail) == (S.FAILED, "The printer was removed from this station.")


def test_a_printer_that_labels_wait_for_stays(tx: Tx) -> None:
    desk = make_desk(tx)
    printer = make_printer(tx, desk)
    make_label(tx, desk)
    with pytest.raises(Conflict, match="Labels wait"):
        actions.remove_printer(tx, desk.id, printer.id)


def test_a_test_label_belongs_to_nothing(tx: Tx) -> None:
    desk = make_desk(tx)
    job = actions.print_test_label(tx, desk.id, make_printer(tx, desk).id)
    assert job.object_code.startswith("T")


def test_two_claimers_get_each_label_once(databases: Databases) -> None:
    with databases.transaction() as tx:
        desk = _desk(tx)
        wanted = sorted(make_label(tx, desk).id for _ in range(40))
    got: list[UUID] = []
    start = threading.Barrier(2)

    def claim(tx: Tx) -> list[UUID]:
        return [work.job.id for work in actions.claim_print_jobs(tx, desk.id)]

    def work() -> None:
        start.wait()
        while len(got) < len(wanted):
            got.extend(run_tx(databases, claim))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == wanted


def test_two_who_want_the_desk_do_not_both_get_it(databases: Databases) -> None:
    with databases.transaction() as tx:
        desk = make_desk(tx)
    start, opened = threading.Barrier(2), []

    def work(visit: UUID) -> None:
        start.wait()
        try:
            run_tx(databases, lambda tx: actions.open_window(tx, desk.id, visit))
        except Refused:
            return
        opened.append(visit)

    threads = [threading.Thread(target=work, args=(UUID(int=n),)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(opened) == 1
