"""A tube whose label is gone or cannot be read gets another of the same code, and is never without a story of it."""

import pytest
from pypdfium2 import PdfDocument

from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Invalid, Refused
from biobank.specimens import actions, relabelling
from biobank.specimens.custody import EventType
from biobank.specimens.models import SubjectKind, Tube
from biobank.specimens.relabelling import Flaw, KnownBy
from biobank.stations import actions as stations
from biobank.stations.models import PrintState
from labels import SheetOptions
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import (
    make_bench,
    make_box,
    make_collected,
    make_desk,
    make_finalised,
    make_labelled,
    make_received,
    make_sent,
)
from tests.visits.factories import make_station

TORN = {"flaw": Flaw.SMUDGED, "known_by": KnownBy.CODE_READ}


def test_a_torn_label_is_printed_anew_and_counts_once_it_is_scanned_on_its_tube(tx: Tx) -> None:
    desk = make_desk(tx)
    order = make_labelled(tx, desk)
    actions.collect(tx, order.id)
    tube = order.tubes[0]
    relabelling.ask_label(tx, tube.id, station_id=desk.station_id, **TORN)
    (job,) = stations.labels_of(tx, [tube.code])
    assert (job.object_code, job.copy_no, job.state) == (tube.code, 2, PrintState.QUEUED)
    with pytest.raises(Conflict, match="waits to be printed"):
        relabelling.put_label(tx, tube.id, tube.code)
    stations.claim_print_jobs(tx, desk.station_id)
    relabelling.put_label(tx, tube.id, tube.code)
    event = actions.story(tx, SubjectKind.TUBE, tube.id)[-1]
    assert (event.type, event.set_code, event.reason) == (EventType.RELABELLED, "S45", "smudged")
    assert event.detail["copy"] == 2
    assert event.detail["known_by"] == "code_read"
    assert [one.state for one in stations.labels_of(tx, [tube.code])] == [PrintState.APPLIED]


def test_only_the_label_that_was_asked_for_is_put_on_a_tube(tx: Tx) -> None:
    first, second = make_collected(tx).tubes[:2]
    with pytest.raises(Conflict, match="No new label was asked for"):
        relabelling.put_label(tx, first.id, first.code)
    relabelling.ask_label(tx, first.id, **TORN)
    with pytest.raises(Conflict, match="label of another tube"):
        relabelling.put_label(tx, first.id, second.code)
    relabelling.put_label(tx, first.id, first.code)
    assert relabelling.asked(tx, first) is None


def test_the_biobank_prints_at_its_own_station_or_on_paper_what_the_clinics_label_said(tx: Tx) -> None:
    tube = make_received(tx)[0]
    with pytest.raises(Forbidden):
        relabelling.ask_label(tx, tube.id, **TORN)
    tx.actor = make_bench(tx)
    relabelling.ask_label(tx, tube.id, **TORN)
    paper = PdfDocument(relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions()))
    assert tube.code[-5:] in paper[0].get_textpage().get_text_range().replace(" ", "")
    station = make_station(tx, tx.actor.site_id)
    stations.add_printer(tx, station.id, name="labels", dpi=203, kind="file")
    relabelling.ask_label(tx, tube.id, station_id=station.id, **TORN)
    (job,) = stations.labels_of(tx, [tube.code])
    assert (job.data["tube_id"], job.data["sample_code"]) == (tube.code, tube.kind)


def test_each_new_label_on_paper_says_which_copy_it_is_and_why_there_is_another(tx: Tx) -> None:
    tube = make_collected(tx).tubes[0]
    relabelling.ask_label(tx, tube.id, **TORN)
    relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions())
    with pytest.raises(Invalid, match="Say why they are printed again"):
        relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions())
    again = PdfDocument(relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions(), again="jam"))
    assert "R3" in again[0].get_textpage().get_text_range()
    relabelling.put_label(tx, tube.id, tube.code)
    told = [event.detail for event in actions.story(tx, SubjectKind.TUBE, tube.id)[-3:]]
    assert told == [{"copy": 2}, {"copy": 3, "label": "jam"}, {"copy": 3, "known_by": "code_read"}]


def test_a_new_label_is_not_put_on_paper_without_end(tx: Tx) -> None:
    desk = make_desk(tx)
    tube = make_collected(tx, desk).tubes[0]
    relabelling.ask_label(tx, tube.id, **TORN)
    for _ in range(4):
        relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions(), again="jam")
    with pytest.raises(Conflict, match="Ask for yet another one"):
        relabelling.on_paper(tx, tube.id, "lcry-1700", SheetOptions(), again="jam")
    relabelling.ask_label(tx, tube.id, station_id=desk.station_id, **TORN)
    assert stations.labels_of(tx, [tube.code])[-1].copy_no == 6


def _withdrawn(tx: Tx) -> Tube:
    tube = make_collected(tx).tubes[0]
    actions.hold_donor(tx, tube.donor_id, "withdrawn")
    return tube


@pytest.mark.parametrize("made", [
    lambda tx: make_sent(tx)[1][0], lambda tx: make_box(tx)[1][0], lambda tx: make_labelled(tx).tubes[0], _withdrawn,
], ids=["with the courier", "in its box", "before the draw", "withdrawn"])  # fmt: skip
def test_a_tube_that_nobody_may_relabel_keeps_its_label(tx: Tx, made: object) -> None:
    tube = made(tx)  # type: ignore[operator]
    with pytest.raises(Refused):
        relabelling.ask_label(tx, tube.id, **TORN)
    assert not relabelling.is_possible(tx, tube) or tube.custodian == "carrier"


def test_a_clerk_gives_a_tube_a_new_label_on_its_page(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        tube = make_finalised(tx, clinic.desk).tubes[0]
        tube_id, code = tube.id, tube.code
    browser.get(f"/tubes/{tube_id}")
    assert "Choose what is wrong with the label" in browser.submit("Print a new label").text
    page = browser.submit("Print a new label", flaw="lost", known_by="only_one_left", station_id="")
    assert "Scan the new label on the tube" in page.text
    browser.submit("The new label (PDF)")
    assert browser.response
    assert browser.response.mimetype == "application/pdf"
    browser.get(f"/tubes/{tube_id}")
    assert "Printed before: why again?" in browser.page.text
    page = browser.submit("Enter", code=code)
    assert "Given another label" in page.text
    assert "It is the only tube without a label" in page.text
    assert "Scan the new label on the tube" not in page.text


def test_a_label_of_a_station_says_which_copy_it_is(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        tube = make_finalised(tx, clinic.desk).tubes[0]
        tube_id, code = tube.id, tube.code
    browser.get(f"/tubes/{tube_id}")
    desk = str(clinic.desk.station_id)
    browser.submit("Print a new label", flaw="smudged", known_by="scanned", station_id=desk)
    with databases.transaction() as tx:
        stations.claim_print_jobs(tx, clinic.desk.station_id)
    assert "copy 2 of the same code" in browser.submit("Enter", code=code).text
