"""What is wrong with a tube: noted by its clinic before it is packed, or by the biobank once it is there."""

import pytest

from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Invalid
from biobank.specimens import actions, corrections
from biobank.specimens.case_lists import rows
from biobank.specimens.custody import Correction, TubeStatus
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_bench, make_desk, make_finalised, make_received, make_sent


def test_a_tube_that_broke_at_the_clinic_is_not_packed_until_that_was_an_error(tx: Tx) -> None:
    desk = make_desk(tx)
    tube = make_finalised(tx, desk).tubes[0]
    box = actions.open_box(tx, desk.site.id)
    event = actions.note_condition(tx, tube.id, "BR", "It fell")
    assert (tube.state, rows(tx)) == (TubeStatus.HELD, [])
    with pytest.raises(Conflict, match=r"on hold \(Broken\) and must not be sent"):
        actions.pack(tx, box.id, tube.code)
    corrections.declare(tx, tube.id, event.id, Correction.DID_NOT_OCCUR, note="It was the one beside it")
    assert actions.pack(tx, box.id, tube.code).is_in


def test_at_the_biobank_a_condition_rejects_and_its_sender_reads_of_it(tx: Tx) -> None:
    tube = make_received(tx)[0]
    with pytest.raises(Forbidden):
        actions.note_condition(tx, tube.id, "EM")
    tx.actor = make_bench(tx)
    for code in ("EM", "QS", "FZ", "HM"):
        actions.note_condition(tx, tube.id, code)
    assert tube.state is TubeStatus.REJECTED
    assert [row.case.condition for row in rows(tx)] == ["EM", "QS", "FZ", "HM"]


@pytest.mark.parametrize(("code", "refusal"), [("PW", Invalid), ("", Invalid), ("BR", Conflict)])
def test_what_is_no_tubes_condition_or_not_at_hand_is_refused(tx: Tx, code: str, refusal: type[Exception]) -> None:
    _shipment, tubes = make_sent(tx)
    with pytest.raises(refusal):
        actions.note_condition(tx, tubes[0].id, code)


def test_a_clerk_notes_what_is_wrong_on_the_tubes_page(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        tube_id = make_finalised(tx, clinic.desk).tubes[0].id
    browser.get(f"/tubes/{tube_id}")
    assert "Choose what is wrong" in browser.submit("Note it").text
    page = browser.submit("Note it", condition="LK", note="Under the cap")
    assert "Leaked" in page.text
    assert "on hold" in page.text
    assert "Leaked" not in browser.get("/cases").text
