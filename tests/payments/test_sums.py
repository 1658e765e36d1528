"""The sums behind finance's first page are those of the rows, whatever happened to them, and nobody waits for them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from biobank import clock
from biobank.db import Databases, Tx
from biobank.payments import actions, ageing, ledger, nightly, states, sums
from biobank.payments.models import KeptSum, ReconException, ReconMatch, State, Topic, TransferKind
from biobank.payments.states import Step
from tests.payments.factories import (
    make_entitlement,
    make_payee,
    make_payment,
    make_payments,
    make_site_id,
    sent,
    statement,
)


def _play(tx: Tx) -> None:
    """Payments sent, matched, taken back and returned; one declined; lines that belong to nothing."""
    site_id = make_site_id(tx)
    payments = [sent(tx, make_payment(tx, site_id)) for _ in range(4)]
    make_payment(tx, site_id)
    actions.decline(tx, payee_id=make_payee(tx).id, site_id=site_id, reason="wants none")
    lines = [("2026-11-20", f"Reward {one.external_id}", -2500) for one in payments[:3]]
    actions.import_statement(tx, statement([*lines, ("2026-11-20", "Something else", -900)]))
    actions.match_all(tx)
    taken_back = tx.session.scalars(sa.select(ReconMatch).limit(1)).one()
    actions.undo_match(tx, taken_back.id, "wrong account")
    states.move(tx, Step(disbursement_id=payments[3].id, came_from=State.SENT, to=State.RETURNED))
    ledger.post(tx, TransferKind.REFUNDED, payments[3].id, 2500)


@pytest.mark.usefixtures("noon")
def test_the_kept_sums_are_those_of_the_rows(tx: Tx) -> None:
    _play(tx)
    tx.session.flush()
    assert sums.differing(tx) == []
    kept = sums.read(tx)
    assert kept[Topic.PAYMENT] | {"sending": (0, 0)} == {
        "queued": (1, 2500), "sending": (0, 0), "sent": (1, 2500), "settled": (2, 5000), "returned": (1, 2500)
    }  # fmt: skip
    assert kept[Topic.LINE] == {"1100": (2, -3400)}


@pytest.mark.usefixtures("noon")
def test_folding_leaves_one_part_and_changes_no_sum(databases: Databases) -> None:
    for _ in range(3):
        with databases.transaction() as tx:
            make_entitlement(tx)
    with databases.transaction() as tx:
        before = sums.read(tx)
        sums.fold(tx)
        assert sums.read(tx) == before
        assert set(tx.session.scalars(sa.select(KeptSum.part))) == {sums.ALL}
        assert sums.differing(tx) == []


@pytest.mark.usefixtures("noon")
def test_a_sum_that_is_not_that_of_the_rows_is_asked_about(tx: Tx) -> None:
    _play(tx)
    tx.session.flush()
    tx.session.execute(sa.update(KeptSum).filter_by(topic=Topic.EARNED, name="eligible").values(number=7))
    wrong = [one for one in nightly.check(tx) if one.difference]
    assert [one.code for one in wrong] == ["sums"]
    assert "Sums kept" in tx.session.scalars(sa.select(ReconException.note)).one()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nobody_waits_for_the_sums_of_another(databases: Databases) -> None:
    payments = make_payments(databases, 2)
    with databases.transaction() as one, databases.transaction() as other:
        for tx, payment in zip((one, other), payments, strict=True):
            tx.session.execute(sa.text("SET LOCAL lock_timeout = 1"))
            sent(tx, actions.disbursement_of(tx, payment))
    with databases.transaction() as tx:
        assert sums.fold(tx) > 0
        assert sums.differing(tx) == []


@pytest.mark.usefixtures("noon")
def test_open_lines_are_as_old_as_their_days(tx: Tx) -> None:
    actions.import_statement(tx, statement([("2026-11-20", "Gift", -900), ("2026-11-21", "Gift", -900)]))
    with clock.at(clock.now() + timedelta(days=9)):
        row = next(row for row in ageing.rows(tx) if row.code == "lines")
    assert dict(zip(ageing.BUCKETS, row.counts, strict=True)) == dict.fromkeys(ageing.BUCKETS, 0) | {"8-30": 2}


@pytest.mark.usefixtures("noon")
def test_an_entry_is_summed_under_its_accounts_and_kind(tx: Tx) -> None:
    sent(tx, make_payment(tx))
    found = {sums.sides(name): cents for name, (_, cents) in sums.read(tx)[Topic.ENTRY].items()}
    assert found[("2000", "1100", TransferKind.PAYMENT)] == 2500
