"""The law of a tube as one table: which event may follow which state, and where it leads."""

from collections.abc import Mapping
from typing import Final, Literal

from biobank.specimens.custody_words import EventType, TubeStatus

# Where an event leads: a state, None to stay, or back to where the tube was before.
BACK: Final = "back"
Leads = TubeStatus | Literal["back"] | None

_ANYWHERE_AT_HAND: Mapping[EventType, Leads] = {
    EventType.RELABELLED: None,
    EventType.CONDITION_NOTED: None,
    EventType.DE_IDENTIFIED: None,
    EventType.DECLARED_MISSING: TubeStatus.MISSING,
    EventType.DESTROYED: TubeStatus.DESTROYED,
}
_AT_CLINIC: Mapping[EventType, Leads] = {
    **_ANYWHERE_AT_HAND,
    EventType.HELD: TubeStatus.HELD,
    EventType.PACKED: TubeStatus.PACKED,
    EventType.RECEIVED_UNANNOUNCED: TubeStatus.HELD,
}
_BEFORE_DRAW: Mapping[EventType, Leads] = {
    EventType.LABEL_PRINTED: TubeStatus.LABEL_PRINTED,
    EventType.NOT_COLLECTED: TubeStatus.NOT_COLLECTED,
    EventType.VOIDED: TubeStatus.VOIDED,
}
ON_ARRIVAL: Mapping[EventType, Leads] = {
    EventType.RECEIVED: TubeStatus.RECEIVED,
    EventType.HELD: TubeStatus.HELD,
    EventType.REJECTED: TubeStatus.REJECTED,
}

LAW: Mapping[TubeStatus, Mapping[EventType, Leads]] = {
    TubeStatus.ORDERED: _BEFORE_DRAW,
    TubeStatus.LABEL_PRINTED: {**_BEFORE_DRAW, EventType.LABEL_APPLIED: TubeStatus.LABELLED},
    TubeStatus.LABELLED: {
        **_BEFORE_DRAW,
        EventType.LABEL_ALARM: None,
        EventType.COLLECTED: TubeStatus.COLLECTED,
        EventType.DERIVED: TubeStatus.RECEIVED,
        EventType.RECEIVED_UNANNOUNCED: TubeStatus.HELD,
    },
    TubeStatus.COLLECTED: {
        **_AT_CLINIC,
        EventType.LABEL_ALARM: None,
        EventType.PROCESSED: TubeStatus.PROCESSED,
        EventType.PROCESS_FAILED: None,
    },
    TubeStatus.PROCESSED: {**_AT_CLINIC, EventType.LABEL_ALARM: None},
    TubeStatus.PACKED: {
        EventType.UNPACKED: BACK,
        EventType.HANDED_OVER: TubeStatus.IN_TRANSIT,
        EventType.DECLARED_MISSING: TubeStatus.MISSING,
        EventType.RECEIVED_UNANNOUNCED: TubeStatus.HELD,
    },
    TubeStatus.IN_TRANSIT: {**ON_ARRIVAL, EventType.DECLARED_MISSING: TubeStatus.MISSING},
    TubeStatus.RECEIVED: {
        **_ANYWHERE_AT_HAND,
        EventType.HELD: TubeStatus.HELD,
        EventType.REJECTED: TubeStatus.REJECTED,
        EventType.PROCESSED: None,
        EventType.PROCESS_FAILED: None,
        EventType.ALIQUOTED: None,
        EventType.STORED: TubeStatus.STORED,
        EventType.MOVED: None,
        EventType.CONSUMED: TubeStatus.CONSUMED,
    },
    TubeStatus.HELD: {
        **_ANYWHERE_AT_HAND,
        EventType.MOVED: None,
        EventType.RELEASED: BACK,
        EventType.REJECTED: TubeStatus.REJECTED,
    },
    TubeStatus.REJECTED: {**_ANYWHERE_AT_HAND, EventType.MOVED: None},
    TubeStatus.STORED: {
        **_ANYWHERE_AT_HAND,
        EventType.MOVED: None,
        EventType.RETRIEVED: TubeStatus.RECEIVED,
        EventType.HELD: TubeStatus.HELD,
        EventType.CONSUMED: TubeStatus.CONSUMED,
    },
    TubeStatus.MISSING: {**ON_ARRIVAL, EventType.RECEIVED_UNANNOUNCED: TubeStatus.HELD, EventType.FOUND: BACK},
    TubeStatus.NOT_COLLECTED: {},
    TubeStatus.CONSUMED: {},
    TubeStatus.DESTROYED: {},
    TubeStatus.VOIDED: {},
}

# A withdrawal may come to any tube that is still there, an error declaration to any tube at all.
FOLLOWS: Mapping[TubeStatus, frozenset[EventType]] = {
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
        EventType.MOVED,
        EventType.RETRIEVED,
        EventType.DECLARED_MISSING,
        EventType.FOUND,
        EventType.CONDITION_NOTED,
        EventType.DE_IDENTIFIED,
        EventType.DESTROYED,
        EventType.WITHDRAWN,
        EventType.ERROR_DECLARED,
    }
)
