"""Any events in any order: the law refuses or leads on, and on either database every row follows from its story."""

import os
import random
from uuid import UUID

from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from biobank.actor import Actor
from biobank.db import Databases
from biobank.errors import Refused
from biobank.specimens import log, projection
from biobank.specimens.custody import (
    FOLLOWS,
    Correction,
    Custodian,
    EventType,
    Occurrence,
    TubeState,
    TubeStatus,
    apply,
    project,
)
from biobank.specimens.models import CustodyEvent, SubjectKind, Tube
from tests.specimens.factories import make_bench, make_order
from tests.specimens.test_log import DETAIL

# `make bench-chaos` asks for a million steps of the law, and for some of them through the log of each database. Chance
# alone walks a million in seconds; hypothesis, which looks for the shortest story that breaks it, takes minutes.
WALK = int(os.environ.get("BIOBANK_TEST_WALK", "20000"))
STEPS = int(os.environ.get("BIOBANK_TEST_STEPS", "1000"))
LOGGED = int(os.environ.get("BIOBANK_TEST_LOGGED_STEPS", "200"))
A_STORY = 50
# Machines of so many stories one after another: one of twenty thousand remembers too much.
A_RUN = 200
_ALL = sorted(EventType)
_LEGAL = {state: sorted(events) for state, events in FOLLOWS.items()}
_ARRIVALS = {EventType.RECEIVED, EventType.RECEIVED_UNANNOUNCED, EventType.HELD, EventType.REJECTED, EventType.DERIVED}


class Law(RuleBasedStateMachine):
    """Tubes' lives by the law alone; half of the steps are ones that may follow.

    A tube whose life is over makes room for the next, unless an error on its last event is what was drawn.
    """

    steps = taken = 0

    @initialize()
    def begin(self) -> None:
        self.next_tube()

    def next_tube(self) -> None:
        self.standing, self.withdrawn = TubeState(), False
        self.story: list[Occurrence] = []

    @rule(is_legal=st.booleans(), number=st.integers(0, 1000))
    def happens(self, *, is_legal: bool, number: int) -> None:
        type(self).steps += 1
        if self.standing.state.is_over and number % 4:
            self.next_tube()
        before = self.standing
        choices = _LEGAL[before.state] if is_legal else _ALL
        event = choices[number % len(choices)]
        try:
            self.standing = self.take_back() if event is EventType.ERROR_DECLARED else self.record(event)
        except Refused:
            assert self.standing == before
            return
        type(self).taken += 1
        self.withdrawn = self.withdrawn or event is EventType.WITHDRAWN
        if event is not EventType.ERROR_DECLARED and before.custodian is not self.standing.custodian:
            self.handed(before, event)

    def record(self, event: EventType) -> TubeState:
        after = apply(self.standing, event)
        self.story.append(Occurrence(str(len(self.story)), event))
        return after

    def take_back(self) -> TubeState:
        """The last event did not occur. Of an empty story there is nothing to take back."""
        if not self.story:
            return self.standing
        corrects = self.story[-1].id
        error = Occurrence(str(len(self.story)), EventType.ERROR_DECLARED, corrects, Correction.DID_NOT_OCCUR)
        after = project([*self.story, error])
        self.story.append(error)
        return after

    def handed(self, before: TubeState, event: EventType) -> None:
        """Custody moves to the carrier by a hand-over, and to the biobank by an act of receiving, and no other way."""
        if self.standing.custodian is Custodian.CARRIER:
            assert (before.custodian, event) == (Custodian.CLINIC, EventType.HANDED_OVER)
            return
        # What is filled from another tube begins its life at the biobank.
        assert self.standing.custodian is Custodian.BIOBANK
        assert event in _ARRIVALS

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
        if hasattr(self, "withdrawn"):
            assert project(self.story) == self.standing


class Logged(Law):
    """The same through the log of custody, in a transaction that is never committed."""

    databases: Databases
    tube_ids: tuple[UUID, ...]
    who: Actor

    @initialize()
    def begin(self) -> None:
        self.unit = self.databases.transaction(self.who)
        self.tx = self.unit.__enter__()
        self.left = list(self.tube_ids)
        self.lengths: dict[UUID, int] = {}
        self.next_tube()

    def next_tube(self) -> None:
        if not self.left:
            return
        super().next_tube()
        self.tube = self.tx.session.get_one(Tube, self.left.pop())
        self.last: CustodyEvent | None = None
        self.lengths[self.tube.id] = 0

    def record(self, event: EventType) -> TubeState:
        reason = "short_draw" if event is EventType.NOT_COLLECTED else None
        return self.recorded(log.record(self.tx, self.tube, event, detail=DETAIL.get(event), reason=reason))

    def take_back(self) -> TubeState:
        if self.last is None:
            return self.standing
        return self.recorded(log.take_back(self.tx, self.tube, self.last.id, reason="mistake"))

    def recorded(self, event: CustodyEvent) -> TubeState:
        self.last = event
        self.lengths[self.tube.id] += 1
        return projection.read(self.tube).standing

    def teardown(self) -> None:
        """Each story as the database has it: whole, as long as the steps taken, and all that the tube's row says."""
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


def run(machine: type[Law], least: int) -> None:
    """Stories of this machine until so many steps were taken."""
    while machine.steps < least:
        run_state_machine_as_test(
            machine,
            settings=examples(max_examples=min(A_RUN, max(least // A_STORY, 1)), stateful_step_count=A_STORY,
                              deadline=None, database=None, suppress_health_check=list(HealthCheck)),
        )  # fmt: skip
    print(f"{machine.__name__}: {machine.steps} steps, {machine.taken} of them taken", flush=True)


def test_the_law_of_custody_holds_whatever_happens() -> None:
    run(type("ByTheLaw", (Law,), {}), STEPS)


def test_the_law_of_custody_holds_wherever_chance_leads() -> None:
    drawn, machine = random.Random(WALK), type("ByChance", (Law,), {})
    while machine.steps < WALK:
        life = machine()
        life.begin()
        for _ in range(A_STORY):
            life.happens(is_legal=drawn.random() < 0.5, number=drawn.randrange(1001))
            life.holds()
        life.teardown()
    print(f"{machine.__name__}: {machine.steps} steps, {machine.taken} of them taken", flush=True)


def test_on_either_database_every_row_follows_from_its_story_whatever_happens(databases: Databases) -> None:
    with databases.transaction() as tx:
        tube_ids, who = tuple(tube.id for tube in make_order(tx).tubes), make_bench(tx)
    run(type("ByTheLog", (Logged,), {"databases": databases, "tube_ids": tube_ids, "who": who}), LOGGED)
