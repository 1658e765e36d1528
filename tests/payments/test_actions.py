"""Nobody is owed twice, whoever asks, however often and at once; what was declined stays declined."""

import threading
from uuid import UUID

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Conflict
from biobank.payments import actions, ledger, states
from biobank.payments.models import Decision, Disbursement, Entitlement, State, Transfer
from biobank.payments.states import Step
from tests.payments.factories import make_entitlement, make_payee, make_payment, make_site_id

OTHER = Actor(kind="staff", name="Otto Other", id=UUID(int=8), roles=frozenset({Role.FINANCE}))


def _count(tx: Tx, model: type) -> int:
    return tx.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_completed_visit_owes_25_dollars_and_queues_them(tx: Tx) -> None:
    payment = make_payment(tx)
    assert (payment.amount_cents, payment.state) == (2500, State.QUEUED)
    assert (ledger.balance(tx, "5000"), ledger.balance(tx, "2000")) == (2500, -2500)


def test_a_second_visit_pays_nothing_and_answers_the_first(tx: Tx) -> None:
    first = make_entitlement(tx)
    again = actions.entitle(tx, payee_id=first.payee_id, site_id=make_site_id(tx), earned_at=clock.now())
    assert again.id == first.id
    assert (_count(tx, Disbursement), _count(tx, Transfer)) == (1, 1)


def test_32_desks_that_complete_at_once_owe_once(databases: Databases) -> None:
    with databases.transaction() as tx:
        payee_id, site_id = make_payee(tx).id, make_site_id(tx)
    start, ended = threading.Barrier(32), []

    def complete() -> None:
        start.wait()
        owe = lambda tx: actions.entitle(tx, payee_id=payee_id, site_id=site_id, earned_at=clock.now()).id  # noqa: E731
        ended.append(run_tx(databases, owe))

    threads = [threading.Thread(target=complete) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ended), len(set(ended))) == (32, 1)
    with databases.transaction(read_only=True) as tx:
        assert [_count(tx, model) for model in (Entitlement, Disbursement, Transfer)] == [1, 1, 1]


def test_who_declined_is_not_paid_at_the_next_visit(tx: Tx) -> None:
    payee_id, site_id = make_payee(tx).id, make_site_id(tx)
    actions.decline(tx, payee_id=payee_id, site_id=site_id, reason="wants none")
    later = actions.entitle(tx, payee_id=payee_id, site_id=site_id, earned_at=clock.now())
    assert later.decision is Decision.DECLINED
    assert _count(tx, Disbursement) == 0


def test_declining_a_queued_payment_voids_it_and_takes_the_debt_back(tx: Tx) -> None:
    payment = make_payment(tx)
    owed = payment.entitlement
    actions.decline(tx, payee_id=owed.payee_id, site_id=owed.site_id, reason="wants none")
    assert actions.disbursement_of(tx, payment.id).state is State.VOIDED
    assert (ledger.balance(tx, "2000"), actions.books_difference(tx)) == (0, 0)


def test_a_payment_on_its_way_cannot_be_declined(tx: Tx) -> None:
    payment = make_payment(tx)
    states.move(tx, Step(disbursement_id=payment.id, came_from=State.QUEUED, to=State.SENDING,
                         changes={"lease_token": "mine"}))  # fmt: skip
    owed = payment.entitlement
    with pytest.raises(Conflict, match="on its way"):
        actions.decline(tx, payee_id=owed.payee_id, site_id=owed.site_id, reason="wants none")


def test_who_held_a_payment_cannot_release_it(tx: Tx) -> None:
    payment = make_payment(tx)
    actions.hold(tx, payment.id, "looks odd")
    with pytest.raises(Conflict, match="Another person"):
        actions.release(tx, payment.id)
    assert actions.disbursement_of(tx, payment.id).state is State.HELD


def test_another_person_releases_a_held_payment(tx: Tx) -> None:
    payment = make_payment(tx)
    actions.hold(tx, payment.id, "looks odd")
    tx.actor = OTHER
    actions.release(tx, payment.id)
    assert actions.disbursement_of(tx, payment.id).state is State.QUEUED


def _fail(tx: Tx, payment: Disbursement) -> None:
    for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.FAILED)):
        states.move(tx, Step(disbursement_id=payment.id, came_from=came_from, to=to, changes={"lease_token": "mine"}))


def test_a_failed_payment_is_made_anew_under_another_key_once(tx: Tx) -> None:
    payment = make_payment(tx)
    _fail(tx, payment)
    again = actions.pay_again(tx, payment.id, "the provider says it failed")
    assert again.state is State.HELD
    assert (again.seq, again.external_id == payment.external_id) == (2, False)
    with pytest.raises(Conflict, match="is not made anew"):
        actions.pay_again(tx, payment.id, "the provider says it failed")


def test_a_payment_without_proof_of_failure_is_not_made_anew(tx: Tx) -> None:
    with pytest.raises(Conflict, match="failed or come back"):
        actions.pay_again(tx, make_payment(tx).id, "I think it failed")


def test_a_payment_made_anew_keeps_the_books(tx: Tx) -> None:
    payment = make_payment(tx)
    _fail(tx, payment)
    actions.pay_again(tx, payment.id, "the provider says it failed")
    figures = actions.totals(tx)
    assert (figures.payable_count, figures.payable_cents, figures.books_difference_cents) == (1, 2500, 0)


def test_books_that_do_not_agree_say_by_how_much(tx: Tx) -> None:
    payment = make_payment(tx)
    tx.session.execute(sa.update(Disbursement).filter_by(id=payment.id)
                       .values(state=State.SENT, provider="p", provider_ref="r"))  # fmt: skip
    assert actions.books_difference(tx) == 5000
