"""The law of a tube as one table: which event may follow which state, and where it leads."""

from collections.abc import Mapping
from typing import Final, Literal

from biobank.specimens.custody_words import EventType, State

# Where an event leads: a state, None to stay, or back to where the tube was before.
BACK: Final = "back"
Leads = State | Literal["back"] | None

_ANYWHERE_AT_HAND: Mapping[EventType, Leads] = {
    EventType.RELABELLED: None,
    EventType.DE_IDENTIFIED: None,
    EventType.DECLARED_MISSING: State.MISSING,
    EventType.DESTROYED: State.DESTROYED,
}
_AT_CLINIC: Mapping[EventType, Leads] = {
    **_ANYWHERE_AT_HAND,
    EventType.HELD: State.HELD,
    EventType.PACKED: State.PACKED,
    EventType.RECEIVED_UNANNOUNCED: State.HELD,
}
_BEFORE_DRAW: Mapping[EventType, Leads] = {
    EventType.LABEL_PRINTED: State.LABEL_PRINTED,
    EventType.NOT_COLLECTED: State.NOT_COLLECTED,
    EventType.VOIDED: State.VOIDED,
}
ON_ARRIVAL: Mapping[EventType, Leads] = {
    EventType.RECEIVED: State.RECEIVED,
    EventType.HELD: State.HELD,
    EventType.REJECTED: State.REJECTED,
}

LAW: Mapping[State, Mapping[EventType, Leads]] = {
    State.ORDERED: _BEFORE_DRAW,
    State.LABEL_PRINTED: {**_BEFORE_DRAW, EventType.LABEL_APPLIED: State.LABELLED},
    State.LABELLED: {
        **_BEFORE_DRAW,
        EventType.COLLECTED: State.COLLECTED,
        EventType.RECEIVED_UNANNOUNCED: State.HELD,
    },
    State.COLLECTED: {**_AT_CLINIC, EventType.PROCESSED: State.PROCESSED, EventType.PROCESS_FAILED: None},
    State.PROCESSED: _AT_CLINIC,
    State.PACKED: {
        EventType.UNPACKED: BACK,
        EventType.HANDED_OVER: State.IN_TRANSIT,
        EventType.DECLARED_MISSING: State.MISSING,
        EventType.RECEIVED_UNANNOUNCED: State.HELD,
    },
    State.IN_TRANSIT: {**ON_ARRIVAL, EventType.DECLARED_MISSING: State.MISSING},
    State.RECEIVED: {
        **_ANYWHERE_AT_HAND,
        EventType.HELD: State.HELD,
        EventType.REJECTED: State.REJECTED,
        EventType.PROCESSED: None,
        EventType.PROCESS_FAILED: None,
        EventType.ALIQUOTED: None,
        EventType.STORED: State.STORED,
        EventType.CONSUMED: State.CONSUMED,
    },
    State.HELD: {**_ANYWHERE_AT_HAND, EventType.RELEASED: BACK, EventType.REJECTED: State.REJECTED},
    State.REJECTED: _ANYWHERE_AT_HAND,
    State.STORED: {
        **_ANYWHERE_AT_HAND,
        EventType.RETRIEVED: State.RECEIVED,
        EventType.HELD: State.HELD,
        EventType.CONSUMED: State.CONSUMED,
    },
    State.MISSING: {**ON_ARRIVAL, EventType.RECEIVED_UNANNOUNCED: State.HELD, EventType.FOUND: BACK},
    State.NOT_COLLECTED: {},
    State.CONSUMED: {},
    State.DESTROYED: {},
    State.VOIDED: {},
}

# A withdrawal may come to any tube that is still there, an error declaration to any tube at all.
FOLLOWS: Mapping[State, frozenset[EventType]] = {
    state: frozenset(events)
    | ({EventType.ERROR_DECLARED} if state.is_over else {EventType.ERROR_DECLARED, EventType.WITHDRAWN})
    for state, events in LAW.items()
}

# What may still be done with a withdrawn participant's tube: bring it in, keep it apart, find it, destroy it.
STILL_ALLOWED_WHEN_WITHDRAWN = frozenset(
    {
        EventType.NOT_COLLECTED,
        EventType.VOIDED,
        EventType.UNPACKED,
        EventType.RECEIVED,
        EventType.RECEIVED_UNANNOUNCED,
        EventType.HELD,
        EventType.REJECTED,
        EventType.RETRIEVED,
        EventType.DECLARED_MISSING,
        EventType.FOUND,
        EventType.DE_IDENTIFIED,
        EventType.DESTROYED,
        EventType.WITHDRAWN,
        EventType.ERROR_DECLARED,
    }
)
