"""The law of a shipment as a table: its states, its events, and who holds it in between."""

from collections.abc import Mapping
from enum import StrEnum

from biobank.errors import Phrase
from biobank.specimens.custody_words import Custodian, NotAllowed


class ShipmentState(StrEnum):
    """Where a shipment stands; always computed from its events."""

    DRAFT = "draft"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    LOST = "lost"
    ARRIVED = "arrived"
    RECEIVING = "receiving"
    CLOSED = "closed"
    CLOSED_WITH_DISCREPANCY = "closed_with_discrepancy"
    VOID = "void"


class ShipmentEvent(StrEnum):
    """What happens to a shipment."""

    PACKED = "packed"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"
    CARRIER_SCANNED = "carrier_scanned"
    DECLARED_LOST = "declared_lost"
    ARRIVED = "arrived"
    RECEIVING_BEGUN = "receiving_begun"
    CLOSED = "closed"
    CLOSED_WITH_DISCREPANCY = "closed_with_discrepancy"
    DISCREPANCY_RESOLVED = "discrepancy_resolved"
    VOIDED = "voided"

    @property
    def set_code(self) -> str | None:
        """The IHE Specimen Event Tracking trigger (HL7 table 0003), where there is one."""
        return {"handed_over": "S41", "arrived": "S42"}.get(self.value)


_ARRIVES = {ShipmentEvent.ARRIVED: ShipmentState.ARRIVED}
_TRAVELS = {ShipmentEvent.CARRIER_SCANNED: ShipmentState.IN_TRANSIT, ShipmentEvent.DECLARED_LOST: ShipmentState.LOST}

SHIPMENT_LAW: Mapping[ShipmentState, Mapping[ShipmentEvent, ShipmentState]] = {
    ShipmentState.DRAFT: {ShipmentEvent.PACKED: ShipmentState.PACKED, ShipmentEvent.VOIDED: ShipmentState.VOID},
    ShipmentState.PACKED: {
        ShipmentEvent.REOPENED: ShipmentState.DRAFT,
        ShipmentEvent.HANDED_OVER: ShipmentState.HANDED_OVER,
        ShipmentEvent.VOIDED: ShipmentState.VOID,
    },
    # A parcel may arrive without the carrier's scan ever reaching us: nothing is made up in between.
    ShipmentState.HANDED_OVER: {**_TRAVELS, **_ARRIVES},
    ShipmentState.IN_TRANSIT: {**_TRAVELS, **_ARRIVES},
    ShipmentState.LOST: _ARRIVES,
    ShipmentState.ARRIVED: {ShipmentEvent.RECEIVING_BEGUN: ShipmentState.RECEIVING},
    ShipmentState.RECEIVING: {
        ShipmentEvent.CLOSED: ShipmentState.CLOSED,
        ShipmentEvent.CLOSED_WITH_DISCREPANCY: ShipmentState.CLOSED_WITH_DISCREPANCY,
    },
    ShipmentState.CLOSED_WITH_DISCREPANCY: {ShipmentEvent.DISCREPANCY_RESOLVED: ShipmentState.CLOSED},
    ShipmentState.CLOSED: {},
    ShipmentState.VOID: {},
}

SHIPMENT_FOLLOWS: Mapping[ShipmentState, frozenset[ShipmentEvent]] = {
    state: frozenset(events) for state, events in SHIPMENT_LAW.items()
}

_CUSTODIAN = {
    ShipmentState.DRAFT: Custodian.CLINIC,
    ShipmentState.PACKED: Custodian.CLINIC,
    ShipmentState.VOID: Custodian.CLINIC,
    ShipmentState.HANDED_OVER: Custodian.CARRIER,
    ShipmentState.IN_TRANSIT: Custodian.CARRIER,
    ShipmentState.LOST: Custodian.CARRIER,
}

_NEXT = {
    ShipmentState.DRAFT: Phrase("It is still being packed: close it first."),
    ShipmentState.PACKED: Phrase("It is packed: hand it to the carrier, or open it again."),
    ShipmentState.HANDED_OVER: Phrase("It is with the carrier: scan its tracking number when it arrives."),
    ShipmentState.IN_TRANSIT: Phrase("It is with the carrier: scan its tracking number when it arrives."),
    ShipmentState.LOST: Phrase("It was declared lost: scan its tracking number if it arrives after all."),
    ShipmentState.ARRIVED: Phrase("It has arrived: record its temperature and begin to scan its tubes."),
    ShipmentState.RECEIVING: Phrase("It is being received: close it when every tube is scanned or declared missing."),
    ShipmentState.CLOSED_WITH_DISCREPANCY: Phrase("It was closed with open cases: settle those."),
    ShipmentState.CLOSED: Phrase("It is closed. Declare an error if that was wrong."),
    ShipmentState.VOID: Phrase("It was voided. Start a new shipment."),
}


def advance_shipment(state: ShipmentState, event: ShipmentEvent) -> ShipmentState:
    """The state after an event. Raises NotAllowed, with what to do next, when the event may not follow."""
    leads_to = SHIPMENT_LAW[state].get(event)
    if leads_to is None:
        raise NotAllowed("This shipment cannot take that step. %(hint)s", code=f"shipment-{state}", hint=_NEXT[state])
    return leads_to


def custodian_of(state: ShipmentState) -> Custodian:
    """Who holds a shipment: the carrier until the biobank's own scan at the dock, however long ago it was sent."""
    return _CUSTODIAN.get(state, Custodian.BIOBANK)
