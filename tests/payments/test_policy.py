"""Who has earned the $25: by data, with a reason for yes and no; past a limit a person looks; taken back by two."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.access import approvals
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Forbidden, Invalid
from biobank.payments import actions, caps, ledger, policy, revoking, tax
from biobank.payments.cap_models import CapKind
from biobank.payments.models import Decision, Disbursement, Entitlement, HoldReason, State
from biobank.payments.one_person import join_payees
from biobank.payments.policy import Facts
from tests.pages import Browser
from tests.payments.factories import make_entitlement, make_payee, make_payment, make_site_id, make_staff, sent

OUTCOMES = ("", "final", "collected", "attempted", "something-new")
RULE = policy.in_force("visit-1", date(2026, 11, 22))


@pytest.mark.parametrize(("measured", "samples"), list(product(OUTCOMES, OUTCOMES)))
def test_final_measurements_and_samples_or_an_attempt_earn_it_and_nothing_else(measured: str, samples: str) -> None:
    ruling = policy.decide(RULE, Facts(is_complete=True, measurements=measured, samples=samples))
    assert ruling.is_earned == (measured == "final" and samples in {"collected", "attempted"})
    assert ruling.reasons
    assert ruling.version == 1


def test_an_open_visit_earns_nothing() -> None:
    ruling = policy.decide(RULE, Facts(is_complete=False, measurements="final", samples="collected"))
    assert (ruling.is_earned, ruling.reasons) == (False, ("visit-not-complete",))


def test_a_visit_that_earns_nothing_leaves_the_slot_to_a_later_one(tx: Tx) -> None:
    payee, site = make_payee(tx).id, make_site_id(tx)
    given = {"payee_id": payee, "site_id": site, "earned_at": clock.now()}
    first = actions.entitle(tx, **given, facts=Facts(is_complete=True, measurements="final"))
    assert (first.decision, first.reasons) == (Decision.INELIGIBLE, ["samples-missing"])
    second = actions.entitle(tx, **given)
    third = actions.entitle(tx, **given)
    assert (second.decision, second.policy_version, third.id) == (Decision.ELIGIBLE, 1, second.id)
    assert ledger.balance(tx, ledger.PAYABLE) == -2500


def test_two_registrations_of_one_person_leave_one_payment_and_one_duplicate(tx: Tx) -> None:
    one, two = make_entitlement(tx), make_entitlement(tx)
    assert join_payees(tx, kept_id=one.payee_id, merged_id=two.payee_id, site_id=one.site_id)
    tx.session.expire_all()
    assert [one.decision, two.decision] == [Decision.ELIGIBLE, Decision.DUPLICATE]
    again = actions.entitle(tx, payee_id=two.payee_id, site_id=one.site_id, earned_at=clock.now())
    assert (again.id, actions.books_difference(tx)) == (two.id, 0)


def _limit(tx: Tx, kind: CapKind, payments: int, site_id: UUID | None = None) -> None:
    caps.change(tx, {"kind": str(kind), "payments": payments, "site_id": str(site_id) if site_id else None},
                UUID(int=99), "Somebody else")  # fmt: skip


@pytest.mark.parametrize("kind", list(CapKind))
def test_past_a_limit_a_payment_is_owed_but_held(tx: Tx, kind: CapKind) -> None:
    site = make_site_id(tx)
    _limit(tx, kind, 2)
    payments = [make_payment(tx, site) for _ in range(3)]
    assert [one.state for one in payments] == [State.QUEUED, State.QUEUED, State.HELD]
    assert (payments[2].hold_reason, ledger.balance(tx, ledger.PAYABLE)) == (HoldReason.CAP, -7500)


def test_a_site_s_own_limit_of_none_suspends_that_site_alone(tx: Tx) -> None:
    suspended, other = make_site_id(tx), make_site_id(tx)
    _limit(tx, CapKind.SITE_DAY, 0, suspended)
    assert (make_payment(tx, suspended).state, make_payment(tx, other).state) == (State.HELD, State.QUEUED)


def test_what_passed_a_limit_is_released_by_a_person_with_a_reason(tx: Tx) -> None:
    site = make_site_id(tx)
    _limit(tx, CapKind.SITE_DAY, 0)
    payment = make_payment(tx, site)
    with pytest.raises(Invalid):
        caps.release(tx, " ", 10)
    assert (caps.release(tx, "An open day, as planned.", 10), caps.held(tx)) == (1, 0)
    assert actions.disbursement_of(tx, payment.id).state is State.QUEUED


def _finance(tx: Tx) -> Actor:
    staff = make_staff(tx, Role.FINANCE)
    return Actor(kind="staff", name=staff.display_name, id=staff.id, roles=frozenset({Role.FINANCE}),
                 site_id=staff.site_id)  # fmt: skip


def _as(databases: Databases, actor: Actor) -> Tx:
    return databases.transaction(actor)


def test_a_payment_is_taken_back_by_two_people_and_can_be_earned_again(databases: Databases) -> None:
    with databases.transaction() as tx:
        payment, asking, other = make_payment(tx), _finance(tx), _finance(tx)
    with _as(databases, asking) as tx:
        revoking.ask(tx, payment.id, "no-visit")
        waiting = approvals.waiting(tx)[0].id
    with pytest.raises(Forbidden), _as(databases, asking) as tx:
        approvals.decide(tx, waiting, True, "")
    with _as(databases, other) as tx:
        approvals.decide(tx, waiting, True, "")
        assert actions.disbursement_of(tx, payment.id).state is State.VOIDED
        assert (ledger.balance(tx, ledger.PAYABLE), actions.books_difference(tx)) == (0, 0)
        payee = tx.session.get_one(Entitlement, payment.entitlement_id).payee_id
        site = make_site_id(tx)
        assert actions.entitle(tx, payee_id=payee, site_id=site, earned_at=clock.now()).decision is Decision.ELIGIBLE


def test_what_was_sent_is_never_taken_back(databases: Databases) -> None:
    with databases.transaction() as tx:
        payment, asking = sent(tx, make_payment(tx)), _finance(tx)
    with pytest.raises(Conflict), _as(databases, asking) as tx:
        revoking.ask(tx, payment.id, "no-visit")


def test_a_year_s_sum_is_compared_with_the_year_s_threshold(tx: Tx) -> None:
    paid = sent(tx, make_payment(tx))
    make_payment(tx)
    found = tax.of_year(tx, clock.now().year)
    assert (found.payees, found.total, found.largest, found.reached) == (1, 2500, 2500, [])
    assert (tax.threshold(2025), tax.threshold(2026), tax.threshold(2031)) == (60_000, 200_000, 200_000)
    code = tx.session.get_one(Disbursement, paid.id).entitlement.payee.code
    assert f"{code},25.00,2000.00,no" in tax.sheet(tx, clock.now().year)


def test_finance_asks_for_another_limit_sees_the_year_and_takes_a_payment_back(
    finance: Browser, databases: Databases
) -> None:
    with databases.transaction() as tx:
        key = make_payment(tx).id
    finance.get("/payments/limits")
    finance.submit("Ask a second person", kind="day", payments="10")
    assert "A second person of finance is asked" in finance.page.text
    finance.submit("Ask a second person", kind="day", payments="many")
    assert finance.status == 422
    finance.get("/payments/tax")
    assert "Nobody reaches the threshold" in finance.page.text
    assert finance.client.get("/payments/tax.csv").data.startswith(b"Year,Payee")
    finance.get(f"/payments/{key}")
    finance.submit("Ask a second person", why="no-visit")
    assert "A second person of finance is asked" in finance.page.text
    with databases.transaction(read_only=True) as tx:
        assert tx.session.scalar(sa.select(Entitlement.decision)) is Decision.ELIGIBLE
