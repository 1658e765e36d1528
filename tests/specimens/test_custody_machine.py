"""Any events in any order on either database: the law refuses or leads on, and every row follows from its story."""

import os
from uuid import UUID

from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from biobank.actor import Actor
from biobank.db import Databases
from biobank.errors import Refused
from biobank.specimens import log, projection
from biobank.specimens.custody import FOLLOWS, Custodian, EventType, TubeState, TubeStatus
from biobank.specimens.models import CustodyEvent, SubjectKind, Tube
from tests.specimens.factories import make_bench, make_order
from tests.specimens.test_log import DETAIL

# `make bench-chaos` asks for a million.
STEPS = int(os.environ.get("BIOBANK_TEST_STEPS", "500"))
A_STORY = 50
# Machines of so many stories one after another: one of twenty thousand remembers too much.
A_RUN = 200
_ALL = sorted(EventType)
_LEGAL = {state: sorted(events) for state, events in FOLLOWS.items()}


class Custody(RuleBasedStateMachine):
    """Tubes' lives in a transaction that is never committed; half of the steps are ones that may follow.

    A tube whose life is over makes room for the next, unless an error on its last event is what was drawn.
    """

    databases: Databases
    tube_ids: tuple[UUID, ...]
    who: Actor
    steps = taken = 0

    @initialize()
    def begin(self) -> None:
        self.unit = self.databases.transaction(self.who)
        self.tx = self.unit.__enter__()
        self.left = list(self.tube_ids)
        self.lengths: dict[UUID, int] = {}
        self.next_tube()

    def next_tube(self) -> None:
        self.tube = self.tx.session.get_one(Tube, self.left.pop())
        self.last: CustodyEvent | None = None
        self.withdrawn = False
        self.lengths[self.tube.id] = 0

    @property
    def standing(self) -> TubeState:
        return projection.read(self.tube).standing

    @rule(is_legal=st.booleans(), number=st.integers(0, 1000))
    def happens(self, *, is_legal: bool, number: int) -> None:
        type(self).steps += 1
        before = self.standing
        if before.state.is_over and self.left and number % 4:
            self.next_tube()
            before = self.standing
        choices = _LEGAL[before.state] if is_legal else _ALL
        event = choices[number % len(choices)]
        if event is EventType.ERROR_DECLARED and self.last is None:
            return
        try:
            self.record(event)
        except Refused:
            assert self.standing == before
            return
        type(self).taken += 1
        self.lengths[self.tube.id] += 1
        self.withdrawn = self.withdrawn or event is EventType.WITHDRAWN
        if event is not EventType.ERROR_DECLARED and before.custodian is not self.standing.custodian:
            self.handed(before, event)

    def record(self, event: EventType) -> None:
        if event is not EventType.ERROR_DECLARED:
            reason = "short_draw" if event is EventType.NOT_COLLECTED else None
            self.last = log.record(self.tx, self.tube, event, detail=DETAIL.get(event), reason=reason)
        elif self.last is not None:
            self.last = log.take_back(self.tx, self.tube, self.last.id, reason="mistake")

    def handed(self, before: TubeState, event: EventType) -> None:
        """Custody moves to the carrier by a hand-over, and to the biobank by an act of receiving, and no other way."""
        if self.standing.custodian is Custodian.CARRIER:
            assert (before.custodian, event) == (Custodian.CLINIC, EventType.HANDED_OVER)
            return
        assert self.standing.custodian is Custodian.BIOBANK
        # What is filled from another tube begins its life at the biobank.
        assert event in {EventType.RECEIVED, EventType.RECEIVED_UNANNOUNCED, EventType.HELD, EventType.REJECTED,
                         EventType.DERIVED}  # fmt: skip

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "withdrawn"):
            return
        now = self.standing
        assert now.is_withdrawn is self.withdrawn
        assert not (self.withdrawn and now.state is TubeStatus.STORED and not now.is_on_hold)
        if now.state is TubeStatus.IN_TRANSIT:
            assert now.custodian is Custodian.CARRIER

    def teardown(self) -> None:
        """The story as the database has it: whole, as long as the steps taken, and all that the row says."""
        if not hasattr(self, "unit"):
            return
        try:
            self.tx.session.flush()
            self.tx.session.expire_all()
            for tube_id, length in self.lengths.items():
                events = log.story(self.tx, SubjectKind.TUBE, tube_id)
                assert len(events) == length
                assert log.is_whole(events)
                assert projection.retell(events) == projection.read(self.tx.session.get_one(Tube, tube_id))
        finally:
            self.tx.close()


def test_the_law_of_custody_holds_whatever_happens(databases: Databases) -> None:
    with databases.transaction() as tx:
        tube_ids, who = tuple(tube.id for tube in make_order(tx).tubes), make_bench(tx)
    machine = type("Machine", (Custody,), {"databases": databases, "tube_ids": tube_ids, "who": who})
    while machine.steps < STEPS:
        run_state_machine_as_test(
            machine,
            settings=examples(max_examples=min(A_RUN, STEPS // A_STORY), stateful_step_count=A_STORY, deadline=None,
                              database=None, suppress_health_check=list(HealthCheck)),
        )  # fmt: skip
        print(f"{machine.steps} steps, {machine.taken} of them taken", flush=True)
