"""Each night the provider's orders and our payments are compared, both ways."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Tx
from biobank.payments import actions, nightly, orders
from biobank.payments.models import ExceptionKind, ReconException
from tests.payments.factories import make_payment, sent, statement


def _wrong(tx: Tx) -> dict[str, int]:
    return {one.code: one.difference for one in orders.equations(tx) if one.difference}


@pytest.mark.usefixtures("noon")
def test_an_order_that_we_never_made_is_counted_until_it_is_booked(tx: Tx) -> None:
    assert _wrong(tx) == {}
    actions.import_statement(tx, statement([("2026-11-20", "Reward BB-0000000000000000-1", -2500)]))
    assert _wrong(tx) == {"orders-not-ours": 1}


@pytest.mark.usefixtures("noon")
def test_a_payment_that_the_statement_leaves_out_is_asked_about_once(tx: Tx) -> None:
    old = sent(tx, make_payment(tx), at=clock.now() - timedelta(days=3))
    sent(tx, make_payment(tx), at=clock.now())
    assert _wrong(tx) == {}
    actions.import_statement(tx, statement([]))
    for _ in range(2):
        assert {one.code for one in nightly.check(tx) if one.difference} == {"orders-missing"}
    query = sa.select(ReconException.disbursement_id).filter_by(kind=ExceptionKind.OURS_NOT_PROVIDER)
    assert tx.session.scalars(query).all() == [old.id]
