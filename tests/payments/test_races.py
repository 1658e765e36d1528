"""Many at once on one person's payment, and on the ledger: never two live payments, never a sum that is not zero."""

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import sqlalchemy as sa

from biobank import clock
from biobank.actor import SYSTEM
from biobank.db import Databases, Tx, run_tx
from biobank.errors import Refused
from biobank.payments import actions, attempts, ledger, states
from biobank.payments.ledger import Entry
from biobank.payments.models import Decision, Disbursement, Entitlement, State, TransferKind
from biobank.payments.one_person import join_payees
from biobank.payments.states import Step
from tests.payments.factories import make_payee, make_site_id

# The suite has time for a few; `make chaos` asks for more.
ROUNDS = int(os.environ.get("BIOBANK_TEST_ROUNDS", "2"))
THREADS = int(os.environ.get("BIOBANK_TEST_THREADS", "8"))


def _at_once(databases: Databases, works: list[Callable[[Tx], object]]) -> None:
    """Run each in a thread and a transaction of its own; a refusal is an answer like any other."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[Tx], object]) -> None:
        start.wait()
        with suppress(Refused, sa.exc.IntegrityError):
            run_tx(databases, work, SYSTEM, attempts=20)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _fail(tx: Tx, payee_id: UUID) -> None:
    """The newest attempt is sent and fails, as a worker would write it."""
    standing = actions.decided_of(tx, payee_id)
    if standing is None or standing.decision is not Decision.ELIGIBLE:
        return
    last = attempts.latest_of(tx, standing.id)
    for came_from, to in ((State.QUEUED, State.SENDING), (State.SENDING, State.FAILED)):
        states.move(tx, Step(disbursement_id=last.id, came_from=came_from, to=to, changes={"lease_token": "mine"}))


def _again(tx: Tx, payee_id: UUID) -> None:
    standing = actions.decided_of(tx, payee_id)
    if standing is not None and standing.decision is Decision.ELIGIBLE:
        attempts.pay_again(tx, attempts.latest_of(tx, standing.id).id, "It had failed.")


def _works(one: UUID, two: UUID, site_id: UUID) -> list[Callable[[Tx], object]]:
    def entitle(tx: Tx) -> object:
        return actions.entitle(tx, payee_id=one, site_id=site_id, earned_at=clock.now())

    return [
        entitle, entitle, lambda tx: actions.decline(tx, payee_id=one, site_id=site_id, reason="wish"),
        lambda tx: _fail(tx, one), lambda tx: _again(tx, one),
        lambda tx: join_payees(tx, kept_id=two, merged_id=one, site_id=site_id),
    ]  # fmt: skip


def test_whatever_is_done_at_once_to_one_person_leaves_one_live_payment_at_most(databases: Databases) -> None:
    drawn = random.Random(7)
    for _ in range(ROUNDS):
        with databases.transaction() as tx:
            one, two, site_id = make_payee(tx).id, make_payee(tx).id, make_site_id(tx)
        works = _works(one, two, site_id)
        _at_once(databases, [drawn.choice(works) for _ in range(THREADS)])
    with databases.transaction(read_only=True) as tx:
        live = sa.select(sa.func.count()).where(Disbursement.state.not_in(states.DEAD))
        per_debt = tx.session.scalars(live.group_by(Disbursement.entitlement_id)).all()
        owed = (
            sa.select(sa.func.count()).where(Entitlement.decision == Decision.ELIGIBLE).group_by(Entitlement.payee_id)
        )
        assert max(per_debt, default=0) <= 1
        assert max(tx.session.scalars(owed).all(), default=0) <= 1
        assert actions.books_difference(tx) == 0


def test_readers_always_see_a_ledger_that_sums_to_nothing(databases: Databases) -> None:
    with databases.transaction() as tx:
        ledger.ensure_accounts(tx)
    seen: list[int] = []

    def write(tx: Tx) -> None:
        for kind in (TransferKind.FLOAT_FILLED, TransferKind.CARDS_BOUGHT, TransferKind.TOPUP_SENT):
            uid = f"bank:{uuid4()}"
            made = ledger.add(tx, Entry(kind=kind, amount_cents=random.randint(1, 9999), uid=uid, source=uid))
            if random.random() < 0.5:
                ledger.reverse(tx, made, "taken back")

    def read(tx: Tx) -> None:
        seen.extend(sum(ledger.balances(tx).values()) for _ in range(5))

    for _ in range(ROUNDS):
        _at_once(databases, [write, read] * (THREADS // 2))
    assert len(seen) == ROUNDS * THREADS // 2 * 5
    assert set(seen) == {0}
