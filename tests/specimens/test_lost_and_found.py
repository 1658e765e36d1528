"""A tube that cannot be found, one that turns up, a parcel that the courier shows."""

import pytest
import sqlalchemy as sa

from biobank.db import Databases, Tx
from biobank.errors import Conflict, NotFound
from biobank.specimens import actions
from biobank.specimens.case_models import Case, CaseState, CaseType
from biobank.specimens.custody import NotAllowed, ShipmentState, TubeStatus
from biobank.specimens.models import SubjectKind
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_bench, make_finalised, make_received, make_sent, make_store


def open_cases(tx: Tx) -> list[CaseType]:
    return list(tx.session.scalars(sa.select(Case.type).filter_by(state=CaseState.OPEN)))


def test_a_tube_lost_at_the_clinic_is_a_case_until_it_is_found(tx: Tx) -> None:
    tube = make_finalised(tx).tubes[0]
    before = tube.state
    actions.lose(tx, tube.id, "Rack, fridge, bench")
    assert (tube.state, open_cases(tx)) == (TubeStatus.MISSING, [CaseType.MISSING])
    actions.find_again(tx, tube.id, tube.code)
    assert (tube.state, open_cases(tx)) == (before, [])


def test_a_tube_lost_from_the_freezer_leaves_its_position_and_comes_back_without_one(tx: Tx) -> None:
    tube = make_received(tx)[0]
    actions.put_away(tx, tube.id, make_store(tx).code)
    tx.actor = make_bench(tx)
    actions.lose(tx, tube.id, "The whole rack")
    assert (tube.store_id, actions.lost(tx)) == (None, [tube])
    assert list(actions.differences(tx)) == []


def test_a_tube_with_the_courier_is_not_lost_by_hand(tx: Tx) -> None:
    _shipment, tubes = make_sent(tx)
    with pytest.raises(Conflict, match="with the courier"):
        actions.lose(tx, tubes[0].id, "On the bench")


def test_what_is_not_lost_cannot_be_found(tx: Tx) -> None:
    with pytest.raises(NotAllowed):
        actions.find_again(tx, make_finalised(tx).tubes[0].id, "scan")


def test_the_couriers_scan_says_where_and_moves_the_parcel_on(tx: Tx) -> None:
    shipment, _tubes = make_sent(tx)
    for where in ("Memphis", "Rochester"):
        actions.carrier_scanned(tx, shipment.id, where)
    told = [event.detail["where"] for event in actions.story(tx, SubjectKind.SHIPMENT, shipment.id)[-2:]]
    assert (shipment.state, told) == (ShipmentState.IN_TRANSIT, ["Memphis", "Rochester"])


def test_a_clerk_declares_a_tube_lost_and_scans_it_again(
    browser: Browser, databases: Databases, clinic: Clinic
) -> None:
    with databases.transaction() as tx:
        code = make_finalised(tx, clinic.desk).tubes[0].code
    browser.get("/lost")
    page = browser.submit("Declare it missing", lost_code=code, note="Rack and fridge")
    assert "A case is open" in page.text
    assert "is found" in browser.submit("Enter", code=code).text


def test_another_sites_tube_is_nobodys_business(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        code = make_finalised(tx).tubes[0].code
    browser.get("/lost")
    page = browser.submit("Declare it missing", lost_code=code, note="Everywhere")
    assert (browser.status, "No tube has this code" in page.text) == (NotFound("").status, True)


def test_the_courier_page_is_on_the_shipment(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        shipment, _tubes = make_sent(tx, clinic.desk)
    browser.get(f"/shipments/{shipment.id}")
    page = browser.submit("Note the courier's scan", where="Memphis")
    assert "Memphis" in page.text
