"""SPREC codes of real stories: kept with what they were read from, and computed anew on a correction."""

from biobank.db import Databases, Tx
from biobank.specimens import actions, log
from biobank.specimens.custody import EventType
from biobank.specimens.models import SubjectKind, Tube, Vessel
from biobank.specimens.sprec import actions as sprec
from biobank.specimens.storage import actions as storage
from biobank.specimens.storage.materials import Material
from biobank.specimens.storage.shelving import Declared, KeptAt
from tests.pages import Browser
from tests.specimens.conftest import Clinic
from tests.specimens.factories import make_received, make_store


def put(tx: Tx, tube: Tube) -> Tube:
    declared = Declared(kept=KeptAt.COLD, no_more_spins=True)
    return storage.put_away(tx, tube.id, make_store(tx).code, declared=declared)


def test_a_tubes_code_is_kept_when_it_is_put_away(tx: Tx) -> None:
    tube = put(tx, make_received(tx)[4])
    assert [one.code for one in sprec.codes_of(tx, tube.id)] == ["BLD-PED-B-N-N-N-Y"] * 2
    assert str(actions.story(tx, SubjectKind.TUBE, tube.id)[-1].id) in sprec.codes_of(tx, tube.id)[0].events


def test_a_correction_changes_the_code_and_leaves_the_old_one_standing(tx: Tx) -> None:
    tube = put(tx, make_received(tx)[4])
    stored = actions.story(tx, SubjectKind.TUBE, tube.id)[-1]
    log.take_back(tx, tube, stored.id, reason="another tube was meant")
    codes = [one.code for one in sprec.codes_of(tx, tube.id) if one.version == "3.0"]
    assert codes == ["BLD-PED-X-X-X-X-X", "BLD-PED-B-N-N-N-Y"]


def test_a_story_that_went_on_is_computed_anew_by_command(tx: Tx) -> None:
    tube = put(tx, make_received(tx)[4])
    storage.check_out(tx, tube.id, storage.CheckOut.ANALYSIS)
    assert list(sprec.recompute(tx)) == [tube]
    assert sprec.codes_of(tx, tube.id)[0].code == "BLD-PED-B-N-N-N-X"


def test_an_aliquot_is_told_with_its_parents_story(tx: Tx) -> None:
    sst = make_received(tx)[0]
    plan = storage.Plan(material=Material.SERUM, vessel=Vessel.CRYOTUBE, count=1, volume_ul=storage.left_in(sst) / 8)
    child = storage.plan_aliquots(tx, sst.id, plan)[0]
    storage.label_sheet(tx, sst.id)
    storage.fill(tx, child.code)
    put(tx, child)
    found = sprec.sprec_of(tx, child)
    assert found.code == "SER-SST-X-X-N-A-D"
    assert {fact.type for fact in sprec.facts_of(tx, child)} >= {EventType.COLLECTED, EventType.DERIVED}


def test_a_page_explains_each_letter(browser: Browser, databases: Databases, clinic: Clinic) -> None:
    with databases.transaction() as tx:
        tube_id = put(tx, make_received(tx, clinic.desk)[4]).id
    browser.sign_in("ben")
    page = browser.get(f"/tubes/{tube_id}/sprec")
    assert page.headings == ["Sample code BLD-PED-B-N-N-N-Y"]
    assert "1.0 hours at 2 to 10 °C." in page.text
    assert "BLD-PED-B-N-N-N-Y" in browser.get(f"/tubes/{tube_id}/sprec?version=2.0").text
