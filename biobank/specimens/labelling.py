"""Labels of an order's tubes: printing them in draw order, and the scan that proves one is on its tube."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from biobank.access.models import Site
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound
from biobank.specimens import codes, log, orders, tubes
from biobank.specimens.custody import EventType, TubeStatus
from biobank.specimens.entry import EnteredBy
from biobank.specimens.models import UNDRAWN, CollectionOrder, CustodyEvent, SubjectKind, Tube
from biobank.specimens.tubes import TubeType
from biobank.stations import actions as stations
from biobank.stations.models import PrintBatch, PrintJob
from labels import Kind

# The two labels of one specimen: first the cup, then the tube filled from it.
_PARTS = {1: ("",), 2: ("cup", "tube")}


def print_labels(
    tx: Tx,
    order_id: UUID,
    *,
    station_id: UUID | None = None,
    tube_ids: Collection[UUID] = (),
    reason: str | None = None,
) -> list[PrintJob]:
    """Ask a station to print the labels that are not printed yet, in draw order, or these tubes' once more.

    A label printed again needs the reason. Raises Conflict when all are printed, Invalid without a reason or station.
    """
    order = orders.lock_open(tx, order_id)
    wanted = _wanted(order, tube_ids, reason)
    desk = station_id or order.station_id
    if desk is None:
        raise Invalid("No station is known for these labels. Check the participant in at a station.", code="no-station")
    batch = stations.start_batch(tx, desk, order.code)
    jobs = []
    for tube in wanted:
        log.record(tx, tube, EventType.LABEL_PRINTED, reason=reason)
        jobs += _jobs(tx, order, tube, batch, reason)
    orders.settle(order)
    tx.session.flush()
    return jobs


class LabelAppliedTwice(Conflict):
    """A label is on its tube already and was scanned as applied once more: two labels may bear one code."""

    def __init__(self, tube: Tube, raw_scan: str, entered_by: EnteredBy) -> None:
        super().__init__("Stop: label %(label)s was applied before. Two tubes must never bear one code. Take this "
                         "label off, and call your supervisor if it is on another tube.", code="label-applied-twice",
                         label=tube.code)  # fmt: skip
        self.tube_id, self.raw_scan, self.entered_by = tube.id, raw_scan, entered_by


def apply_label(
    tx: Tx, order_id: UUID, code: str, *, kind: str | None = None, entered_by: EnteredBy = EnteredBy.UNKNOWN
) -> Tube:
    """Record that the scanned label is on its tube. `kind` is the tube in the clerk's hand, where that is known.

    A specimen with two labels, a urine cup and its tube, is scanned once for each. Raises a loud refusal for another
    collection's label, another tube's, and LabelAppliedTwice for one that is on a tube already.
    """
    order = orders.lock_open(tx, order_id)
    text = codes.read(code, Kind.TUBE)
    tube = next((one for one in order.tubes if one.code == text), None)
    if tube is None:
        raise _stranger(tx, text)
    _require_kind(order, tube, kind)
    if tube.applied_at is None or tube.state.is_over:
        log.record(tx, tube, EventType.LABEL_APPLIED, raw_scan=code, detail={"entered_by": str(entered_by)})
    if not stations.note_applied(tx, text, how=f"{tx.actor.name} scanned it on its tube."):
        raise LabelAppliedTwice(tube, code, entered_by)
    orders.settle(order)
    tx.session.flush()
    return tube


def raise_alarm(tx: Tx, alarm: LabelAppliedTwice) -> None:
    """Keep in the tube's story that its label was scanned as applied once more; the scan itself was refused."""
    tube = tx.session.scalar(sa.select(Tube).filter_by(id=alarm.tube_id).with_for_update())
    if tube is not None:
        log.record(tx, tube, EventType.LABEL_ALARM, raw_scan=alarm.raw_scan, reason="applied-twice",
                   detail={"entered_by": str(alarm.entered_by)})  # fmt: skip
        orders.settle(tube.order)


def alarms_of(tx: Tx, order: CollectionOrder) -> dict[UUID, int]:
    """How often a label of an order's tubes was scanned as applied once too often, by tube."""
    query = sa.select(CustodyEvent.subject_id, sa.func.count()).group_by(CustodyEvent.subject_id)
    query = query.where(CustodyEvent.subject_kind == SubjectKind.TUBE, CustodyEvent.type == str(EventType.LABEL_ALARM))
    found = tx.session.execute(query.where(CustodyEvent.subject_id.in_([tube.id for tube in order.tubes])))
    return {tube_id: int(count) for tube_id, count in found}


def _wanted(order: CollectionOrder, tube_ids: Collection[UUID], reason: str | None) -> list[Tube]:
    fresh = [tube for tube in order.tubes if tube.state is TubeStatus.ORDERED]
    if not tube_ids:
        if not fresh:
            raise Conflict("Every label of this collection is printed. To print one again, choose it and say why.",
                           code="labels-printed")  # fmt: skip
        return fresh
    again = [orders.tube_of(order, tube_id) for tube_id in tube_ids]
    if not reason and any(tube not in fresh for tube in again):
        raise Invalid("Say why the label is printed again, and destroy the first one.", code="reason-missing")
    done = next((tube for tube in again if tube.state not in UNDRAWN), None)
    if done is not None:
        raise Conflict("This tube is drawn or given up already. A drawn tube gets a new label on its own page.",
                       code="label-too-late")  # fmt: skip
    return again


def label_of(tx: Tx, tube: Tube) -> stations.Label:
    """The label that is on a tube; of a specimen with two the tube's own, not its cup's."""
    return _label(tx, tube.order, tube, _PARTS[tube.labels][-1])


def _jobs(tx: Tx, order: CollectionOrder, tube: Tube, batch: PrintBatch, reason: str | None) -> list[PrintJob]:
    return [
        stations.request_label(tx, batch.station_id, _label(tx, order, tube, part), reason=reason, batch_id=batch.id)
        for part in _PARTS[tube.labels]
    ]


def _label(tx: Tx, order: CollectionOrder, tube: Tube, part: str) -> stations.Label:
    kind = orders.kind_of(order, tube)
    # The count is that of the order's start: a label printed again must say what the first one said.
    at_start = sum(not set(orders.kind_of(order, one).only_without) & {other.kind for other in order.tubes}
                   for one in order.tubes)  # fmt: skip
    of_all = f"{tube.position}/{max(at_start, tube.position)} {part}".strip()
    return stations.Label(data=_data(tx, order, tube, kind, of_all), object_kind="tube", object_code=tube.code,
                          sort=tube.kind, part=part)  # fmt: skip


def _data(tx: Tx, order: CollectionOrder, tube: Tube, kind: TubeType, n_of_m: str) -> dict[str, str]:
    """What the label says. The person's code is the biobank's: the tube travels there."""
    site = tx.session.get(Site, order.site_id)
    return {
        "tube_id": tube.code,
        "collection_id": order.code,
        "participant_code": order.donor.code,
        "sample_code": tube.kind,
        "sample_word": kind.short.en,
        "site_code": site.code if site else "",
        "collected_at": "",
        "n_of_m": n_of_m,
    }


def _stranger(tx: Tx, code: str) -> Conflict | NotFound:
    if tx.session.scalar(sa.select(Tube.id).filter_by(code=code)):
        return Conflict("Stop: this label belongs to another collection. Take it off this tube and find whose it is "
                        "before you go on.", code="label-of-another-order")  # fmt: skip
    return NotFound("No tube has this label. Put it aside, and print the labels of this collection.")


def _require_kind(order: CollectionOrder, tube: Tube, kind: str | None) -> None:
    if kind is not None and kind != tube.kind:
        held = tubes.load(order.tube_set).tube(kind)
        meant = orders.kind_of(order, tube)
        raise Conflict("Stop: this label is for the %(meant)s (%(cap)s cap). You hold the %(held)s.",
                       code="label-of-another-kind", meant=meant.short, cap=meant.cap_colours,
                       held=held.short)  # fmt: skip
