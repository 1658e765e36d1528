"""Everything that can be done with donors, orders, tubes, boxes, shipments and receipts."""

from biobank.specimens.arrivals import record_temperature
from biobank.specimens.bench import also_here, count_late, current_shipment, last_scans, late_scans, progress_of
from biobank.specimens.cases import find_case
from biobank.specimens.closing import close_receipt
from biobank.specimens.donors import add_donor, hold_donor
from biobank.specimens.drawing import Spin, collect, instead, not_collected, offer_instead, process
from biobank.specimens.labelling import LabelAppliedTwice, apply_label, print_labels, raise_alarm
from biobank.specimens.log import is_whole, rebuild, story
from biobank.specimens.losing import find_again, lose, lost
from biobank.specimens.order_sorts import read_kit
from biobank.specimens.orders import cancel_order, finalise_order, find_order, kind_of, order_for, start_order, tubes_at
from biobank.specimens.orders_changing import amend, cancel_final, restore
from biobank.specimens.orders_changing import history as order_history
from biobank.specimens.packing import find_box, open_box, open_boxes, pack, tubes_in, waiting
from biobank.specimens.parcels import carrier_scanned, declare_lost, open_overdue
from biobank.specimens.photos import add_photo
from biobank.specimens.predraw import Answers
from biobank.specimens.receiving import receive, receive_scan, receive_scans
from biobank.specimens.shipping import find_shipment, hand_over, recent, ship, void_shipment
from biobank.specimens.storage.shelving import put_away
from biobank.specimens.storing import find_tube, note_condition, release, tube_by_code
from biobank.specimens.temperatures import ask_release, import_logger, release_excursion
from biobank.specimens.verifying import differences

__all__ = [
    "Answers",
    "LabelAppliedTwice",
    "Spin",
    "add_donor",
    "add_photo",
    "also_here",
    "amend",
    "apply_label",
    "ask_release",
    "cancel_final",
    "cancel_order",
    "carrier_scanned",
    "close_receipt",
    "collect",
    "count_late",
    "current_shipment",
    "declare_lost",
    "differences",
    "finalise_order",
    "find_again",
    "find_box",
    "find_case",
    "find_order",
    "find_shipment",
    "find_tube",
    "hand_over",
    "hold_donor",
    "import_logger",
    "instead",
    "is_whole",
    "kind_of",
    "last_scans",
    "late_scans",
    "lose",
    "lost",
    "not_collected",
    "note_condition",
    "offer_instead",
    "open_box",
    "open_boxes",
    "open_overdue",
    "order_for",
    "order_history",
    "pack",
    "print_labels",
    "process",
    "progress_of",
    "put_away",
    "raise_alarm",
    "read_kit",
    "rebuild",
    "receive",
    "receive_scan",
    "receive_scans",
    "recent",
    "record_temperature",
    "release",
    "release_excursion",
    "restore",
    "ship",
    "start_order",
    "story",
    "tube_by_code",
    "tubes_at",
    "tubes_in",
    "void_shipment",
    "waiting",
]
