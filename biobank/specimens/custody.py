"""Where a tube stands: its events taken one after another under the law of custody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from biobank.specimens.custody_chain import GENESIS, NotCanonical, canonical, link
from biobank.specimens.custody_law import BACK, FOLLOWS, LAW, ON_ARRIVAL, STILL_ALLOWED_WHEN_WITHDRAWN
from biobank.specimens.custody_words import NEXT_STEP, STEP, Custodian, EventType, NotAllowed, TubeStatus
from biobank.specimens.shipping_law import (
    SHIPMENT_FOLLOWS,
    SHIPMENT_LAW,
    ShipmentEvent,
    ShipmentState,
    advance_shipment,
    custodian_of,
)

__all__ = [
    "FOLLOWS",
    "GENESIS",
    "LAW",
    "SHIPMENT_FOLLOWS",
    "SHIPMENT_LAW",
    "Correction",
    "Custodian",
    "EventType",
    "NotAllowed",
    "NotCanonical",
    "Occurrence",
    "ShipmentEvent",
    "ShipmentState",
    "TubeState",
    "TubeStatus",
    "advance_shipment",
    "apply",
    "canonical",
    "custodian_of",
    "link",
    "project",
]


@dataclass(frozen=True, slots=True)
class TubeState:
    """Where one tube stands. A new tube is ordered, and the clinic's.

    `back_to` is the state to which taking out of a box, releasing a hold or finding again returns. `is_withdrawn`
    never becomes false: a tube of a participant who has withdrawn stays on hold until it is destroyed.
    """

    state: TubeStatus = TubeStatus.ORDERED
    custodian: Custodian = Custodian.CLINIC
    is_withdrawn: bool = False
    back_to: tuple[TubeStatus, ...] = ()

    @property
    def is_on_hold(self) -> bool:
        return self.state is TubeStatus.HELD or (self.is_withdrawn and not self.state.is_over)


class Correction(StrEnum):
    """What an error declaration says of the event it corrects (EPCIS 2.0 error reasons)."""

    DID_NOT_OCCUR = "did_not_occur"
    INCORRECT_DATA = "incorrect_data"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of a tube as far as the law asks; `corrects` is the id of the event an error is declared on."""

    id: str
    type: EventType
    corrects: str | None = None
    correction: Correction | None = None


def apply(state: TubeState, event: EventType) -> TubeState:
    """The state after an event. Raises NotAllowed, with what to do next, when the law does not let it follow.

    An error declaration leaves the state as it is here; what it takes back is left out by `project`.
    """
    _refuse(state, event)
    if event is EventType.ERROR_DECLARED:
        return state
    if event is EventType.WITHDRAWN:
        return replace(state, is_withdrawn=True)
    leads = LAW[state.state][event]
    if leads is None:
        return state
    if leads == BACK:
        return replace(state, state=state.back_to[-1], back_to=state.back_to[:-1])
    return _move(state, event, TubeStatus(leads))


def project(story: Iterable[Occurrence]) -> TubeState:
    """The state of a tube from its whole story, leaving out every event that was declared not to have occurred.

    Raises NotAllowed when the story breaks the law, a correction names no earlier event, or what is left after a
    correction could not have happened without the event taken back.
    """
    events = tuple(story)
    taken_back = _taken_back(events)
    state = TubeState()
    for event in events:
        if event.id not in taken_back:
            state = _apply_in_story(state, event, is_corrected=bool(taken_back))
    return state


def _refuse(state: TubeState, event: EventType) -> None:
    if event not in FOLLOWS[state.state] or not _is_at_the_right_end(state, event):
        step, hint = STEP[event], NEXT_STEP[state.state]
        raise NotAllowed("This tube cannot be %(step)s now. %(hint)s", step=step, hint=hint)
    if state.is_withdrawn and event not in STILL_ALLOWED_WHEN_WITHDRAWN:
        raise NotAllowed(
            "The participant has withdrawn: this tube is on hold and cannot be %(step)s. Set it apart.",
            code="custody-withdrawn",
            step=STEP[event],
        )


def _is_at_the_right_end(state: TubeState, event: EventType) -> bool:
    """A missing tube arrives from the carrier's hands; one that the clinic missed arrives unannounced."""
    if state.state is not TubeStatus.MISSING:
        return True
    if event is EventType.RECEIVED_UNANNOUNCED:
        return state.custodian is Custodian.CLINIC
    return event not in ON_ARRIVAL or state.custodian is Custodian.CARRIER


def _move(state: TubeState, event: EventType, to: TubeStatus) -> TubeState:
    was = state.state
    arrives = event in ON_ARRIVAL and state.custodian is Custodian.CARRIER
    arrives = arrives or event in {EventType.RECEIVED_UNANNOUNCED, EventType.DERIVED}
    custodian = Custodian.BIOBANK if arrives else state.custodian
    if event is EventType.HANDED_OVER:
        custodian = Custodian.CARRIER
    if to is TubeStatus.RECEIVED and state.is_withdrawn:
        to, arrives = TubeStatus.HELD, True
    back_to: tuple[TubeStatus, ...] = ()
    if to in {TubeStatus.PACKED, TubeStatus.HELD, TubeStatus.MISSING}:
        back_to = (TubeStatus.RECEIVED,) if arrives else (*state.back_to, was)
    return replace(state, state=to, custodian=custodian, back_to=back_to)


def _taken_back(events: tuple[Occurrence, ...]) -> set[str]:
    seen: dict[str, Occurrence] = {}
    for event in events:
        if event.type is EventType.ERROR_DECLARED:
            _check_correction(event, seen)
        seen[event.id] = event
    taken: set[str] = set()
    # Backwards, so that a declaration which was itself taken back takes nothing back.
    for event in reversed(events):
        if event.id not in taken and event.correction is Correction.DID_NOT_OCCUR and event.corrects:
            taken.add(event.corrects)
    return taken


def _check_correction(event: Occurrence, seen: Mapping[str, Occurrence]) -> None:
    corrected = seen.get(event.corrects or "")
    if corrected is None or event.correction is None:
        raise NotAllowed("An error declaration must name an earlier event of this tube and say what was wrong with it.")
    if corrected.type is EventType.WITHDRAWN and event.correction is Correction.DID_NOT_OCCUR:
        raise NotAllowed("A withdrawal is for good and cannot be taken back.", code="custody-withdrawn")


def _apply_in_story(state: TubeState, event: Occurrence, *, is_corrected: bool) -> TubeState:
    try:
        return apply(state, event.type)
    except NotAllowed as error:
        if not is_corrected:
            raise
        raise NotAllowed(
            "That event cannot be taken back: the tube was %(step)s after it. Declare the error on that event first.",
            step=STEP[event.type],
        ) from error
