"""What the database confirms by itself is what the rule confirms, on whatever lines and entries there are."""

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from biobank.db import Tx
from biobank.payments import actions, ledger, listing, reconciliation, states, sure_pairs
from biobank.payments.ledger import Entry
from biobank.payments.models import Disbursement, MatchState, ReconMatch, State, StatementLine, TransferKind
from biobank.payments.reconciliation import Judged
from biobank.payments.states import Step
from tests.payments.factories import make_payment, make_site_id, sent, statement

ROUNDS = 25


def _entries(tx: Tx, number: int) -> list[str]:
    """Payments, one of them come back, one with a fee, and top-ups that some lines name too; their references."""
    site_id = make_site_id(tx)
    payments = [sent(tx, make_payment(tx, site_id)) for _ in range(number)]
    ledger.post(tx, TransferKind.REFUNDED, payments[0].id, 2500)
    ledger.post(tx, TransferKind.FEE, payments[1].id, 150)
    names = [one.external_id for one in payments]
    for place, reference in enumerate(("TOP-7", names[2].lower(), "kept 1")):
        ledger.add(tx, Entry(kind=TransferKind.TOPUP_CREDITED, amount_cents=2500, uid=f"top:{place}", source="top-up",
                             reference=reference))  # fmt: skip
    return [*names, "TOP-7", "BB-0000000000000000-1"]


def _match_before(tx: Tx, names: list[str]) -> None:
    """Two payments are matched with a line already; one of them came back since."""
    actions.import_statement(tx, statement(("2026-11-20", f"Reward {name} USD", -2500) for name in names))
    assert sure_pairs.confirm(tx, ledger.PROVIDER) == len(names)
    returned = tx.session.scalars(sa.select(Disbursement.id).filter_by(external_id=names[0])).one()
    states.move(tx, Step(disbursement_id=returned, came_from=State.SETTLED, to=State.RETURNED))


def _lines(chance: random.Random, names: list[str]) -> Iterator[tuple[str, str, int]]:
    """Most lines carry one payment each with its amount; others a second word, a foreign one, or another amount."""
    carried = chance.sample(names, chance.randint(1, 9))
    for name in [*carried, *chance.choices(carried, k=chance.choice([0, 0, 1, 2]))]:
        more = chance.choice([""] * 16 + ["top-7", "x-" + names[0], names[3].lower(), names[4] + "1"])
        yield "2026-11-20", f"Reward {name} {more} USD", chance.choice([-2500] * 9 + [-2499, 2500, -150])


def _confirmed(judged: Judged) -> set[tuple[object, object]]:
    return {(judged.keys[pair.line.line_key], judged.keys[pair.transfer.key]) for pair in judged.found.confirmed}


def _kept(tx: Tx) -> set[tuple[object, object]]:
    query = sa.select(ReconMatch.line_id, ReconMatch.transfer_id).where(
        ReconMatch.state == MatchState.CONFIRMED, ReconMatch.basket_id.is_(None)
    )
    return {(line, entry) for line, entry in tx.session.execute(query)}


@pytest.mark.usefixtures("noon")
def test_the_database_and_the_rule_say_the_same_of_random_lines(tx: Tx) -> None:
    names, taken = _entries(tx, 12), 0
    _match_before(tx, names[5:7])
    for seed in range(ROUNDS):
        with tx.session.begin_nested() as attempt:
            actions.import_statement(tx, statement(_lines(random.Random(seed), names), opening=995_000))
            law, before = reconciliation.judge(tx, ledger.PROVIDER), _kept(tx)
            taken += sure_pairs.confirm(tx, ledger.PROVIDER)
            kept = _kept(tx) - before
            assert kept <= _confirmed(law), f"seed {seed}: the database confirms what the rule does not"
            rest = reconciliation.judge(tx, ledger.PROVIDER)
            assert kept | _confirmed(rest) == _confirmed(law), f"seed {seed}"
            assert [len(rest.odd), *_others(rest)] == [len(law.odd), *_others(law)], f"seed {seed}"
            attempt.rollback()
    assert taken >= ROUNDS, "hardly any line was plain: the comparison says nothing"


def _others(judged: Judged) -> list[int]:
    found = judged.found
    return [len(group) for group in (found.suggested, found.ambiguous, found.exceptions, found.baskets)]


@pytest.mark.usefixtures("noon")
def test_what_is_confirmed_by_the_database_is_settled_with_its_history(tx: Tx) -> None:
    payment = sent(tx, make_payment(tx))
    actions.import_statement(tx, statement([("2026-11-20", f"Reward {payment.external_id}", -2500)]))
    assert sure_pairs.confirm(tx, ledger.PROVIDER) == 1
    kept = tx.session.scalars(sa.select(ReconMatch)).one()
    assert kept.why == f"The line carries {payment.external_id} and the exact amount."
    assert actions.disbursement_of(tx, payment.id).state == "settled"
    assert listing.story_of(tx, payment.id).events[-1].note == "On the statement of 2026-11-20."


@pytest.mark.usefixtures("noon")
def test_many_lines_that_name_several_payments_are_left_to_the_rule(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _entries(tx, 3)
    actions.import_statement(tx, statement([("2026-11-20", f"{names[0]} {names[1]}", -2500)] * 2))
    monkeypatch.setattr(sure_pairs, "MOST_MIXED", 1)
    assert sure_pairs.query_of(tx, ledger.PROVIDER) is None
    assert tx.session.scalar(sa.select(sa.func.count()).select_from(StatementLine)) == 2
