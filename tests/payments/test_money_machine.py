"""Whatever people, workers and the provider do, in any order: the payments stand where a plain dictionary says."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from biobank import clock
from biobank.actor import Actor
from biobank.db import Databases
from biobank.errors import Conflict
from biobank.payments import actions, gates, jobs, ledger, settling, states, worker
from biobank.payments.models import Decision, Disbursement, Entitlement, State, TransferKind
from biobank.payments.providers.base import Outcome, OutcomeKind, PaymentRequest
from biobank.payments.providers.tremendous import Tremendous
from biobank.payments.states import Step
from biobank.payments.till import Till
from biobank.payments.worker import Call
from tests.conftest import NOON
from tests.payments.conftest import EAGER
from tests.payments.factories import make_payee, make_site_id

# `make chaos` asks for more.
STEPS = int(os.environ.get("BIOBANK_TEST_MONEY_STEPS", "50"))
A_STORY, A_RUN, PEOPLE = 50, 100, 3
STAFF = tuple(Actor(kind="staff", name=name, id=UUID(int=number)) for number, name in ((1, "Ann"), (2, "Bob")))
people, staff = st.integers(0, PEOPLE - 1), st.sampled_from(STAFF)
fates = st.lists(
    st.sampled_from(["made", "lost", "never came", "refused", "throttled", "died"]), min_size=3, max_size=3
)


@dataclass
class Standing:
    """One person, as the dictionary has it."""

    decision: Decision | None = None
    state: State | None = None
    asked_by: Actor | None = None
    in_doubt: bool = False
    orders: set[str] = field(default_factory=set)
    came_back: int = 0


class Fated:
    """A provider that keeps to its key; what else it does is told beforehand."""

    capabilities = Tremendous.capabilities

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}
        self.fate = "made"

    def submit(self, request: PaymentRequest) -> Outcome:
        key = request.external_id
        if self.fate == "throttled":
            return Outcome(OutcomeKind.THROTTLED)
        if self.fate == "refused" and key not in self.orders:
            return Outcome(OutcomeKind.REJECTED)
        if self.fate not in ("never came", "refused"):
            self.orders.setdefault(key, f"O{len(self.orders)}-{key}")
        if self.fate in ("lost", "never came", "died"):
            return Outcome(OutcomeKind.UNKNOWN)
        return self.lookup(key, expected=request)

    def lookup(self, external_id: str, *, expected: PaymentRequest | None = None) -> Outcome:
        order = self.orders.get(external_id)
        if order is None:
            return Outcome(OutcomeKind.ABSENT)
        return Outcome(OutcomeKind.CONFIRMED, provider_ref=order, reward_ref=order, amount_cents=2500, currency="USD")


class Money(RuleBasedStateMachine):
    """Three people's $25, in a transaction that is never committed."""

    steps = 0
    databases: Databases

    @initialize()
    def begin(self) -> None:
        self.now = NOON
        self.watch = clock.at(lambda: self.now)
        self.watch.__enter__()
        self.unit = self.databases.transaction(STAFF[0])
        self.tx = self.unit.__enter__()
        self.site_id = make_site_id(self.tx)
        self.payees = [make_payee(self.tx).id for _ in range(PEOPLE)]
        self.people = [Standing() for _ in range(PEOPLE)]
        self.provider = Fated()
        self.till = Till(databases=self.databases, provider=self.provider, name="tremendous", pace=EAGER)

    def newest(self, person: int) -> Disbursement | None:
        query = sa.select(Disbursement).join(Entitlement, Entitlement.id == Disbursement.entitlement_id)
        query = query.where(Entitlement.payee_id == self.payees[person]).order_by(Disbursement.seq.desc()).limit(1)
        return self.tx.session.scalar(query.execution_options(populate_existing=True))

    def attempt(self, is_allowed: bool, work: Callable[[], object]) -> bool:
        """Do what the dictionary allows; what it does not allow must be refused."""
        type(self).steps += 1
        try:
            work()
        except Conflict:
            assert not is_allowed
            return False
        assert is_allowed
        return True

    @rule(person=people)
    def earns(self, person: int) -> None:
        standing = self.people[person]
        self.attempt(True, lambda: actions.entitle(self.tx, payee_id=self.payees[person], site_id=self.site_id,
                                                   earned_at=clock.now()))  # fmt: skip
        if standing.decision is None:
            standing.decision, standing.state = Decision.ELIGIBLE, State.QUEUED

    @rule(person=people)
    def declines(self, person: int) -> None:
        standing = self.people[person]
        is_owed = standing.decision is Decision.ELIGIBLE
        is_allowed = not is_owed or standing.state in states.UNSENT | states.DEAD
        if self.attempt(is_allowed, lambda: actions.decline(self.tx, payee_id=self.payees[person], site_id=self.site_id,
                                                            reason="wants none")):  # fmt: skip
            standing.decision = Decision.DECLINED
            if is_owed and standing.state in states.UNSENT:
                standing.state = State.VOIDED

    @rule(person=people, who=staff, act=st.sampled_from(["hold", "release", "pay again"]))
    def is_decided(self, person: int, who: Actor, act: str) -> None:
        standing, payment, self.tx.actor = self.people[person], self.newest(person), who
        if payment is None:
            return
        if act == "release":
            if self.attempt(standing.state is State.HELD and standing.asked_by != who,
                            lambda: actions.release(self.tx, payment.id)):  # fmt: skip
                standing.state = State.QUEUED
            return
        if act == "hold":
            done = self.attempt(standing.state is State.QUEUED, lambda: actions.hold(self.tx, payment.id, "looks odd"))
        else:
            is_proven = standing.state in (State.FAILED, State.RETURNED) and standing.decision is Decision.ELIGIBLE
            done = self.attempt(is_proven, lambda: actions.pay_again(self.tx, payment.id, "it is proven"))
            standing.in_doubt = standing.in_doubt and not done
        if done:
            standing.state, standing.asked_by = State.HELD, who

    @rule(person=people, act=st.sampled_from(["settle", "unsettle", "return"]))
    def is_told_by_the_bank(self, person: int, act: str) -> None:
        standing, payment = self.people[person], self.newest(person)
        if payment is None or (act == "return" and standing.state not in states.PAID):
            return
        if act == "return":
            step = Step(disbursement_id=payment.id, came_from=payment.state, to=State.RETURNED,
                        changes={"next_at": None})  # fmt: skip
            assert states.move(self.tx, step)
            ledger.post(self.tx, TransferKind.REFUNDED, payment.id, payment.amount_cents)
            standing.state, standing.came_back = State.RETURNED, standing.came_back + 1
            return
        came_from, to = (State.SENT, State.SETTLED) if act == "settle" else (State.SETTLED, State.SENT)
        work = settling.settle if act == "settle" else settling.unsettle
        if self.attempt(standing.state is came_from, lambda: work(self.tx, {payment.id: "on the statement"})):
            standing.state = to

    @rule(rounds=st.lists(st.tuples(st.integers(1, 3), fates), min_size=3, max_size=9))
    def are_sent(self, rounds: list[tuple[int, list[str]]]) -> None:
        for most, told in rounds:
            type(self).steps += 1
            self.send(most, told)

    def send(self, most: int, told: list[str]) -> None:
        """A worker's round, hours later: whatever lease or pause there was is over."""
        self.now += timedelta(hours=2)
        waiting = [one for one in self.people if one.state in (State.QUEUED, State.UNKNOWN, State.SENDING)]
        claims = jobs.claim_some(self.tx, self.till, most)
        assert bool(claims) is bool(waiting)
        calls: list[Call] = []
        for claim, fate in zip(claims, told, strict=False):
            if calls and calls[-1].state is not State.SENT:
                break
            self.provider.fate = fate
            answers = worker._ask(self.till, claim)
            self.expect(claim.request.external_id, fate)
            if fate == "died":
                self.left(claims)
                return
            calls.append(Call(claim, answers, worker._judge(self.till, claim, answers)))
        if calls:
            assert all(worker._record(self.tx, self.till, calls, claims[len(calls) :]))

    def expect(self, key: str, fate: str) -> None:
        """What follows of a call by the rules of the study alone."""
        standing = self.whose(key)
        is_made = key in self.provider.orders
        if is_made:
            standing.orders.add(key)
        if fate == "throttled":
            standing.state = State.UNKNOWN if standing.in_doubt else State.QUEUED
        elif fate in ("lost", "never came", "died"):
            standing.state, standing.in_doubt = State.UNKNOWN, True
        else:
            standing.state = State.SENT if is_made else State.FAILED

    def left(self, claims: list[jobs.Claim]) -> None:
        """The worker died: of all that it had claimed nobody knows whether it was called about."""
        for claim in claims:
            standing = self.whose(claim.request.external_id)
            standing.state, standing.in_doubt = State.SENDING, True

    def whose(self, key: str) -> Standing:
        return next(one for person, one in enumerate(self.people)
                    if (payment := self.newest(person)) is not None and payment.external_id == key)  # fmt: skip

    @invariant()
    def stands(self) -> None:
        if not hasattr(self, "till"):
            return
        query = sa.select(Entitlement.payee_id, Disbursement.state).order_by(Disbursement.seq)
        query = query.join(Disbursement, Disbursement.entitlement_id == Entitlement.id)
        found = {row.payee_id: row.state for row in self.tx.session.execute(query)}
        assert [found.get(payee) for payee in self.payees] == [one.state for one in self.people]
        assert all(len(one.orders) - one.came_back <= 1 for one in self.people)
        query = sa.select(sa.func.count()).where(Disbursement.state.not_in(states.DEAD))
        assert max(self.tx.session.scalars(query.group_by(Disbursement.entitlement_id)).all(), default=0) <= 1
        assert actions.books_difference(self.tx) == 0

    def teardown(self) -> None:
        if hasattr(self, "unit"):
            self.tx.close()
            self.watch.__exit__(None, None, None)


def test_payments_stand_where_a_dictionary_says_whatever_happens(databases: Databases) -> None:
    with clock.at(NOON), databases.transaction() as tx:
        actions.ensure_scheme(tx)
        gates.ensure(tx, "tremendous")
    machine = type("MoneyHere", (Money,), {"databases": databases})
    while machine.steps < STEPS:
        run_state_machine_as_test(
            machine,
            settings=examples(max_examples=min(A_RUN, max(STEPS // A_STORY, 1)), stateful_step_count=A_STORY,
                              deadline=None, database=None, phases=[Phase.generate],
                              suppress_health_check=list(HealthCheck)),
        )  # fmt: skip
    print(f"{machine.steps} steps", flush=True)
