"""Two registrations of one person: found by what they share, merged, paid once, taken apart only by somebody's word."""

from datetime import date

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access.actions import add_staff
from biobank.actor import Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Invalid
from biobank.participants import doubles
from biobank.participants.actions import (
    by_clinic_code,
    donor_of,
    participant_of_donor,
    participant_of_payee,
    payee_of,
    require_active,
    withdraw,
)
from biobank.participants.models import Participant
from biobank.participants.person import DistinctReason
from biobank.participants.vault_models import Comparison
from biobank.payments.actions import decline, entitle
from biobank.payments.models import Decision, Disbursement, Entitlement, State
from tests.pages import Browser
from tests.participants.factories import make_participant, make_site
from tests.participants.test_pages import ROSA

PHONE = "3125550177"
WHY = "both documents seen"


@pytest.fixture
def participant(databases: Databases, browser: Browser) -> Participant:
    """Somebody enrolled at the site of the clerk who is signed in."""
    with databases.transaction() as tx:
        site = make_site(tx)
        add_staff(tx, username="carla", display_name="Carla Clerk", password="correct horse battery",
                  roles=[Role.CLINIC], site_id=site.id)  # fmt: skip
        made = make_participant(tx, site.id)
    browser.sign_in("carla")
    return made


def _pair(tx: Tx) -> tuple[Participant, Participant]:
    """Somebody who came twice: another spelling and birth date, the same phone."""
    later = make_participant(tx, last_name="Smyth", phone=PHONE, born_on=date(1980, 5, 18))
    return later, make_participant(tx, last_name="Smith", phone=PHONE)


def _merge(tx: Tx, kept: Participant, merged: Participant) -> doubles.RegistrationsMerged:
    return doubles.merge(tx, kept_id=kept.id, merged_id=merged.id, reason=WHY)


def _decisions(tx: Tx, *people: Participant) -> list[Decision | None]:
    query = sa.select(Entitlement.decision)
    return [tx.session.scalar(query.filter_by(payee_id=payee_of(tx, one.id))) for one in people]


def test_pairs_that_share_a_detail_wait_for_review_until_somebody_decides(tx: Tx) -> None:
    one, other = _pair(tx)
    make_participant(tx)
    (found,) = doubles.to_review(tx)
    assert ({found.one.id, found.other.id}, found.shares) == ({one.id, other.id}, ("phone",))
    doubles.tell_apart(tx, one.id, other.id, "a family phone")
    assert doubles.to_review(tx) == []


def test_twins_who_were_told_apart_at_enrolment_are_shown_with_what_they_share(tx: Tx) -> None:
    born = date(1990, 1, 1)
    make_participant(tx, last_name="Doe", born_on=born, email="doe@example.org")
    make_participant(tx, last_name="Doe", born_on=born, email="DOE@example.org", distinct=DistinctReason.TWIN)
    assert [pair.shares for pair in doubles.to_review(tx)] == [("name", "e-mail")]


def test_every_code_of_the_merged_registration_leads_to_the_one_that_stays(tx: Tx) -> None:
    kept, merged = _pair(tx)
    donor_id, payee_id = donor_of(tx, merged.id), payee_of(tx, merged.id)
    _merge(tx, kept, merged)
    assert by_clinic_code(tx, merged.clinic_code).id == kept.id
    assert participant_of_donor(tx, donor_id) == participant_of_payee(tx, payee_id) == kept.id
    with pytest.raises(Conflict, match=kept.clinic_code):
        require_active(tx, merged.id)


@pytest.mark.parametrize("first", ["kept", "merged"])
def test_of_two_payments_the_later_earned_is_revoked(tx: Tx, first: str) -> None:
    kept, merged = _pair(tx)
    for one in (kept, merged) if first == "kept" else (merged, kept):
        entitle(tx, payee_id=payee_of(tx, one.id), site_id=one.site_id, earned_at=clock.now())
    assert _merge(tx, kept, merged).paid_twice == []
    wanted = [Decision.ELIGIBLE, Decision.DUPLICATE]
    assert _decisions(tx, kept, merged) == (wanted if first == "kept" else wanted[::-1])


def test_who_was_paid_as_the_merged_one_never_earns_a_second_payment(tx: Tx) -> None:
    kept, merged = _pair(tx)
    entitle(tx, payee_id=payee_of(tx, merged.id), site_id=merged.site_id, earned_at=clock.now())
    _merge(tx, kept, merged)
    entitle(tx, payee_id=payee_of(tx, kept.id), site_id=kept.site_id, earned_at=clock.now())
    assert _decisions(tx, kept, merged) == [Decision.DUPLICATE, Decision.ELIGIBLE]


def test_two_payments_that_are_both_on_their_way_are_told(tx: Tx) -> None:
    kept, merged = _pair(tx)
    for one in (kept, merged):
        entitle(tx, payee_id=payee_of(tx, one.id), site_id=one.site_id, earned_at=clock.now())
    tx.session.execute(sa.update(Disbursement).values(state=State.UNKNOWN))
    assert _merge(tx, kept, merged).paid_twice == [True]
    with pytest.raises(Conflict):
        decline(tx, payee_id=payee_of(tx, kept.id), site_id=kept.site_id, reason="x")


def test_taking_apart_is_written_down_and_gives_both_codes_back(tx: Tx) -> None:
    kept, merged = _pair(tx)
    _merge(tx, kept, merged)
    doubles.separate(tx, merged.id, "two birth certificates")
    assert by_clinic_code(tx, merged.clinic_code).id == merged.id
    said = [str(row.verdict) for row in tx.vault.scalars(sa.select(Comparison).order_by(Comparison.id))]
    assert said == ["same", "distinct"]


def test_what_cannot_be_merged_is_refused(tx: Tx) -> None:
    kept, merged = _pair(tx)
    third = make_participant(tx)
    with pytest.raises(Invalid, match="same registration"):
        _merge(tx, kept, kept)
    with pytest.raises(Invalid, match="how you know"):
        doubles.merge(tx, kept_id=kept.id, merged_id=merged.id, reason=" ")
    _merge(tx, kept, merged)
    with pytest.raises(Conflict, match="merged into this one"):
        _merge(tx, third, kept)
    withdraw(tx, third.id, "not-said")
    with pytest.raises(Conflict, match="withdrawn"):
        _merge(tx, kept, third)


def test_a_clerk_compares_merges_and_takes_apart(
    browser: Browser, participant: Participant, databases: Databases
) -> None:
    with databases.transaction() as tx:
        born = (date(1970, 1, 1), date(1971, 1, 1))
        one, other = (make_participant(tx, participant.site_id, first_name="Zyxwina", phone=PHONE, born_on=day)
                      for day in born)  # fmt: skip
    page = browser.get("/duplicates")
    assert "Zyxwina" not in page.html
    left, right = sorted((one, other), key=lambda row: row.id)
    page = browser.get(f"/duplicates/{left.id}/{right.id}")
    assert page.html.count("Zyxwina") == len(born)
    browser.submit("Keep this decision", verdict="first", reason=WHY, confirm="xxxx")
    assert browser.status == 422
    page = browser.submit("Keep this decision", verdict="first", reason=WHY, confirm=right.clinic_code[-4:])
    assert "Merged. Both codes lead to this participant" in page.text
    page = browser.get(f"/participants/{right.id}")
    assert "merged with another" in page.text
    assert "Two registrations again." in browser.submit("Take them apart", reason="two documents").text


def test_a_likely_duplicate_is_shown_at_enrolment_by_code(browser: Browser, participant: Participant) -> None:
    browser.get("/participants/enrol")
    browser.submit("Enrol this person", **ROSA)
    first = browser.response.request.path if browser.response else ""
    browser.get("/participants/enrol")
    page = browser.submit("Enrol this person", **(ROSA | {"first_name": "Ruth"}))
    assert browser.status == 409
    assert first in page.html
