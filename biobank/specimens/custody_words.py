"""The words of custody: who holds a tube, where it stands, what happens to it, and the refusal of a step."""

from enum import StrEnum

from biobank.errors import Conflict, Phrase


class NotAllowed(Conflict):
    """The law of custody does not let this event follow; the message says what to do instead."""

    code = "custody-not-allowed"


class Custodian(StrEnum):
    """Who answers for a tube."""

    CLINIC = "clinic"
    CARRIER = "carrier"
    BIOBANK = "biobank"


class TubeStatus(StrEnum):
    """Where a tube stands; always computed from its events."""

    ORDERED = "ordered"
    LABEL_PRINTED = "label_printed"
    LABELLED = "labelled"
    COLLECTED = "collected"
    PROCESSED = "processed"
    PACKED = "packed"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    HELD = "held"
    REJECTED = "rejected"
    STORED = "stored"
    MISSING = "missing"
    NOT_COLLECTED = "not_collected"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"
    VOIDED = "voided"

    @property
    def is_over(self) -> bool:
        """Whether there is no tube any more, or never was one."""
        return self in {TubeStatus.NOT_COLLECTED, TubeStatus.CONSUMED, TubeStatus.DESTROYED, TubeStatus.VOIDED}


class EventType(StrEnum):
    """What happens to a tube."""

    LABEL_PRINTED = "label_printed"
    LABEL_APPLIED = "label_applied"
    LABEL_ALARM = "label_alarm"
    COLLECTED = "collected"
    NOT_COLLECTED = "not_collected"
    PROCESSED = "processed"
    PROCESS_FAILED = "process_failed"
    ALIQUOTED = "aliquoted"
    DERIVED = "derived"
    PACKED = "packed"
    UNPACKED = "unpacked"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    RECEIVED_UNANNOUNCED = "received_unannounced"
    HELD = "held"
    RELEASED = "released"
    REJECTED = "rejected"
    CONDITION_NOTED = "condition_noted"
    STORED = "stored"
    MOVED = "moved"
    RETRIEVED = "retrieved"
    DECLARED_MISSING = "declared_missing"
    FOUND = "found"
    RELABELLED = "relabelled"
    DE_IDENTIFIED = "de_identified"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    ERROR_DECLARED = "error_declared"

    @property
    def set_code(self) -> str | None:
        """The trigger of IHE Specimen Event Tracking 1.1 (HL7 v2.9 table 0003); None where the standard has none."""
        return _SET_CODES.get(self)


_SET_CODES = {
    EventType.LABEL_PRINTED: "S38",
    EventType.COLLECTED: "S39",
    EventType.NOT_COLLECTED: "S40",
    EventType.HANDED_OVER: "S41",
    EventType.RECEIVED: "S43",
    EventType.RECEIVED_UNANNOUNCED: "S43",
    EventType.REJECTED: "S44",
    EventType.RELABELLED: "S45",
    EventType.DE_IDENTIFIED: "S46",
    EventType.STORED: "S47",
    EventType.RETRIEVED: "S48",
    EventType.DESTROYED: "S49",
    EventType.ALIQUOTED: "S50",
    EventType.PROCESSED: "S51",
    EventType.PROCESS_FAILED: "S52",
}

NEXT_STEP = {
    TubeStatus.ORDERED: Phrase("It has no label yet: print its label."),
    TubeStatus.LABEL_PRINTED: Phrase("Its label is printed but not on the tube: apply it and scan it."),
    TubeStatus.LABELLED: Phrase("It is labelled and empty: draw it, or record why it was not collected."),
    TubeStatus.COLLECTED: Phrase("It is drawn and at the clinic: spin it if it needs that, then pack it."),
    TubeStatus.PROCESSED: Phrase("It is ready at the clinic: pack it."),
    TubeStatus.PACKED: Phrase("It is in a box: take it out first, or hand the box to the carrier."),
    TubeStatus.IN_TRANSIT: Phrase("It is with the carrier: scan it when it arrives."),
    TubeStatus.RECEIVED: Phrase("It is at the bench: put it to stock, hold it or reject it."),
    TubeStatus.HELD: Phrase("It is on hold: release it or reject it first."),
    TubeStatus.REJECTED: Phrase("It was rejected: destroy it."),
    TubeStatus.STORED: Phrase("It is on the shelf: take it from there first."),
    TubeStatus.MISSING: Phrase("It was declared missing: record that it was found first."),
    TubeStatus.NOT_COLLECTED: Phrase("It was never filled. Order another tube."),
    TubeStatus.CONSUMED: Phrase("It is used up. Declare an error if that is wrong."),
    TubeStatus.DESTROYED: Phrase("It was destroyed. Declare an error if that is wrong."),
    TubeStatus.VOIDED: Phrase("It was cancelled before it was drawn. Order another tube."),
}

STEP = {
    EventType.LABEL_PRINTED: Phrase("given a label"),
    EventType.LABEL_APPLIED: Phrase("labelled"),
    EventType.LABEL_ALARM: Phrase("scanned as labelled a second time"),
    EventType.COLLECTED: Phrase("collected"),
    EventType.NOT_COLLECTED: Phrase("marked as not collected"),
    EventType.PROCESSED: Phrase("processed"),
    EventType.PROCESS_FAILED: Phrase("marked as failed in processing"),
    EventType.ALIQUOTED: Phrase("divided"),
    EventType.DERIVED: Phrase("filled from another tube"),
    EventType.PACKED: Phrase("packed"),
    EventType.UNPACKED: Phrase("taken out of a box"),
    EventType.HANDED_OVER: Phrase("handed to the carrier"),
    EventType.RECEIVED: Phrase("received"),
    EventType.RECEIVED_UNANNOUNCED: Phrase("received without a shipment"),
    EventType.HELD: Phrase("put on hold"),
    EventType.RELEASED: Phrase("released"),
    EventType.REJECTED: Phrase("rejected"),
    EventType.CONDITION_NOTED: Phrase("marked with a condition"),
    EventType.STORED: Phrase("put to stock"),
    EventType.MOVED: Phrase("moved"),
    EventType.RETRIEVED: Phrase("taken from stock"),
    EventType.DECLARED_MISSING: Phrase("declared missing"),
    EventType.FOUND: Phrase("marked as found"),
    EventType.RELABELLED: Phrase("given another label"),
    EventType.DE_IDENTIFIED: Phrase("de-identified"),
    EventType.CONSUMED: Phrase("marked as used up"),
    EventType.DESTROYED: Phrase("destroyed"),
    EventType.VOIDED: Phrase("cancelled"),
    EventType.WITHDRAWN: Phrase("put on hold for a withdrawal"),
    EventType.ERROR_DECLARED: Phrase("corrected"),
}
