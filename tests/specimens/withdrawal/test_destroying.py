"""A withdrawn participant's tubes: held everywhere, set apart, destroyed by two people, certified."""

import pytest

from biobank.access import approvals
from biobank.actor import Actor, Role
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden
from biobank.specimens import actions
from biobank.specimens.custody import TubeStatus
from biobank.specimens.models import DestructionCertificate, SubjectKind, Tube
from biobank.specimens.storage import actions as storage
from biobank.specimens.withdrawal import actions as withdrawal
from biobank.specimens.withdrawal.paper import certificate_pdf
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_collected, make_received, make_sent, make_store


def technician(tx: Tx, name: str) -> Actor:
    """Somebody at the biobank who signs with a name of their own."""
    from biobank.access.actions import actor_of, add_staff  # noqa: PLC0415 - only here are real staff needed
    from tests.participants.factories import make_site  # noqa: PLC0415

    site = make_site(tx)
    return actor_of(add_staff(tx, username=f"{name}{new_id().hex[-6:]}", display_name=name, site_id=site.id,
                              password="correct horse battery", roles=[Role.BIOBANK]))  # fmt: skip


def make_withdrawn(tx: Tx) -> list[Tube]:
    """One order's tubes, two of them in a box, whose donor then withdrew."""
    box, tubes = make_store(tx), make_received(tx)
    for tube in tubes[:2]:
        storage.put_away(tx, tube.id, box.code)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    return tubes


def acting(tx: Tx, actor: Actor) -> Tx:
    tx.actor = actor
    return tx


def asked(tx: Tx) -> tuple[list[Tube], approvals.Approval]:
    """Everything set apart and asked for by Ann."""
    tubes = make_withdrawn(tx)
    acting(tx, technician(tx, "Ann"))
    for tube in tubes:
        withdrawal.set_apart(tx, tube.donor_id, tube.code)
    return tubes, withdrawal.ask(tx, tubes[0].donor_id, withdrawal.Method.INCINERATION)


def test_the_work_list_says_what_to_fetch_and_from_where(tx: Tx) -> None:
    tubes = make_withdrawn(tx)
    work = withdrawal.work_list(tx)
    assert [one.donor.id for one in work] == [tubes[0].donor_id]
    assert len(work[0].to_fetch) == len(tubes)
    assert storage.fetch_from(tx, tubes) == {
        tube.id: f"Ultra › 1 › 1-1 › Box › {position}" for tube, position in zip(tubes, ("A1", "A2"), strict=False)
    }


def test_a_scan_sets_a_tube_apart_and_frees_its_position(tx: Tx) -> None:
    tubes = make_withdrawn(tx)
    withdrawal.set_apart(tx, tubes[0].donor_id, tubes[0].code)
    withdrawal.set_apart(tx, tubes[0].donor_id, tubes[0].code)
    assert (tubes[0].state, tubes[0].slot) == (TubeStatus.HELD, None)
    assert list(actions.differences(tx)) == []


def test_another_participants_tube_is_never_set_apart(tx: Tx) -> None:
    tubes = make_withdrawn(tx)
    other = make_collected(tx).tubes[0]
    with pytest.raises(Conflict, match="not of this participant"):
        withdrawal.set_apart(tx, tubes[0].donor_id, other.code)


def test_a_tube_on_its_way_is_listed_and_waits_for_its_receipt(tx: Tx) -> None:
    _shipment, tubes = make_sent(tx)
    actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
    assert len(withdrawal.work_of(tx, tubes[0].donor_id).elsewhere) == len(tubes)
    with pytest.raises(Conflict, match="not here yet"):
        withdrawal.set_apart(tx, tubes[0].donor_id, tubes[0].code)


def test_nothing_is_asked_for_while_a_tube_is_still_in_its_place(tx: Tx) -> None:
    tubes = make_withdrawn(tx)
    with pytest.raises(Conflict, match="still in their places"):
        withdrawal.ask(tx, tubes[0].donor_id, withdrawal.Method.AUTOCLAVE)


def test_who_asked_cannot_approve(tx: Tx) -> None:
    tubes, approval = asked(tx)
    with pytest.raises(Forbidden, match="second person"):
        approvals.decide(tx, approval.id, True, "")
    assert {tube.state for tube in tubes} == {TubeStatus.HELD}


def test_with_a_second_persons_word_they_are_destroyed_and_certified(tx: Tx) -> None:
    tubes, approval = asked(tx)
    approvals.decide(acting(tx, technician(tx, "Bob")), approval.id, True, "")
    made = withdrawal.certificates_of(tx, tubes[0].donor_id)[0]
    assert {tube.state for tube in tubes} == {TubeStatus.DESTROYED}
    assert (made.asked_by, made.approved_by, len(made.lines)) == ("Ann", "Bob", len(tubes))


def test_the_certificate_names_the_event_of_each_tube(tx: Tx) -> None:
    tubes, approval = asked(tx)
    approvals.decide(acting(tx, technician(tx, "Bob")), approval.id, True, "")
    made = withdrawal.certificates_of(tx, tubes[0].donor_id)[0]
    ends = {tube.code: actions.story(tx, SubjectKind.TUBE, tube.id)[-1].hash for tube in tubes}
    assert {line["code"]: line["event"] for line in made.lines} == ends
    assert certificate_pdf(made, "B123").startswith(b"%PDF")


def test_a_tube_that_changed_since_stops_the_whole_act(tx: Tx) -> None:
    tubes, approval = asked(tx)
    tubes[0].state = TubeStatus.MISSING
    tx.session.flush()
    with pytest.raises(Conflict, match="not set apart any more"):
        approvals.decide(acting(tx, technician(tx, "Bob")), approval.id, True, "")


def test_a_technician_sets_apart_and_asks(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        tubes = make_received(tx, clinic.desk)
        actions.hold_donor(tx, tubes[0].donor_id, "withdrawal")
        donor_id, codes = tubes[0].donor_id, [tube.code for tube in tubes]
    browser.sign_in("ben")
    assert "9" in browser.get("/withdrawals").text
    browser.get(f"/withdrawals/{donor_id}")
    for code in codes:
        browser.submit("Enter", code=code)
    assert "waits for a second person" in browser.submit("Ask a second person to approve", method="autoclave").text
    with databases.transaction() as tx:
        assert tx.session.query(DestructionCertificate).count() == 0
