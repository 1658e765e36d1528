"""Notes that say who the participant is are refused by kind, on page and API, and nothing is stored or told."""

import pytest

from biobank.db import Tx
from biobank.measurements import actions
from biobank.measurements.typed import BadValue
from biobank.participants.actions import details_found, person_of
from biobank.visits.models import Visit
from tests.measurements.desk import Desk, Program, value, words
from tests.pages import Browser
from tests.visits.factories import make_open_visit


@pytest.fixture
def visit(tx: Tx) -> Visit:
    return make_open_visit(tx)


def test_a_note_with_the_participant_s_name_is_refused(tx: Tx, visit: Visit) -> None:
    last = person_of(tx, visit.participant_id).name.last
    with pytest.raises(BadValue, match="holds the participant's name"):
        actions.record_value(tx, visit.id, field="notes", replicate=None, text=f"{last.lower()} was late")
    assert actions.sheet_of(tx, visit.id).entries == ()


def test_the_note_of_a_modification_is_searched_too(tx: Tx, visit: Visit) -> None:
    born = person_of(tx, visit.participant_id).born_on
    with pytest.raises(BadValue) as refusal:
        actions.set_modification(tx, visit.id, measure="hip", replicate=1, code="other", note=f"born {born:%m/%d/%y}")
    assert [finding.code for finding in refusal.value.findings] == ["personal-details"]


def test_the_vault_answers_with_kinds_only(tx: Tx, visit: Visit) -> None:
    contact = person_of(tx, visit.participant_id).contact
    text = f"{contact.email} {contact.phone} {contact.street}"
    assert details_found(tx, visit.participant_id, text) == ("phone", "e-mail", "street")


def test_another_person_s_details_are_not_this_one_s(tx: Tx, visit: Visit) -> None:
    other = person_of(tx, make_open_visit(tx).participant_id)
    assert details_found(tx, visit.participant_id, f"{other.name.last} {other.contact.email}") == ()


def _last_name(desk: Desk) -> str:
    with desk.databases.transaction() as tx:
        return person_of(tx, desk.visit.participant_id).name.last


def test_the_api_names_the_kind_and_never_the_detail(program: Program, desk: Desk) -> None:
    last = _last_name(desk)
    answer = program.patch({"values": [value("height", "172.7"), value("notes", f"ask {last}")]})
    assert (answer.status_code, answer.json["findings"][0]["code"]) == (422, "personal-details")
    assert last not in answer.text
    assert desk.sheet().entries == ()


def test_the_page_says_what_to_take_out(browser: Browser, desk: Desk) -> None:
    browser.sign_in("carla")
    browser.get(desk.address)
    page = browser.submit("Save notes", notes=f"ask {_last_name(desk)}")
    assert browser.status == 422
    assert "The note holds the participant's name. Take it out" in words(page)
