"""The database itself refuses what must never be: a second live payment, another amount, a changed ledger."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.columns import new_id
from biobank.db import Databases, Tx
from biobank.payments.models import (
    Decision,
    Disbursement,
    DisbursementEvent,
    Entitlement,
    ProviderCall,
    State,
    Transfer,
)
from tests.payments.factories import make_payment, make_payments


def _refused(databases: Databases, work: Callable[[Tx], Any]) -> bool:
    try:
        with databases.transaction() as tx:
            work(tx)
    except sa.exc.DBAPIError:
        return True
    return False


def _another(tx: Tx, **changes: Any) -> None:
    old = tx.session.scalars(sa.select(Disbursement)).one()
    values = {
        "id": new_id(), "entitlement_id": old.entitlement_id, "scheme_id": old.scheme_id, "seq": 2,
        "replaces_id": old.id, "external_id": "BB-OTHER-2", "amount_cents": 2500, "state": State.QUEUED,
        "created_at": clock.now(), "attempts": 0, "version": 1,
    }  # fmt: skip
    tx.session.execute(sa.insert(Disbursement).values(values | changes))


def _void_first(tx: Tx) -> None:
    tx.session.execute(sa.update(Disbursement).values(state=State.VOIDED))


def test_a_second_live_payment_is_refused(databases: Databases) -> None:
    make_payments(databases, 1)
    assert _refused(databases, _another)


def test_a_new_payment_after_a_dead_one_is_allowed(databases: Databases) -> None:
    make_payments(databases, 1)
    assert not _refused(databases, lambda tx: (_void_first(tx), _another(tx)))


@pytest.mark.parametrize(
    "changes", [{"amount_cents": 2600}, {"replaces_id": None}, {"seq": 1}, {"state": State.SENT}, {"state": State.HELD}]
)
def test_a_payment_that_breaks_a_rule_is_refused(databases: Databases, changes: dict[str, Any]) -> None:
    make_payments(databases, 1)
    assert _refused(databases, lambda tx: (_void_first(tx), _another(tx, **changes)))


def test_a_second_decision_for_one_person_is_refused(databases: Databases) -> None:
    make_payments(databases, 1)

    def decide_again(tx: Tx) -> None:
        old = tx.session.scalars(sa.select(Entitlement)).one()
        tx.session.add(Entitlement(payee_id=old.payee_id, scheme_id=old.scheme_id, scheme_code=old.scheme_code,
                                   decision=Decision.DECLINED, earned_at=clock.now(), decided_at=clock.now(),
                                   decided_by="x", site_id=old.site_id, reasons=[]))  # fmt: skip

    assert _refused(databases, decide_again)


@pytest.mark.parametrize("model", [Transfer, DisbursementEvent, ProviderCall])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_ledger_and_the_histories_cannot_be_changed(databases: Databases, model: Any, verb: str) -> None:
    key = make_payments(databases, 1)[0]
    with databases.transaction() as tx:
        tx.session.add(ProviderCall(disbursement_id=key, attempt=1, purpose="submit", at=clock.now(),
                                    outcome="unknown", detail=""))  # fmt: skip
    statement = sa.delete(model) if verb == "delete" else sa.update(model).values(id=new_id())
    assert _refused(databases, lambda tx: tx.session.execute(statement))


def test_one_thing_is_posted_once_for_each_payment(databases: Databases) -> None:
    make_payments(databases, 1)

    def post_again(tx: Tx) -> None:
        old = tx.session.scalars(sa.select(Transfer)).one()
        values = {column.name: getattr(old, column.name) for column in Transfer.__table__.columns}
        tx.session.execute(sa.insert(Transfer).values(values | {"id": new_id()}))

    assert _refused(databases, post_again)


def test_no_column_of_the_payments_leads_to_a_visit_or_a_participant(tx: Tx) -> None:
    make_payment(tx)
    names = {column.name for model in (Entitlement, Disbursement, Transfer) for column in model.__table__.columns}
    assert not {name for name in names if "visit" in name or "participant" in name or "donor" in name}
