import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from biobank.specimens.custody import (
    FOLLOWS,
    LAW,
    Correction,
    Custodian,
    EventType,
    NotAllowed,
    Occurrence,
    TubeState,
    apply,
    project,
)
from biobank.specimens.custody import TubeStatus as Status
from biobank.specimens.custody_words import NEXT_STEP, STEP

DRAW = "label_printed label_applied collected"
SEND = f"{DRAW} processed packed handed_over"


def after(events: str, start: TubeState | None = None) -> TubeState:
    """The state after events named in order."""
    state = start or TubeState()
    for name in events.split():
        state = apply(state, EventType(name))
    return state


def story(events: str) -> list[Occurrence]:
    """Occurrences whose ids are their places: 1, 2, 3."""
    return [Occurrence(str(number), EventType(name)) for number, name in enumerate(events.split(), start=1)]


def error_on(event_id: str, correction: Correction = Correction.DID_NOT_OCCUR, *, own_id: str = "x") -> Occurrence:
    return Occurrence(own_id, EventType.ERROR_DECLARED, corrects=event_id, correction=correction)


@pytest.mark.parametrize(
    ("events", "status", "custodian"),
    [
        ("", Status.ORDERED, Custodian.CLINIC),
        ("label_printed", Status.LABEL_PRINTED, Custodian.CLINIC),
        ("label_printed label_applied", Status.LABELLED, Custodian.CLINIC),
        (DRAW, Status.COLLECTED, Custodian.CLINIC),
        (f"{DRAW} processed", Status.PROCESSED, Custodian.CLINIC),
        (f"{DRAW} packed", Status.PACKED, Custodian.CLINIC),
        (SEND, Status.IN_TRANSIT, Custodian.CARRIER),
        (f"{SEND} received", Status.RECEIVED, Custodian.BIOBANK),
        (f"{SEND} held", Status.HELD, Custodian.BIOBANK),
        (f"{SEND} rejected", Status.REJECTED, Custodian.BIOBANK),
        (f"{SEND} received stored", Status.STORED, Custodian.BIOBANK),
        (f"{SEND} received stored retrieved", Status.RECEIVED, Custodian.BIOBANK),
        (f"{SEND} received aliquoted consumed", Status.CONSUMED, Custodian.BIOBANK),
        (f"{SEND} declared_missing", Status.MISSING, Custodian.CARRIER),
        ("not_collected", Status.NOT_COLLECTED, Custodian.CLINIC),
        ("label_printed voided", Status.VOIDED, Custodian.CLINIC),
        (f"{DRAW} destroyed", Status.DESTROYED, Custodian.CLINIC),
    ],
)
def test_events_lead_a_tube_from_order_to_shelf(events: str, status: Status, custodian: Custodian) -> None:
    state = after(events)
    assert (state.state, state.custodian) == (status, custodian)


def test_the_carrier_holds_a_tube_until_it_is_scanned() -> None:
    assert after(SEND).custodian is Custodian.CARRIER
    assert after(f"{SEND} received").custodian is Custodian.BIOBANK


@pytest.mark.parametrize(
    ("events", "event"),
    [
        ("", "collected"), ("label_printed", "collected"), ("label_printed label_applied", "packed"),
        (DRAW, "handed_over"),
        (DRAW, "received"), (f"{DRAW} packed", "processed"), (SEND, "unpacked"), (SEND, "stored"),
        (f"{SEND} received", "received"), (f"{SEND} held", "stored"), (f"{SEND} rejected", "stored"),
        (f"{DRAW} destroyed", "found"), ("not_collected", "label_printed"), (DRAW, "collected"),
    ],
)  # fmt: skip
def test_an_event_out_of_its_turn_is_refused_with_the_next_step(events: str, event: str) -> None:
    state = after(events)
    with pytest.raises(NotAllowed) as refused:
        apply(state, EventType(event))
    assert STEP[EventType(event)] in refused.value.message
    assert NEXT_STEP[state.state] in refused.value.message


def test_a_refusal_is_a_sentence_for_a_clerk() -> None:
    with pytest.raises(NotAllowed, match=r"^This tube cannot be packed now\. It has no label yet: print its label\.$"):
        apply(TubeState(), EventType.PACKED)


def test_a_reprinted_label_has_to_be_applied_again() -> None:
    assert after("label_printed label_applied label_printed").state is Status.LABEL_PRINTED


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (f"{DRAW} packed unpacked", Status.COLLECTED),
        (f"{DRAW} processed packed unpacked", Status.PROCESSED),
        (f"{DRAW} held released", Status.COLLECTED),
        (f"{SEND} held released", Status.RECEIVED),
        (f"{SEND} received stored held released", Status.STORED),
        (f"{DRAW} packed declared_missing found unpacked", Status.COLLECTED),
        (f"{SEND} held declared_missing found released", Status.RECEIVED),
        (f"{SEND} declared_missing found", Status.IN_TRANSIT),
    ],
)
def test_what_is_undone_leads_back_to_where_the_tube_was(events: str, status: Status) -> None:
    assert after(events).state is status


def test_a_tube_declared_missing_may_arrive_late() -> None:
    state = after(f"{SEND} declared_missing received")
    assert (state.state, state.custodian) == (Status.RECEIVED, Custodian.BIOBANK)


@pytest.mark.parametrize("events", [f"{DRAW} declared_missing", f"{SEND} received stored declared_missing"])
def test_only_a_tube_that_the_carrier_lost_arrives_late(events: str) -> None:
    with pytest.raises(NotAllowed, match="missing"):
        after(f"{events} received")


@pytest.mark.parametrize("events", ["label_printed label_applied", DRAW, f"{DRAW} packed", f"{DRAW} declared_missing"])
def test_a_tube_that_nobody_shipped_arrives_on_hold(events: str) -> None:
    state = after(f"{events} received_unannounced")
    assert (state.state, state.custodian, state.back_to) == (Status.HELD, Custodian.BIOBANK, (Status.RECEIVED,))


@pytest.mark.parametrize("status", [status for status in Status if not status.is_over])
def test_a_withdrawal_holds_a_tube_wherever_it_is(status: Status) -> None:
    state = apply(TubeState(state=status), EventType.WITHDRAWN)
    assert (state.state, state.is_on_hold) == (status, True)


@pytest.mark.parametrize("status", [status for status in Status if status.is_over])
def test_a_tube_that_is_no_more_takes_nothing_but_a_correction(status: Status) -> None:
    assert FOLLOWS[status] == {EventType.ERROR_DECLARED}


def test_a_withdrawn_tube_in_transit_is_received_on_hold() -> None:
    state = after("withdrawn received", after(SEND))
    assert (state.state, state.custodian) == (Status.HELD, Custodian.BIOBANK)


@pytest.mark.parametrize(
    ("events", "event"),
    [
        ("label_printed label_applied", "collected"), (DRAW, "processed"), (DRAW, "packed"),
        (f"{DRAW} packed", "handed_over"),
        (f"{SEND} received", "stored"), (f"{SEND} received", "aliquoted"), (f"{SEND} held", "released"),
    ],
)  # fmt: skip
def test_a_withdrawn_tube_goes_no_further(events: str, event: str) -> None:
    with pytest.raises(NotAllowed, match="withdrawn"):
        apply(after(f"{events} withdrawn"), EventType(event))


@pytest.mark.parametrize(
    "events", [f"{DRAW} packed withdrawn unpacked destroyed", f"{SEND} received stored withdrawn retrieved destroyed"]
)
def test_a_withdrawn_tube_can_be_taken_out_and_destroyed(events: str) -> None:
    assert after(events).state is Status.DESTROYED


def test_an_event_that_did_not_occur_is_left_out() -> None:
    told = [*story(f"{DRAW} processed"), error_on("4")]
    assert project(told).state is Status.COLLECTED


def test_an_event_with_wrong_data_still_happened() -> None:
    told = [*story(f"{DRAW} processed"), error_on("4", Correction.INCORRECT_DATA)]
    assert project(told).state is Status.PROCESSED


def test_a_declaration_can_itself_be_taken_back() -> None:
    told = [*story(f"{DRAW} processed"), error_on("4", own_id="5"), error_on("5")]
    assert project(told).state is Status.PROCESSED


def test_a_destruction_that_did_not_happen_can_be_taken_back() -> None:
    assert project([*story(f"{DRAW} destroyed"), error_on("4")]).state is Status.COLLECTED


def test_an_event_that_others_rest_on_cannot_be_taken_back() -> None:
    with pytest.raises(NotAllowed, match="the tube was packed after it"):
        project([*story(f"{DRAW} packed"), error_on("3")])


def test_a_withdrawal_cannot_be_taken_back() -> None:
    with pytest.raises(NotAllowed, match="for good"):
        project([*story(f"{DRAW} withdrawn"), error_on("4")])


@pytest.mark.parametrize("declared", [error_on("9"), Occurrence("x", EventType.ERROR_DECLARED), error_on("x")])
def test_a_declaration_names_an_earlier_event(declared: Occurrence) -> None:
    with pytest.raises(NotAllowed, match="name an earlier event"):
        project([*story(DRAW), declared])


def test_a_story_that_breaks_the_law_is_refused() -> None:
    with pytest.raises(NotAllowed, match="no label yet"):
        project(story("collected"))


def test_the_law_speaks_of_every_state_and_every_event() -> None:
    assert set(LAW) == set(NEXT_STEP) == set(Status)
    assert set(STEP) == set(EventType) == frozenset().union(*FOLLOWS.values())


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("label_printed", "S38"), ("collected", "S39"), ("not_collected", "S40"), ("handed_over", "S41"),
        ("received", "S43"),
        ("rejected", "S44"), ("relabelled", "S45"), ("de_identified", "S46"), ("stored", "S47"), ("retrieved", "S48"),
        ("destroyed", "S49"), ("aliquoted", "S50"), ("processed", "S51"), ("process_failed", "S52"), ("packed", None),
    ],
)  # fmt: skip
def test_an_event_carries_its_code_of_the_tracking_standard(event: str, code: str | None) -> None:
    assert EventType(event).set_code == code


class ATubesLife(RuleBasedStateMachine):
    """Any events in any order: what the law refuses changes nothing, what it takes keeps its promises."""

    def __init__(self) -> None:
        super().__init__()
        self.state = TubeState()
        self.taken: list[Occurrence] = []

    @rule(event=st.sampled_from([event for event in EventType if event is not EventType.ERROR_DECLARED]))
    def something_happens(self, event: EventType) -> None:
        before = self.state
        try:
            self.state = apply(before, event)
        except NotAllowed:
            return
        self.taken.append(Occurrence(str(len(self.taken)), event))
        assert event in FOLLOWS[before.state]
        assert before.is_withdrawn <= self.state.is_withdrawn
        if before.custodian is Custodian.CARRIER and self.state.custodian is not Custodian.CARRIER:
            assert event in {EventType.RECEIVED, EventType.HELD, EventType.REJECTED}

    @invariant()
    def the_story_gives_the_same_state(self) -> None:
        assert project(self.taken) == self.state

    @invariant()
    def a_withdrawn_tube_is_never_at_large(self) -> None:
        assert not (self.state.is_withdrawn and not self.state.is_on_hold and not self.state.state.is_over)

    @invariant()
    def there_is_always_a_way_back(self) -> None:
        apart = {Status.PACKED, Status.HELD, Status.MISSING}
        assert bool(self.state.back_to) is (self.state.state in apart)


ATubesLife.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestATubesLife = ATubesLife.TestCase
